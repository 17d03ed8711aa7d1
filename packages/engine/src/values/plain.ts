/** Checks what comes from outside (a handler's answer, a program's input): only what JSON can hold gets in. */

import type { Properties, PropertyValue } from "../provider.ts";
import { setProperty } from "./wire.ts";

/** Deeper values overflow the stack of everything that reads state, Pulumi's own engine included. */
const MAX_DEPTH = 500;

/** A copy of `value` that JSON can hold; absent (`undefined`) properties are dropped. Throws, naming the path. */
export function plainProperties(value: unknown, what: string): Properties {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new Error(`${what} must be an object of properties, not ${describe(value)}`);
  }
  return plainObject(value, what, 0);
}

function plainObject(value: object, path: string, depth: number): Properties {
  if (depth > MAX_DEPTH) {
    throw new Error(
      `${path.slice(0, 80)}… is nested more than ${MAX_DEPTH} levels deep, or refers to itself`,
    );
  }
  const result: Record<string, PropertyValue> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    setProperty(result, key, plainValue(inner, `${path}.${key}`, depth + 1));
  }
  return result;
}

function plainValue(value: unknown, path: string, depth: number): PropertyValue {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value))
        throw new Error(`${path} is ${value}, which is not a value a property can have`);
      return value;
    case "undefined":
      return null;
    case "object":
      if (value === null) return null;
      if (Array.isArray(value)) {
        if (depth > MAX_DEPTH) return plainObject(value, path, depth) as PropertyValue;
        return value.map((element, index) => plainValue(element, `${path}[${index}]`, depth + 1));
      }
      if (value instanceof Date) return value.toISOString();
      if (value instanceof Uint8Array) throw new Error(`${path} is binary; properties hold JSON values only`);
      return plainObject(value, path, depth);
  }
  throw new Error(`${path} is ${describe(value)}, which is not a value a property can have`);
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
