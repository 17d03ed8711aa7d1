/** Reading what a request says: JSON gives numbers and booleans, Query gives strings. */
import { AwsError } from "../error.ts";
import { invalidValue, missing } from "./errors.ts";

export type Input = Readonly<Record<string, unknown>>;

function wrongType(name: string, expected: string): AwsError {
  return new AwsError("SerializationException", `${name} must be ${expected}.`);
}

export function text(input: Input, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw wrongType(name, "a string");
  return value;
}

export function requiredText(input: Input, name: string): string {
  const value = text(input, name);
  if (value === undefined || value === "") throw missing(name);
  return value;
}

/** A whole number within bounds. */
export function integer(input: Input, name: string, minimum: number, maximum: number): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number)) throw wrongType(name, "an integer");
  if (number < minimum || number > maximum) {
    throw invalidValue(number, name, `Must be between ${minimum} and ${maximum}, if provided`);
  }
  return number;
}

export function texts(input: Input, name: string): readonly string[] {
  const value = input[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) {
    throw wrongType(name, "a list of strings");
  }
  return value;
}

export function record(value: unknown, name: string): Input {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw wrongType(name, "a map");
  return value as Input;
}

/** A map of strings. */
export function textMap(input: Input, name: string): Record<string, string> {
  const map: Record<string, string> = {};
  for (const [key, value] of Object.entries(record(input[name], name))) {
    if (typeof value !== "string") throw wrongType(`${name}.${key}`, "a string");
    if (key !== "__proto__") map[key] = value;
  }
  return map;
}

export function records(input: Input, name: string): readonly Input[] {
  const value = input[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrongType(name, "a list");
  return value.map((item) => record(item, name));
}
