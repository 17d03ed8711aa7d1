/** Reading the inputs of KMS. */
import { AwsError } from "../error.ts";
import { type Input, optionalText, optionalWhole, pageFrom, structures } from "../protocol/json-input.ts";
import { invalid } from "./errors.ts";

function constraint(name: string, what: string): AwsError {
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  return invalid(
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must ${what}`,
  );
}

export function text(input: Input, name: string): string {
  const value = optionalText(input, name);
  if (!value) throw constraint(name, "not be null");
  return value;
}

export function oneOf<T extends string>(input: Input, name: string, values: readonly T[]): T | undefined {
  const value = optionalText(input, name);
  if (value === undefined) return undefined;
  const found = values.find((known) => known === value);
  if (found === undefined) throw constraint(name, `satisfy enum value set: [${values.join(", ")}]`);
  return found;
}

export function optionalInteger(input: Input, name: string, least: number, most: number): number | undefined {
  const value = optionalWhole(input, name);
  if (value === undefined) return undefined;
  if (value < least) throw constraint(name, `have value greater than or equal to ${least}`);
  if (value > most) throw constraint(name, `have value less than or equal to ${most}`);
  return value;
}

/** A member that carries bytes, in base64 on the wire. */
export function blob(input: Input, name: string, most: number): Buffer {
  const bytes = Buffer.from(text(input, name), "base64");
  if (bytes.length < 1) throw constraint(name, "have length greater than or equal to 1");
  if (bytes.length > most) throw constraint(name, `have length less than or equal to ${most}`);
  return bytes;
}

export type Tags = Readonly<Record<string, string>>;

export function tagsIn(input: Input): Tags {
  const tags: Record<string, string> = {};
  for (const item of structures(input, "Tags")) {
    const key = text(item, "TagKey");
    const value = optionalText(item, "TagValue") ?? "";
    if (key.length > 128 || value.length > 256 || key.startsWith("aws:") || Object.hasOwn(tags, key)) {
      throw new AwsError("TagException", `The tag ${key.slice(0, 128)} is not valid.`);
    }
    tags[key] = value;
  }
  return tags;
}

/** One page of a list; the marker is the position it goes on from. */
export function page<T>(input: Input, all: readonly T[], usual: number, most: number) {
  const size = optionalInteger(input, "Limit", 1, most) ?? usual;
  const found = pageFrom(all, optionalText(input, "Marker"), size);
  if (!found) throw new AwsError("InvalidMarkerException", "The Marker is not one that this KMS gave.");
  const { items, next } = found;
  return { items, rest: next ? { Truncated: true, NextMarker: next } : { Truncated: false } };
}

/** A request that only wants to know whether it would be allowed ends here. */
export function endDryRun(input: Input): void {
  if (input.DryRun !== true) return;
  throw new AwsError(
    "DryRunOperationException",
    "The request would have succeeded, but the DryRun option is set.",
    412,
  );
}
