/** Reading the parameters of a request that are no items. */
import { serialization, validation } from "./errors.ts";
import { isRecord } from "./value.ts";

export type Input = Readonly<Record<string, unknown>>;

const tableNameShape = /^[a-zA-Z0-9_.-]+$/;
const tableArnShape = /^arn:[^:]*:dynamodb:[^:]*:[^:]*:table\/([a-zA-Z0-9_.-]+)(?:\/.*)?$/;

/** One of the "n validation errors detected" of AWS's first line of checks. */
export function constraint(value: unknown, at: string, rule: string): Error {
  const shown = value === undefined || value === null ? "null" : `'${show(value)}'`;
  return validation(
    `1 validation error detected: Value ${shown} at '${at}' failed to satisfy constraint: ${rule}`,
  );
}

function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

const lowerFirst = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);

/** A table's name, given as such or within the table's ARN. */
export function readTableName(value: unknown, parameter = "TableName"): string {
  if (value === undefined || value === null) {
    throw validation(`The parameter '${parameter}' is required but was not present in the request`);
  }
  if (typeof value !== "string") throw serialization("Start of structure or map found where not expected");
  const name = value.startsWith("arn:") ? (tableArnShape.exec(value)?.[1] ?? value) : value;
  if (name.length < 3 || name.length > 255) {
    throw validation(`${parameter} must be at least 3 characters long and at most 255 characters long`);
  }
  if (!tableNameShape.test(name)) {
    throw constraint(
      value,
      lowerFirst(parameter),
      "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
    );
  }
  return name;
}

export function readText(input: Input, name: string): string | undefined {
  const value = input[name] ?? undefined;
  if (value !== undefined && typeof value !== "string") {
    throw serialization("Start of structure or map found where not expected");
  }
  return value;
}

export function readRequiredText(input: Input, name: string): string {
  const value = readText(input, name);
  if (value === undefined) throw constraint(value, lowerFirst(name), "Member must not be null");
  return value;
}

export function readFlag(input: Input, name: string): boolean | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined || typeof value === "boolean") return value;
  throw serialization("Unexpected token received from parser");
}

export function readChoice<Choice extends string>(
  input: Input,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const value = readText(input, name);
  if (value === undefined) return undefined;
  const found = choices.find((choice) => choice === value);
  if (!found) {
    throw constraint(value, lowerFirst(name), `Member must satisfy enum value set: [${choices.join(", ")}]`);
  }
  return found;
}

export function readInteger(
  input: Input,
  name: string,
  { least, most }: { readonly least?: number; readonly most?: number } = {},
): number | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== "number")
    throw serialization(
      `${typeof value === "string" ? "STRING_VALUE" : "value"} cannot be converted to Integer`,
    );
  if (least !== undefined && value < least) {
    throw constraint(value, lowerFirst(name), `Member must have value greater than or equal to ${least}`);
  }
  if (most !== undefined && value > most) {
    throw constraint(value, lowerFirst(name), `Member must have value less than or equal to ${most}`);
  }
  return Math.floor(value);
}

export function readList(input: Input, name: string): readonly unknown[] | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined || Array.isArray(value)) return value;
  throw serialization("Unexpected field type");
}

export function readStructure(input: Input, name: string): Input | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined || isRecord(value)) return value;
  throw serialization("Unexpected field type");
}

export function asStructure(value: unknown): Input {
  if (!isRecord(value)) throw serialization("Unexpected field type");
  return value;
}
