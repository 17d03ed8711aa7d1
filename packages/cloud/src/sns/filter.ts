/** Filter policies: which messages of a topic a subscription wants. */
import { compilePattern, type Json, type Pattern, PatternError, readPattern } from "../pattern/pattern.ts";
import { invalid } from "./errors.ts";
import type { Filterable, MessageAttributes } from "./model.ts";

export type FilterScope = "MessageAttributes" | "MessageBody";

const mostKeys = 5;
const mostCombinations = 150;

interface Weight {
  readonly keys: number;
  readonly combinations: number;
}

/** How many keys a policy has, and how many combinations of values, each counting for its depth. */
function weigh(policy: { readonly [key: string]: Json }, depth: number): Weight {
  let keys = 0;
  let combinations = 1;
  for (const [key, value] of Object.entries(policy)) {
    if (Array.isArray(value) && key !== "$or") {
      keys++;
      combinations *= value.length * depth;
      continue;
    }
    const parts = (Array.isArray(value) ? value : [value]) as readonly { readonly [key: string]: Json }[];
    const weights = parts.map((part) => weigh(part, key === "$or" ? depth : depth + 1));
    keys += weights.reduce((sum, weight) => sum + weight.keys, 0);
    combinations *= weights.reduce((sum, weight) => sum + weight.combinations, 0);
  }
  return { keys, combinations };
}

/** Compiles a filter policy; fails with `InvalidParameter` that says why. */
export function compileFilter(text: string, scope: FilterScope): (message: Filterable) => boolean {
  let pattern: Pattern;
  try {
    const policy = readPattern(text);
    pattern = compilePattern(policy);
    if (scope === "MessageAttributes") checkFlat(policy);
    const { keys, combinations } = weigh(policy, 1);
    if (keys > mostKeys) throw new PatternError(`Filter policy can not have more than ${mostKeys} keys`);
    if (combinations > mostCombinations) throw new PatternError("Filter policy is too complex");
  } catch (error) {
    if (error instanceof PatternError) throw invalid(`FilterPolicy: ${error.message}`);
    throw error;
  }
  if (scope === "MessageAttributes") return ({ attributes }) => pattern(attributesAsJson(attributes));
  return ({ body }) => {
    const value = body();
    return typeof value === "object" && value !== null && !Array.isArray(value) && pattern(value);
  };
}

function checkFlat(policy: { readonly [key: string]: Json }): void {
  for (const [key, value] of Object.entries(policy)) {
    if (Array.isArray(value)) continue;
    throw new PatternError(
      `Filter policy scope MessageAttributes does not support nested filter policy: ${key}`,
    );
  }
}

/** Message attributes as the values that conditions compare with; SNS ignores binary ones. */
function attributesAsJson(attributes: MessageAttributes): Json {
  const values: Record<string, Json> = {};
  for (const [name, { DataType, StringValue }] of Object.entries(attributes)) {
    if (DataType.startsWith("Number")) values[name] = Number(StringValue);
    else if (DataType === "String.Array") values[name] = readArray(StringValue ?? "");
    else if (!DataType.startsWith("Binary")) values[name] = StringValue ?? "";
  }
  return values;
}

function readArray(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? (value as Json[]) : text;
  } catch {
    return text;
  }
}
