/**
 * Event patterns: the tree of conditions that EventBridge rules, SNS filter policies and Lambda's event filters share.
 * Compiled once, a match is then a walk through the members a pattern names.
 */
import { compileLeaf, isObject, type Json, type Leaf, PatternError } from "./leaf.ts";

export { type Json, PatternError } from "./leaf.ts";

export type Pattern = (event: Json) => boolean;

/** `undefined` stands for a member that is not there. */
type Node = (value: Json | undefined) => boolean;

function leafNode({ tests, absent, present }: Leaf): Node {
  const one = (value: Json) => present || tests.some((test) => test(value));
  return (value) => {
    // Conditions speak of leaves: where there is an object, there is no leaf.
    if (value === undefined || isObject(value)) return absent;
    if (!Array.isArray(value)) return one(value);
    return value.length === 0 ? absent : value.some((element: Json) => !isObject(element) && one(element));
  };
}

function objectNode(pattern: { readonly [key: string]: Json }): Node {
  const members: [string, Node][] = [];
  const alternatives: Node[][] = [];
  for (const [key, value] of Object.entries(pattern)) {
    if (key === "$or" && isAlternatives(value)) alternatives.push(value.map(objectNode));
    else members.push([key, node(key, value)]);
  }
  const holds: Node = (value) => {
    const object = isObject(value) ? value : undefined;
    for (const [key, member] of members) {
      if (!member(object && Object.hasOwn(object, key) ? object[key] : undefined)) return false;
    }
    return alternatives.every((choice) => choice.some((one) => one(object)));
  };
  return (value) => {
    if (!Array.isArray(value)) return holds(value);
    // Every condition must hold for one and the same element.
    return value.length === 0 ? holds(undefined) : value.some((element: Json) => holds(element));
  };
}

/** `$or` is an operator when it holds a list of at least two patterns; else it is a name like any other. */
function isAlternatives(value: Json | undefined): value is readonly { readonly [key: string]: Json }[] {
  return (
    Array.isArray(value) &&
    value.length >= 2 &&
    value.every((one) => isObject(one) && Object.keys(one).length > 0 && !isOperator(one))
  );
}

const operators = new Set([
  "anything-but",
  "cidr",
  "equals-ignore-case",
  "exists",
  "numeric",
  "prefix",
  "suffix",
  "wildcard",
]);

function isOperator(value: { readonly [key: string]: Json }): boolean {
  return Object.keys(value).every((key) => operators.has(key));
}

function node(key: string, value: Json): Node {
  if (Array.isArray(value)) return leafNode(compileLeaf(value));
  if (!isObject(value)) throw new PatternError(`"${key}" must be an object or an array`);
  if (Object.keys(value).length === 0) throw new PatternError("Empty objects are not allowed");
  return objectNode(value);
}

/** Reads a pattern; fails with a `PatternError` that says why. */
export function readPattern(text: string): { readonly [key: string]: Json } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PatternError("Filter is not valid JSON");
  }
  if (!isObject(value)) throw new PatternError("Filter is not an object");
  return value;
}

/** Compiles a pattern; fails with a `PatternError` that says why. */
export function compilePattern(pattern: { readonly [key: string]: Json }): Pattern {
  return objectNode(pattern);
}
