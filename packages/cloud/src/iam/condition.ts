/** The condition operators, compiled once per policy document. */
import { BlockList, isIP } from "node:net";
import { arnGlob, type ContextLookup, exactly, fillable, glob, type Matcher } from "./glob.ts";
import type { ConditionBlock } from "./policy.ts";

export type Condition = (context: ContextLookup) => boolean;

interface CompileOptions {
  readonly variables: boolean;
}

type OperatorFactory = (want: string, options: CompileOptions) => Matcher;

/** Compares after turning both sides into numbers; a side that is none never matches. */
function ordered(
  read: (text: string) => number,
  holds: (given: number, wanted: number) => boolean,
): OperatorFactory {
  return (want) => {
    const wanted = read(want);
    return (text) => {
      const given = read(text);
      return !Number.isNaN(given) && !Number.isNaN(wanted) && holds(given, wanted);
    };
  };
}

const readNumber = (text: string) => (text.trim() === "" ? Number.NaN : Number(text));
/** ISO 8601, or seconds since the epoch. */
const readDate = (text: string) => (/^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text));

function cidr(want: string): Matcher {
  const [address = "", prefix] = want.split("/");
  const family = isIP(address);
  if (family === 0) return () => false;
  const type = family === 6 ? "ipv6" : "ipv4";
  const list = new BlockList();
  const bits = prefix === undefined ? (family === 6 ? 128 : 32) : Number(prefix);
  if (!Number.isInteger(bits) || bits < 0 || bits > (family === 6 ? 128 : 32)) return () => false;
  list.addSubnet(address, bits, type);
  return (text) => {
    const given = isIP(text);
    return given !== 0 && list.check(text, given === 6 ? "ipv6" : "ipv4");
  };
}

const operators: Readonly<Record<string, OperatorFactory>> = {
  StringEquals: (want, options) => exactly(want, options),
  StringEqualsIgnoreCase: (want, options) => exactly(want, { ...options, ignoreCase: true }),
  StringLike: (want, options) => glob(want, options),
  NumericEquals: ordered(readNumber, (given, wanted) => given === wanted),
  NumericLessThan: ordered(readNumber, (given, wanted) => given < wanted),
  NumericLessThanEquals: ordered(readNumber, (given, wanted) => given <= wanted),
  NumericGreaterThan: ordered(readNumber, (given, wanted) => given > wanted),
  NumericGreaterThanEquals: ordered(readNumber, (given, wanted) => given >= wanted),
  DateEquals: ordered(readDate, (given, wanted) => given === wanted),
  DateLessThan: ordered(readDate, (given, wanted) => given < wanted),
  DateLessThanEquals: ordered(readDate, (given, wanted) => given <= wanted),
  DateGreaterThan: ordered(readDate, (given, wanted) => given > wanted),
  DateGreaterThanEquals: ordered(readDate, (given, wanted) => given >= wanted),
  Bool: (want, options) => exactly(want, { ...options, ignoreCase: true }),
  BinaryEquals: (want) => (text) => text === want,
  IpAddress: cidr,
  ArnEquals: (want, options) => arnGlob(want, options),
  ArnLike: (want, options) => arnGlob(want, options),
};

const negations: Readonly<Record<string, string>> = {
  StringNotEquals: "StringEquals",
  StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
  StringNotLike: "StringLike",
  NumericNotEquals: "NumericEquals",
  DateNotEquals: "DateEquals",
  NotIpAddress: "IpAddress",
  ArnNotEquals: "ArnEquals",
  ArnNotLike: "ArnLike",
};

interface OperatorName {
  readonly base: string;
  readonly negated: boolean;
  readonly quantifier: "all" | "any" | undefined;
  readonly ifExists: boolean;
}

const canonicalNames = new Map(
  [...Object.keys(operators), ...Object.keys(negations), "Null"].map((name) => [name.toLowerCase(), name]),
);

/** Takes `ForAllValues:StringNotLikeIfExists` apart; undefined when there is no such operator. */
export function readOperator(name: string): OperatorName | undefined {
  const match = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/i.exec(name);
  const base = canonicalNames.get(match?.[2]?.toLowerCase() ?? "");
  if (!match || !base) return undefined;
  const quantifier = match[1]?.toLowerCase();
  return {
    base: negations[base] ?? base,
    negated: base in negations,
    quantifier: quantifier === undefined ? undefined : quantifier === "forallvalues" ? "all" : "any",
    ifExists: match[3] !== undefined,
  };
}

/** Compiles a statement's conditions: every one of them must hold. */
export function compileConditions(
  block: ConditionBlock | undefined,
  options: CompileOptions,
): readonly Condition[] {
  const conditions: Condition[] = [];
  for (const [name, keys] of Object.entries(block ?? {})) {
    const operator = readOperator(name);
    for (const [key, wanted] of Object.entries(keys)) {
      const wants = (Array.isArray(wanted) ? wanted : [wanted]).map(String);
      conditions.push(operator ? compileOne(operator, key.toLowerCase(), wants, options) : () => false);
    }
  }
  return conditions;
}

function compileOne(
  operator: OperatorName,
  key: string,
  wants: readonly string[],
  options: CompileOptions,
): Condition {
  const { base, negated, quantifier, ifExists } = operator;
  if (base === "Null") {
    const wanted = new Set(wants.map((want) => want.toLowerCase()));
    return (context) => wanted.has(String(context(key) === undefined));
  }
  const factory = operators[base];
  if (!factory) return () => false;
  const matchers = wants.map((want) => factory(want, options));
  // A value whose variable the request lacks equals nothing, and differs from nothing.
  const fills = options.variables && negated ? wants.filter((want) => want.includes("${")).map(fillable) : [];
  const single = (value: string, context: ContextLookup) =>
    matchers.some((matches) => matches(value, context)) !== negated && fills.every((fills) => fills(context));
  // No value at all is never “any value”, not even with IfExists.
  const whenMissing = quantifier === "any" ? false : ifExists || quantifier === "all" || negated;
  return (context) => {
    const given = context(key);
    if (given === undefined) return whenMissing;
    const values: readonly string[] = typeof given === "string" ? [given] : given;
    if (quantifier === "all") return values.every((value) => single(value, context));
    if (quantifier === "any") return values.some((value) => single(value, context));
    const [only] = values;
    return values.length === 1 && only !== undefined && single(only, context);
  };
}
