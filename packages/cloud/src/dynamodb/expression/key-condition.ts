/** Key conditions: which items of an index a query reads. */
import { invalidParameter, validation } from "../errors.ts";
import { type AttributeValue, compare, typeOf } from "../value.ts";
import type { Comparator, Condition, Operand } from "./ast.ts";
import { type Bindings, boundValue, resolvePath } from "./bindings.ts";

export type RangeOperator = "=" | "<" | "<=" | ">" | ">=" | "between" | "begins_with";

export interface KeyTest {
  readonly operator: RangeOperator;
  readonly values: readonly AttributeValue[];
}

/** What a query asks of the key: by attribute name. */
export type KeyTests = ReadonlyMap<string, KeyTest>;

export interface KeyAttribute {
  readonly name: string;
  readonly type: "S" | "N" | "B";
}

const mirrored: Partial<Record<Comparator, RangeOperator>> = {
  "=": "=",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

export function keyTestsOf(condition: Condition, bindings: Bindings): KeyTests {
  const tests = new Map<string, KeyTest>();
  collect(condition, bindings, tests);
  return tests;
}

function collect(node: Condition, bindings: Bindings, tests: Map<string, KeyTest>): void {
  switch (node.kind) {
    case "and":
      collect(node.left, bindings, tests);
      collect(node.right, bindings, tests);
      return;
    case "or":
    case "not":
    case "in":
      throw unusable(node.kind.toUpperCase());
    case "call":
      if (node.name !== "begins_with") throw unusable(node.name);
      if (node.args[0]?.kind !== "path") throw misplaced("begins_with");
      add(tests, node.args, "begins_with", bindings);
      return;
    case "between":
      if (node.operand.kind !== "path") throw misplaced("BETWEEN");
      add(tests, [node.operand, node.low, node.high], "between", bindings);
      return;
    case "compare": {
      if (node.operator === "<>") throw unusable("<>");
      const turned = node.left.kind !== "path" && node.right.kind === "path";
      const operator = turned ? mirrored[node.operator] : node.operator;
      add(tests, turned ? [node.right, node.left] : [node.left, node.right], operator ?? "=", bindings);
    }
  }
}

const unusable = (operator: string) =>
  validation(`Invalid operator used in KeyConditionExpression: ${operator}`);
const misplaced = (operator: string) =>
  validation(
    `Invalid condition in KeyConditionExpression: ${operator} operator must have the key attribute as its first operand`,
  );

function add(
  tests: Map<string, KeyTest>,
  [key, ...operands]: readonly Operand[],
  operator: RangeOperator,
  bindings: Bindings,
): void {
  if ([key, ...operands].some((operand) => operand?.kind === "call")) {
    throw validation("KeyConditionExpressions cannot contain nested operations");
  }
  if (key?.kind !== "path") {
    throw validation("Invalid condition in KeyConditionExpression: No key attribute specified");
  }
  if (operands.some((operand) => operand.kind === "path")) {
    throw validation(
      "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition",
    );
  }
  const path = resolvePath(key, bindings);
  if (path.length > 1)
    throw validation("KeyConditionExpressions cannot have conditions on nested attributes");
  const name = String(path[0]);
  if (tests.has(name)) throw validation("KeyConditionExpressions must only contain one condition per key");
  const values = operands.map((operand) =>
    boundValue(operand.kind === "value" ? operand.name : "", bindings),
  );
  tests.set(name, { operator, values });
}

/** The tests on hash and range key, checked against the schema of what is queried. */
export function matchSchema(
  tests: KeyTests,
  hash: KeyAttribute,
  range: KeyAttribute | undefined,
): { readonly hash: AttributeValue; readonly range: KeyTest | undefined } {
  if (tests.size !== 1 && tests.size !== 2) throw validation("Conditions can be of length 1 or 2 only");
  if (tests.size === 2 && !range) throw validation("Query key condition not supported");
  const hashTest = tests.get(hash.name);
  const rangeTest = range && tests.get(range.name);
  if (!hashTest) throw validation(`Query condition missed key schema element: ${hash.name}`);
  if (tests.size === 2 && !rangeTest) {
    throw validation(`Query condition missed key schema element: ${range?.name}`);
  }
  checkType(hashTest, hash);
  if (hashTest.operator !== "=") throw validation("Query key condition not supported");
  if (rangeTest && range) checkType(rangeTest, range);
  const [value] = hashTest.values;
  if (!value) throw validation("Query key condition not supported");
  return { hash: value, range: rangeTest };
}

function checkType({ operator, values }: KeyTest, key: KeyAttribute): void {
  if (values.some((value) => typeOf(value) !== key.type)) {
    throw invalidParameter("Condition parameter type does not match schema type");
  }
  if (operator === "begins_with" && key.type === "N") {
    throw invalidParameter("ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type");
  }
  if (operator === "=" && values.some((value) => value.S === "" || value.B === "")) {
    throw validation(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${key.name}`,
    );
  }
  const [low, high] = values;
  if (operator === "between" && low && high && (compare(low, high) ?? 0) > 0) {
    throw validation(
      "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound",
    );
  }
}
