/** The conditions on one value that event patterns and filter policies know. */
import { BlockList, isIP } from "node:net";

/** A pattern that makes no sense; services wrap the reason in an error of their own. */
export class PatternError extends Error {}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Whether a present value fulfils a condition. */
export type Test = (value: Json) => boolean;

export interface Leaf {
  /** At least one must hold for the value, or for one of its elements. */
  readonly tests: readonly Test[];
  /** Whether the condition also holds when there is no such member. */
  readonly absent: boolean;
  /** Whether it holds for anything that is there. */
  readonly present: boolean;
}

export function isObject(value: unknown): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}

function textTest(
  name: string,
  value: Json | undefined,
  test: (value: string, text: string) => boolean,
): Test {
  if (isObject(value)) {
    const inner = value["equals-ignore-case"];
    if (typeof inner !== "string" || Object.keys(value).length !== 1) {
      throw new PatternError(`${name} match pattern must be a string`);
    }
    const wanted = inner.toLowerCase();
    return (text) => typeof text === "string" && test(text.toLowerCase(), wanted);
  }
  if (typeof value !== "string") throw new PatternError(`${name} match pattern must be a string`);
  return (text) => typeof text === "string" && test(text, value);
}

function equals(value: Json): Test {
  return (other) => other === value;
}

const limit = 5_000_000_000;

function numericTest(range: Json | undefined): Test {
  if (!Array.isArray(range) || range.length === 0) {
    throw new PatternError("Value of numeric must be an array of comparisons.");
  }
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < range.length; index += 2) {
    const operator: unknown = range[index];
    const bound: unknown = range[index + 1];
    if (typeof bound !== "number" || Math.abs(bound) > limit) {
      throw new PatternError(`Value of ${show(operator)} must be numeric, between -5e9 and 5e9`);
    }
    if (operator === "=") tests.push((value) => value === bound);
    else if (operator === "<") tests.push((value) => value < bound);
    else if (operator === "<=") tests.push((value) => value <= bound);
    else if (operator === ">") tests.push((value) => value > bound);
    else if (operator === ">=") tests.push((value) => value >= bound);
    else throw new PatternError(`Unrecognized numeric range operator: ${show(operator)}`);
  }
  checkRange(range);
  return (value) => typeof value === "number" && tests.every((test) => test(value));
}

/** A range has a lower and then a higher bound, or only one of them. */
function checkRange(range: readonly Json[]): void {
  const [first, low, second, high] = range;
  if (range.length === 2) return;
  if (range.length !== 4) throw new PatternError("Too many terms in numeric range expression");
  if (!String(first).startsWith(">") || !String(second).startsWith("<")) {
    throw new PatternError("Bad numeric range operator: a range reads from > or >= to < or <=");
  }
  if (Number(low) >= Number(high)) throw new PatternError("Bottom must be less than top");
}

function cidrTest(cidr: Json | undefined): Test {
  const [address = "", bits = ""] = typeof cidr === "string" ? cidr.split("/") : [];
  const version = isIP(address);
  const width = bits === "" ? (version === 6 ? 128 : 32) : Number(bits);
  if (version === 0 || !Number.isInteger(width) || width < 0 || width > (version === 6 ? 128 : 32)) {
    throw new PatternError(`Malformed CIDR, ${show(cidr)}`);
  }
  const family = version === 6 ? "ipv6" : "ipv4";
  const block = new BlockList();
  block.addSubnet(address, width, family);
  return (value) => typeof value === "string" && isIP(value) === version && block.check(value, family);
}

function wildcardTest(pattern: Json | undefined): Test {
  if (typeof pattern !== "string") throw new PatternError("wildcard match pattern must be a string");
  const parts: string[] = [];
  let part = "";
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern.charAt(index);
    if (character === "\\") {
      const next = pattern.charAt(++index);
      if (next !== "*" && next !== "\\") {
        throw new PatternError(`Invalid escape character at pos ${index - 1}`);
      }
      part += next;
    } else if (character === "*") {
      if (pattern.charAt(index + 1) === "*") {
        throw new PatternError(`Consecutive wildcard characters at pos ${index}`);
      }
      parts.push(part);
      part = "";
    } else {
      part += character;
    }
  }
  parts.push(part);
  return (value) => typeof value === "string" && matchesParts(value, parts);
}

/** Whether a text is the parts in order, with anything between them. */
function matchesParts(text: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? "";
  const last = parts.at(-1) ?? "";
  if (parts.length === 1) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const at = text.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return from <= text.length - last.length;
}

function anythingBut(value: Json | undefined): Test {
  if (isObject(value)) {
    const [[operator, operand] = ["", undefined]] = Object.entries(value);
    if (!["prefix", "suffix", "equals-ignore-case", "wildcard"].includes(operator)) {
      throw new PatternError(`Unsupported anything-but pattern: ${operator}`);
    }
    const operands: readonly Json[] = Array.isArray(operand) ? operand : [operand ?? null];
    if (operands.length === 0) throw new PatternError("Anything-But list must not be empty");
    const tests = operands.map((one) => operatorTest(operator, one));
    return (other) => !isObject(other) && !tests.some((test) => test(other));
  }
  const excluded: readonly Json[] = Array.isArray(value) ? value : [value ?? null];
  if (excluded.length === 0) throw new PatternError("Anything-But list must not be empty");
  const kind = typeof excluded[0];
  if ((kind !== "string" && kind !== "number") || excluded.some((one) => typeof one !== kind)) {
    throw new PatternError("Inside anything but list, either all values are numbers or strings");
  }
  const set = new Set(excluded);
  return (other) => !set.has(other) && !isObject(other);
}

function operatorTest(operator: string, operand: Json | undefined): Test {
  switch (operator) {
    case "prefix":
      return textTest("prefix", operand, (text, wanted) => text.startsWith(wanted));
    case "suffix":
      return textTest("suffix", operand, (text, wanted) => text.endsWith(wanted));
    case "equals-ignore-case":
      if (isObject(operand)) throw new PatternError("equals-ignore-case match pattern must be a string");
      return textTest(
        "equals-ignore-case",
        operand,
        (text, wanted) => text.toLowerCase() === wanted.toLowerCase(),
      );
    case "wildcard":
      return wildcardTest(operand);
    case "numeric":
      return numericTest(operand);
    case "cidr":
      return cidrTest(operand);
    case "anything-but":
      return anythingBut(operand);
    default:
      throw new PatternError(`Unrecognized match type ${operator}`);
  }
}

/** Compiles the list of conditions on one member. */
export function compileLeaf(conditions: readonly Json[]): Leaf {
  if (conditions.length === 0) throw new PatternError("Empty arrays are not allowed");
  const tests: Test[] = [];
  let absent = false;
  let present = false;
  for (const condition of conditions) {
    if (Array.isArray(condition))
      throw new PatternError("Match value must be String, number, true, false, or null");
    if (!isObject(condition)) {
      tests.push(equals(condition));
      continue;
    }
    const [entry, ...others] = Object.entries(condition);
    if (!entry || others.length > 0) throw new PatternError("Only one key allowed in match expression");
    const [operator, operand] = entry;
    if (operator !== "exists") {
      tests.push(operatorTest(operator, operand));
    } else if (operand === true) {
      present = true;
    } else if (operand === false) {
      absent = true;
    } else {
      throw new PatternError("exists match pattern must be either true or false.");
    }
  }
  return { tests, absent, present };
}
