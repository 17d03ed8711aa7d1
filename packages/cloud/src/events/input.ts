/** Reading what a request says. */
import { invalid } from "./errors.ts";

export type Input = Readonly<Record<string, unknown>>;

export function text(input: Input, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw invalid(`${name} must be a string.`);
  return value;
}

export function requiredText(input: Input, name: string): string {
  const value = text(input, name);
  if (!value) {
    throw invalid(
      `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`,
    );
  }
  return value;
}

export function records(input: Input, name: string): readonly Input[] {
  const value = input[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalid(`${name} must be a list.`);
  return value.map((item: unknown) => {
    if (typeof item !== "object" || item === null) throw invalid(`${name} must be a list of structures.`);
    return item as Input;
  });
}

export function texts(input: Input, name: string): readonly string[] {
  const value = input[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) {
    throw invalid(`${name} must be a list of strings.`);
  }
  return value;
}

/** Tags, given as a list of keys and values, as a map. */
export function tags(input: Input): Record<string, string> {
  return Object.fromEntries(
    records(input, "Tags").map((tag) => [requiredText(tag, "Key"), text(tag, "Value") ?? ""]),
  );
}

/** A page of a list, and where the next one begins. */
export function page<T>(
  all: readonly T[],
  input: Input,
): { items: readonly T[]; NextToken: string | undefined } {
  const limit = typeof input.Limit === "number" ? input.Limit : 100;
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw invalid("Limit must be between 1 and 100.");
  const token = text(input, "NextToken");
  const start = token ? Number(Buffer.from(token, "base64url").toString()) : 0;
  if (!Number.isInteger(start) || start < 0) throw invalid("NextToken is not valid.");
  const end = start + limit;
  return {
    items: all.slice(start, end),
    NextToken: end < all.length ? Buffer.from(String(end)).toString("base64url") : undefined,
  };
}
