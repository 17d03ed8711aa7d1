/** Where moto is known to differ from AWS, and why we do not follow it. */
import type { Json } from "../../../packages/cloud/src/pattern/pattern.ts";
import type { Case, EventCase, SnsCase } from "./cases.ts";

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Every list of conditions of a pattern, with the value it speaks of. */
function leaves(
  pattern: Json,
  value: Json | undefined,
): { conditions: readonly Json[]; value: Json | undefined }[] {
  if (Array.isArray(pattern)) return [{ conditions: pattern, value }];
  if (!isObject(pattern)) return [];
  return Object.entries(pattern).flatMap(([key, node]) =>
    leaves(node, isObject(value) ? value[key] : undefined),
  );
}

function explainSns(one: SnsCase): string | undefined {
  const body = one.scope === "MessageBody" ? (JSON.parse(one.message) as Json) : undefined;
  const found = leaves(one.pattern, body);
  if (one.scope === "MessageAttributes") {
    const named = Object.keys(one.pattern).map((key) => one.attributes[key]?.Type);
    // AWS: “If the attribute is a String.Array, each of its elements is compared.”
    if (named.includes("String.Array")) return "moto compares a String.Array's text, AWS its elements";
  }
  if (found.some(({ value }) => isObject(value)))
    return "moto takes an object for a value, AWS conditions speak of leaves";
  if (found.some(({ conditions, value }) => Array.isArray(value) && conditions.length > 0)) {
    return "moto compares a list as a whole, AWS its elements";
  }
  const operators = JSON.stringify(one.pattern);
  if (operators.includes("equals-ignore-case")) return "moto ignores the case of one side only";
  if (operators.includes("exists") && found.some(({ value }) => value === undefined)) {
    return "moto finds nothing absent below what is absent";
  }
  if (
    operators.includes('"anything-but":{"prefix"') &&
    found.some(({ value }) => typeof value === "number")
  ) {
    return "moto's anything-but with a prefix takes no numbers";
  }
  // One condition that cannot apply to the value's type ends moto's search, on AWS one that applies is enough.
  if (found.some(({ conditions }) => conditions.length > 1))
    return "moto stops at the first condition that cannot apply";
  return undefined;
}

function explainEvent({ pattern, event }: EventCase): string | undefined {
  const alternatives = isObject(pattern) && Array.isArray(pattern.$or) ? pattern.$or : [];
  const found = [pattern, ...alternatives].flatMap((one: Json) => leaves(one, event));
  if (found.some(({ value }) => isObject(value) && Object.keys(value).length === 0)) {
    return "moto takes an empty object for a value, AWS for nothing";
  }
  const values = found.flatMap(({ value }) => (Array.isArray(value) ? value : [value]));
  const conditions = JSON.stringify(found.map((one) => one.conditions));
  const comparesBoth = values.some((value) => typeof value === "boolean") && /\d/.test(conditions);
  const comparesFlags = values.some((value) => typeof value === "number") && /true|false/.test(conditions);
  if (comparesBoth || comparesFlags) return "to Python true is 1 and false is 0";
  return undefined;
}

export function explain(one: Case, _ours: boolean, moto: boolean | string | undefined): string | undefined {
  if (typeof moto === "string") return `moto fails with ${moto.split(":")[0]}`;
  return one.kind === "sns" ? explainSns(one) : explainEvent(one);
}
