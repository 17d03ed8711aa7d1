/** Reading the members of a JSON request, which come as anything at all. */
import { AwsError } from "../error.ts";

export type Input = Readonly<Record<string, unknown>>;

function wrongType(name: string, expected: string): AwsError {
  return new AwsError("SerializationException", `${name} must be ${expected}.`);
}

/** A member that is not there may as well be `null`. */
function member(input: Input, name: string): unknown {
  return input[name] ?? undefined;
}

export function optionalText(input: Input, name: string): string | undefined {
  const value = member(input, name);
  if (value === undefined || typeof value === "string") return value;
  throw wrongType(name, "a string");
}

export function optionalTexts(input: Input, name: string): readonly string[] | undefined {
  const value = member(input, name);
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw wrongType(name, "a list of strings");
}

export function optionalWhole(input: Input, name: string): number | undefined {
  const value = member(input, name);
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isInteger(value)) return value;
  throw wrongType(name, "an integer");
}

/** A map of strings; empty where there is none. */
export function textMap(input: Input, name: string): Readonly<Record<string, string>> {
  const value = member(input, name) ?? {};
  if (
    typeof value === "object" &&
    !Array.isArray(value) &&
    Object.values(value).every((item) => typeof item === "string")
  ) {
    return value as Record<string, string>;
  }
  throw wrongType(name, "a map of strings");
}

/** A list of structures; empty where there is none. */
export function structures(input: Input, name: string): readonly Input[] {
  const value = member(input, name) ?? [];
  if (Array.isArray(value) && value.every((item) => typeof item === "object" && item !== null)) return value;
  throw wrongType(name, "a list of structures");
}

/** One page of a list, where the token is the position it goes on from; `undefined` for a token nobody gave out. */
export function pageFrom<T>(
  all: readonly T[],
  token: string | undefined,
  size: number,
): { readonly items: readonly T[]; readonly next: string | undefined } | undefined {
  const from = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(from) || from < 0) return undefined;
  const next = from + size;
  return { items: all.slice(from, next), next: next < all.length ? String(next) : undefined };
}
