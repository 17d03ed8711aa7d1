/** Reading the inputs of KMS. */
import { AwsError } from "../error.ts";
import { invalid } from "./errors.ts";

export type Input = Readonly<Record<string, unknown>>;

function constraint(name: string, what: string): AwsError {
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  return invalid(
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must ${what}`,
  );
}

export function optionalText(input: Input, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw new AwsError("SerializationException", `${name} must be a string.`);
  return value;
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
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw new AwsError("SerializationException", `${name} must be an integer.`);
  }
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

export function texts(input: Input, name: string): readonly string[] | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || value.some((item) => typeof item !== "string")) {
    throw new AwsError("SerializationException", `${name} must be a list of strings.`);
  }
  return value as string[];
}

/** A map of strings: an encryption context. */
export function textMap(input: Input, name: string): Readonly<Record<string, string>> {
  const value = input[name] ?? {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new AwsError("SerializationException", `${name} must be a map of strings.`);
  }
  for (const item of Object.values(value)) {
    if (typeof item !== "string")
      throw new AwsError("SerializationException", `${name} must be a map of strings.`);
  }
  return value as Record<string, string>;
}

/** A member that is a list of structures. */
export function structures(input: Input, name: string): readonly Input[] {
  const value = input[name] ?? [];
  if (!Array.isArray(value) || value.some((item) => typeof item !== "object" || item === null)) {
    throw new AwsError("SerializationException", `${name} must be a list of structures.`);
  }
  return value as readonly Input[];
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
  const marker = optionalText(input, "Marker");
  const from = marker === undefined ? 0 : Number(marker);
  if (!Number.isInteger(from) || from < 0) {
    throw new AwsError("InvalidMarkerException", "The Marker is not one that this KMS gave.");
  }
  const next = from + size;
  const more = next < all.length;
  return {
    items: all.slice(from, next),
    rest: more ? { Truncated: true, NextMarker: String(next) } : { Truncated: false },
  };
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
