/** Reading what a request says. */
import { AwsError } from "../error.ts";

export type Input = Readonly<Record<string, unknown>>;

export function invalid(message: string): AwsError {
  return new AwsError("BadRequestException", message);
}

export function text(input: Input, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw invalid(`${name} must be a string.`);
  return value;
}

export function requiredText(input: Input, name: string): string {
  const value = text(input, name);
  if (!value) throw invalid(`${name} is required.`);
  return value;
}

export function flag(input: Input, name: string): boolean | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "boolean") throw invalid(`${name} must be true or false.`);
  return value;
}

export function texts(input: Input, name: string): readonly string[] | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (!list.every((item) => typeof item === "string")) throw invalid(`${name} must be a list of strings.`);
  return list as readonly string[];
}

export function textMap(input: Input, name: string): Record<string, string> | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "object" || Object.values(value).some((item) => typeof item !== "string")) {
    throw invalid(`${name} must be a map of strings.`);
  }
  return { ...value } as Record<string, string>;
}

export function integer(input: Input, name: string, minimum: number, maximum: number): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value) || value < minimum || value > maximum) {
    throw invalid(`${name} must be between ${minimum} and ${maximum}.`);
  }
  return value;
}

/** One of a few words. */
export function choice<T extends string>(input: Input, name: string, choices: readonly T[]): T | undefined {
  const value = text(input, name);
  if (value === undefined) return undefined;
  const found = choices.find((one) => one === value);
  if (!found) throw invalid(`${name} must be one of ${choices.join(", ")}, not ${value}.`);
  return found;
}
