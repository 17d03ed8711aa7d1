import { Output, Resource } from "@pulumi/pulumi";
import { BowlineError } from "../error.ts";

/**
 * What a program returned as it can be kept and shown. Dates, URLs and large numbers become text, as they do in JSON or
 * would have to; what has no form in JSON is refused by its name, where it would come out as `{}`.
 */
export function plainOutputs(outputs: unknown): unknown {
  return plainValue(outputs, "");
}

function plainValue(value: unknown, path: string): unknown {
  if (Output.isInstance(value)) return value.apply((known) => plainValue(known, path));
  if (Resource.isInstance(value)) return value;
  if (value instanceof Promise) return value.then((known) => plainValue(known, path));
  switch (typeof value) {
    case "bigint":
      return String(value);
    case "function":
    case "symbol":
      throw notPlain(path, `a ${typeof value}`);
    case "object":
      return value === null ? value : plainObject(value, path);
    default:
      return value;
  }
}

function plainObject(value: object, path: string): unknown {
  if (Array.isArray(value)) return value.map((item, index) => plainValue(item, `${path}[${index}]`));
  if (value instanceof Map || value instanceof Set) throw notPlain(path, `a ${value.constructor.name}`);
  if (value instanceof Date && Number.isNaN(value.getTime())) throw notPlain(path, "an invalid Date");
  if ("toJSON" in value && typeof value.toJSON === "function") return plainValue(value.toJSON(), path);
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, item]) => [key, plainValue(item, path === "" ? key : `${path}.${key}`)]),
  );
}

function notPlain(path: string, what: string): BowlineError {
  return new BowlineError(
    "bad-output",
    `The output ${path || "of run()"} is ${what}, which has no value to show.`,
    {
      hint: "Return text, numbers, booleans, lists and objects of these.",
    },
  );
}
