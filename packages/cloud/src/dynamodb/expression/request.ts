/** Reads the expressions of a request: parsed once a text, checked against this request's placeholders. */
import { AwsError } from "../../error.ts";
import { serialization, validation } from "../errors.ts";
import { type AttributeValue, checkValue, isRecord } from "../value.ts";
import type { Condition, Parsed, PathNode, Update } from "./ast.ts";
import { type Bindings, headOf, type Path, resolvePath } from "./bindings.ts";
import { checkApart, checkCondition, checkPlaceholders, checkUpdate } from "./check.ts";
import { parseCondition as parseConditionText } from "./condition-parser.ts";
import { type KeyTests, keyTestsOf } from "./key-condition.ts";
import { parseProjection as parseProjectionText, parseUpdate as parseUpdateText } from "./update-parser.ts";

export interface ExpressionInput {
  readonly ConditionExpression?: unknown;
  readonly FilterExpression?: unknown;
  readonly KeyConditionExpression?: unknown;
  readonly ProjectionExpression?: unknown;
  readonly UpdateExpression?: unknown;
  readonly ExpressionAttributeNames?: unknown;
  readonly ExpressionAttributeValues?: unknown;
}

export interface Expressions {
  readonly bindings: Bindings;
  readonly condition?: Condition;
  readonly filter?: Condition;
  readonly filterHeads?: ReadonlySet<string>;
  readonly keys?: KeyTests;
  readonly projection?: readonly Path[];
  readonly update?: Update;
}

type ExpressionName = Exclude<keyof ExpressionInput, `ExpressionAttribute${string}`>;

const cacheSize = 2000;
const noBindings: Bindings = { names: {}, values: {} };
const noExpressions: Expressions = { bindings: noBindings };

function remembered<Root>(parse: (source: string) => Parsed<Root>): (source: string) => Parsed<Root> {
  const cache = new Map<string, Parsed<Root>>();
  return (source) => {
    let parsed = cache.get(source);
    if (!parsed) {
      parsed = parse(source);
      if (cache.size >= cacheSize) cache.delete(cache.keys().next().value ?? "");
      cache.set(source, parsed);
    }
    return parsed;
  };
}

export const parseCondition = remembered<Condition>(parseConditionText);
export const parseUpdate = remembered<Update>(parseUpdateText);
export const parseProjection = remembered<readonly PathNode[]>(parseProjectionText);

export function readExpressions(input: ExpressionInput, allowed: readonly ExpressionName[]): Expressions {
  const present = allowed.filter((name) => input[name] !== undefined && input[name] !== null);
  const named = input.ExpressionAttributeNames ?? undefined;
  const valued = input.ExpressionAttributeValues ?? undefined;
  if (present.length === 0 && named === undefined && valued === undefined) return noExpressions;
  checkUse(present, allowed, named, valued);
  const bindings: Bindings = { names: readNames(named), values: readValues(valued) };
  const used = new Set<string>();

  function read<Root>(
    name: ExpressionName,
    parse: (source: string) => Parsed<Root>,
    check: (root: Root) => void,
  ): Parsed<Root> | undefined {
    const source = input[name];
    if (source === undefined || source === null || !allowed.includes(name)) return undefined;
    if (typeof source !== "string") throw serialization("Start of structure or map found where not expected");
    try {
      if (source.trim() === "") throw validation("The expression can not be empty;");
      const parsed = parse(source);
      checkPlaceholders(parsed, bindings);
      check(parsed.root);
      for (const placeholder of parsed.names) used.add(placeholder);
      for (const placeholder of parsed.values) used.add(placeholder);
      return parsed;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new AwsError(error.code, `Invalid ${name}: ${error.message}`);
    }
  }

  const update = read("UpdateExpression", parseUpdate, (root) => checkUpdate(root, bindings));
  const condition = read("ConditionExpression", parseCondition, (root) => checkCondition(root, bindings));
  const key = read("KeyConditionExpression", parseCondition, (root) => checkCondition(root, bindings));
  const filter = read("FilterExpression", parseCondition, (root) => checkCondition(root, bindings));
  const projection = read("ProjectionExpression", parseProjection, (root) => checkApart(root, bindings));
  checkUnused("ExpressionAttributeNames", bindings.names, used);
  checkUnused("ExpressionAttributeValues", bindings.values, used);
  return {
    bindings,
    condition: condition?.root,
    filter: filter?.root,
    filterHeads: filter && new Set(filter.paths.map((path) => headOf(path, bindings))),
    keys: key && keyTestsOf(key.root, bindings),
    projection: projection?.root.map((path) => resolvePath(path, bindings)),
    update: update?.root,
  };
}

function checkUse(
  present: readonly string[],
  allowed: readonly string[],
  names: unknown,
  values: unknown,
): void {
  if (names !== undefined && present.length === 0) {
    throw validation("ExpressionAttributeNames can only be specified when using expressions");
  }
  const withValues = allowed.filter((name) => name !== "ProjectionExpression");
  if (values !== undefined && !withValues.some((name) => present.includes(name))) {
    throw validation(
      `ExpressionAttributeValues can only be specified when using expressions: ${withValues.join(" and ")} ${withValues.length > 1 ? "are" : "is"} null`,
    );
  }
}

function readNames(input: unknown): Record<string, string> {
  if (input === undefined) return {};
  if (!isRecord(input)) throw serialization("Unexpected field type");
  checkKeys("ExpressionAttributeNames", /^#[0-9a-zA-Z_]+$/, input);
  for (const name of Object.values(input)) {
    if (typeof name !== "string") throw serialization("Start of structure or map found where not expected");
  }
  return input as Record<string, string>;
}

function readValues(input: unknown): Record<string, AttributeValue> {
  if (input === undefined) return {};
  if (!isRecord(input)) throw serialization("Unexpected field type");
  checkKeys("ExpressionAttributeValues", /^:[0-9a-zA-Z_]+$/, input);
  for (const [name, value] of Object.entries(input)) {
    try {
      checkValue(value);
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== "ValidationException") throw error;
      throw validation(`ExpressionAttributeValues contains invalid value: ${error.message} for key ${name}`);
    }
  }
  return input as Record<string, AttributeValue>;
}

function checkKeys(what: string, shape: RegExp, input: Record<string, unknown>): void {
  const keys = Object.keys(input);
  if (keys.length === 0) throw validation(`${what} must not be empty`);
  for (const key of keys) {
    if (!shape.test(key)) throw validation(`${what} contains invalid key: Syntax error; key: "${key}"`);
  }
}

function checkUnused(
  what: string,
  defined: Readonly<Record<string, unknown>>,
  used: ReadonlySet<string>,
): void {
  const unused = Object.keys(defined).filter((name) => !used.has(name));
  if (unused.length > 0) {
    throw validation(`Value provided in ${what} unused in expressions: keys: {${unused.join(", ")}}`);
  }
}
