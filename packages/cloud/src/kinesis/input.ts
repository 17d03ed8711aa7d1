/** Reading the inputs of Kinesis. */
import { constraint, invalidArgument, validation } from "./errors.ts";

export type Input = Readonly<Record<string, unknown>>;

export function optionalText(input: Input, name: string): string | undefined {
  const value = input[name] ?? undefined;
  if (value !== undefined && typeof value !== "string") throw validation(`${name} must be a string.`);
  return value;
}

export function text(input: Input, name: string): string {
  const value = optionalText(input, name);
  if (value === undefined) throw constraint(value, name, "Member must not be null");
  return value;
}

export function optionalInteger(input: Input, name: string, least: number, most: number): number | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value)) throw validation(`${name} must be an integer.`);
  if (value < least) {
    throw constraint(value, name, `Member must have value greater than or equal to ${least}`);
  }
  if (value > most) throw constraint(value, name, `Member must have value less than or equal to ${most}`);
  return value;
}

export function integer(input: Input, name: string, least: number, most: number): number {
  const value = optionalInteger(input, name, least, most);
  if (value === undefined) throw constraint(value, name, "Member must not be null");
  return value;
}

export function choice<T extends string>(input: Input, name: string, choices: readonly T[]): T {
  const value = text(input, name);
  const found = choices.find((one) => one === value);
  if (!found) throw constraint(value, name, `Member must satisfy enum value set: [${choices.join(", ")}]`);
  return found;
}

/** Milliseconds; clients send seconds, or text as other JSON services take it. */
export function optionalTime(input: Input, name: string): number | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined) return undefined;
  const time = typeof value === "number" ? value * 1000 : Date.parse(String(value));
  if (!Number.isFinite(time)) throw validation(`${name} is no timestamp.`);
  return time;
}

/** A partition key, and the hash key that may stand in its place. */
export function partitionKey(input: Input): string {
  const key = text(input, "PartitionKey");
  if (key.length < 1 || [...key].length > 256) {
    throw constraint(key, "PartitionKey", "Member must have length between 1 and 256");
  }
  return key;
}

export function hashKey(input: Input, name: string): bigint | undefined {
  const value = optionalText(input, name);
  if (value === undefined) return undefined;
  const key = /^(0|[1-9]\d{0,38})$/.test(value) ? BigInt(value) : undefined;
  if (key === undefined || key >= 2n ** 128n) {
    throw invalidArgument(`Invalid ${name}. ${name} must be in the range: [0, 2^128-1]. Specified: ${value}`);
  }
  return key;
}

const LARGEST_RECORD = 1024 * 1024;

export function recordData(input: Input): Buffer {
  const value = text(input, "Data");
  const data = Buffer.from(value, "base64");
  if (data.length > LARGEST_RECORD) {
    throw constraint(undefined, "Data", `Member must have length less than or equal to ${LARGEST_RECORD}`);
  }
  return data;
}

export function tagMap(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw validation("Tags must be a map of strings.");
  const tags: Record<string, string> = {};
  for (const [name, content] of Object.entries(value)) {
    if (typeof content !== "string") throw validation("Tags must be a map of strings.");
    if (name === "" || name.length > 128 || content.length > 256) {
      throw invalidArgument("A tag's key has 1 to 128 characters, its value up to 256.");
    }
    tags[name] = content;
  }
  return tags;
}

export function withTags(
  before: Readonly<Record<string, string>>,
  added: Readonly<Record<string, string>>,
): Record<string, string> {
  const tags = { ...before, ...added };
  if (Object.keys(tags).length > 50) throw invalidArgument("A stream can have at most 50 tags.");
  return tags;
}

export function withoutTags(before: Readonly<Record<string, string>>, keys: unknown): Record<string, string> {
  if (!Array.isArray(keys)) throw validation("TagKeys must be a list of strings.");
  return Object.fromEntries(Object.entries(before).filter(([name]) => !keys.includes(name)));
}
