/**
 * The parameters from before expressions (Expected, AttributeUpdates, KeyConditions, filters, AttributesToGet),
 * turned into expressions: nothing behind this file knows of them.
 */
import { invalidParameter, serialization, validation } from "./errors.ts";
import type { Condition, Operand, PathNode, Update } from "./expression/ast.ts";
import { type Bindings, boundValue, type Path } from "./expression/bindings.ts";
import { type KeyTest, type KeyTests, keyTestsOf } from "./expression/key-condition.ts";
import type { Expressions } from "./expression/request.ts";
import { asStructure, type Input, readChoice, readFlag, readList, readStructure, readText } from "./input.ts";
import { type AttributeValue, checkValue, compare, typeOf } from "./value.ts";

const operators = [
  ..."IN NULL BETWEEN LT NOT_CONTAINS EQ GT NOT_NULL NE LE BEGINS_WITH GE CONTAINS".split(" "),
] as readonly string[];
const comparators = { EQ: "=", NE: "<>", LT: "<", LE: "<=", GT: ">", GE: ">=" } as const;
const ordered = ["S", "N", "B"];

/** Refuses a request that speaks both ways; says whether it speaks the old one. */
export function usesLegacy(input: Input, expressions: readonly string[], legacy: readonly string[]): boolean {
  const old = legacy.filter((name) => input[name] !== undefined && input[name] !== null);
  if (old.length === 0) return false;
  const present = expressions.filter((name) => input[name] !== undefined && input[name] !== null);
  if (present.length > 0) {
    throw validation(
      `Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {${old.join(", ")}} Expression parameters: {${present.join(", ")}}`,
    );
  }
  return true;
}

/** Collects names and values as placeholders of its own. */
class Builder {
  readonly #names: Record<string, string> = {};
  readonly #values: Record<string, AttributeValue> = {};
  #count = 0;

  get bindings(): Bindings {
    return { names: this.#names, values: this.#values };
  }

  path(name: string): PathNode {
    const placeholder = `#${this.#count++}`;
    this.#names[placeholder] = name;
    return { kind: "path", parts: [placeholder] };
  }

  value(value: unknown): Operand & { kind: "value" } {
    checkValue(value);
    const name = `:${this.#count++}`;
    this.#values[name] = value as AttributeValue;
    return { kind: "value", name };
  }

  test(attribute: string, operator: string, values: readonly unknown[]): Condition {
    const path = this.path(attribute);
    const operands = values.map((value) => this.value(value));
    this.#checkArguments(operator, operands);
    const [first, second] = operands as [Operand, Operand];
    const comparator = comparators[operator as keyof typeof comparators];
    if (comparator) return { kind: "compare", operator: comparator, left: path, right: first };
    switch (operator) {
      case "NOT_NULL":
        return { kind: "call", name: "attribute_exists", args: [path] };
      case "NULL":
        return { kind: "call", name: "attribute_not_exists", args: [path] };
      case "CONTAINS":
        return { kind: "call", name: "contains", args: [path, first] };
      case "NOT_CONTAINS":
        return { kind: "not", operand: { kind: "call", name: "contains", args: [path, first] } };
      case "BEGINS_WITH":
        return { kind: "call", name: "begins_with", args: [path, first] };
      case "IN":
        return { kind: "in", operand: path, options: operands };
      default:
        return { kind: "between", operand: path, low: first, high: second };
    }
  }

  #checkArguments(operator: string, operands: readonly (Operand & { kind: "value" })[]): void {
    const wanted = { NULL: 0, NOT_NULL: 0, BETWEEN: 2 }[operator] ?? 1;
    if (operator === "IN" ? operands.length === 0 : operands.length !== wanted) {
      throw invalidParameter(`Invalid number of argument(s) for the ${operator} ComparisonOperator`);
    }
    const values = operands.map(({ name }) => boundValue(name, this.bindings));
    const [first, second] = values;
    if (!first) return;
    const type = typeOf(first);
    if (values.some((value) => typeOf(value) !== type)) {
      throw invalidParameter("AttributeValues inside AttributeValueList must be of same type");
    }
    const allowed = operator === "EQ" || operator === "NE" || ordered.includes(type);
    if (!allowed || (operator === "BEGINS_WITH" && type === "N")) {
      throw invalidParameter(`ComparisonOperator ${operator} is not valid for ${type} AttributeValue type`);
    }
    if (operator === "BETWEEN" && second && (compare(first, second) ?? 0) > 0) {
      throw validation(
        "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound",
      );
    }
  }
}

function joined(conditions: readonly Condition[], operator: "AND" | "OR"): Condition | undefined {
  const kind = operator === "OR" ? "or" : "and";
  return conditions.length === 0 ? undefined : conditions.reduce((left, right) => ({ kind, left, right }));
}

const conditionalOperator = (input: Input) =>
  readChoice(input, "ConditionalOperator", ["AND", "OR"]) ?? "AND";

/** `Expected`, and `AttributeUpdates` where the operation has them. */
export function legacyWrite(input: Input): Expressions {
  const builder = new Builder();
  const expected = Object.entries(readStructure(input, "Expected") ?? {});
  const conditions = expected.map(([name, test]) => expectation(builder, name, asStructure(test)));
  const updates = readStructure(input, "AttributeUpdates");
  return {
    condition: joined(conditions, conditionalOperator(input)),
    update: updates && attributeUpdates(builder, updates),
    bindings: builder.bindings,
  };
}

function expectation(builder: Builder, name: string, test: Input): Condition {
  const operator = readChoice(test, "ComparisonOperator", operators);
  const exists = readFlag(test, "Exists");
  const value = test.Value ?? undefined;
  const list = readList(test, "AttributeValueList");
  const on = `for Attribute: ${name}`;
  if (list && value) throw invalidParameter(`Value and AttributeValueList cannot be used together ${on}`);
  if (operator !== undefined) {
    if (exists !== undefined) {
      throw invalidParameter(`Exists and ComparisonOperator cannot be used together ${on}`);
    }
    if (!list && !value && operator !== "NULL" && operator !== "NOT_NULL") {
      throw invalidParameter(
        `Value or AttributeValueList must be used with ComparisonOperator: ${operator} ${on}`,
      );
    }
    return builder.test(name, operator, list ?? (value ? [value] : []));
  }
  if (list) throw invalidParameter(`AttributeValueList can only be used with a ComparisonOperator ${on}`);
  if (exists === false) {
    if (value) throw invalidParameter(`Value cannot be used when Exists is false ${on}`);
    return builder.test(name, "NULL", []);
  }
  if (!value) throw invalidParameter(`Value must be provided when Exists is ${exists ?? "null"} ${on}`);
  return { kind: "compare", operator: "=", left: builder.path(name), right: builder.value(value) };
}

function attributeUpdates(builder: Builder, updates: Input): Update {
  const sets: Update["sets"][number][] = [];
  const removes: PathNode[] = [];
  const adds: Update["adds"][number][] = [];
  const deletes: Update["deletes"][number][] = [];
  for (const [name, given] of Object.entries(updates)) {
    const update = asStructure(given);
    const action = readText(update, "Action") ?? "PUT";
    const path = builder.path(name);
    if (update.Value === undefined || update.Value === null) {
      if (action !== "DELETE") {
        throw invalidParameter("Only DELETE action is allowed when no attribute value is specified");
      }
      removes.push(path);
      continue;
    }
    const value = builder.value(update.Value);
    const type = typeOf(update.Value as AttributeValue);
    const isSet = type === "SS" || type === "NS" || type === "BS";
    if (action === "PUT") {
      sets.push({ path, value });
    } else if (action === "DELETE") {
      if (!isSet) throw invalidParameter(`DELETE action with value is not supported for the type ${type}`);
      deletes.push({ path, value });
    } else if (action === "ADD") {
      if (!isSet && type !== "N" && type !== "L") {
        throw invalidParameter(`ADD action is not supported for the type ${type}`);
      }
      if (type !== "L") adds.push({ path, value });
      else sets.push({ path, value: appended(builder, path, value) });
    } else {
      throw invalidParameter(`Unknown action: ${action}`);
    }
  }
  return { sets, removes, adds, deletes };
}

/** ADD of a list appends, to an empty list if there is none. */
function appended(builder: Builder, path: PathNode, value: Operand): Operand {
  const existing: Operand = { kind: "call", name: "if_not_exists", args: [path, builder.value({ L: [] })] };
  return { kind: "call", name: "list_append", args: [existing, value] };
}

/** `KeyConditions`, `QueryFilter` or `ScanFilter`, and `AttributesToGet`. */
export function legacyRead(input: Input, filterName: "QueryFilter" | "ScanFilter" | undefined): Expressions {
  const builder = new Builder();
  const filters = filterName === undefined ? undefined : readStructure(input, filterName);
  const conditions = Object.entries(filters ?? {}).map(([name, test]) => readTest(builder, name, test));
  const keys = readStructure(input, "KeyConditions");
  return {
    filter: joined(conditions, conditionalOperator(input)),
    filterHeads: filters && new Set(Object.keys(filters)),
    keys: keys && keyTests(keys),
    projection: attributesToGet(input),
    bindings: builder.bindings,
  };
}

function readTest(builder: Builder, name: string, given: unknown): Condition {
  const test = asStructure(given);
  const operator = readChoice(test, "ComparisonOperator", operators);
  if (operator === undefined) throw validation("The parameter 'ComparisonOperator' is required");
  return builder.test(name, operator, readList(test, "AttributeValueList") ?? []);
}

const indexable = new Set(["EQ", "LT", "LE", "GT", "GE", "BETWEEN", "BEGINS_WITH"]);

function keyTests(conditions: Input): KeyTests {
  const tests = new Map<string, KeyTest>();
  for (const [name, given] of Object.entries(conditions)) {
    const operator = readText(asStructure(given), "ComparisonOperator") ?? "";
    const builder = new Builder();
    const test = readTest(builder, name, given);
    if (!indexable.has(operator)) {
      throw validation("Attempted conditional constraint is not an indexable operation");
    }
    for (const [key, value] of keyTestsOf(test, builder.bindings)) tests.set(key, value);
  }
  return tests;
}

function attributesToGet(input: Input): readonly Path[] | undefined {
  const names = readList(input, "AttributesToGet");
  if (!names) return undefined;
  const seen = new Set<string>();
  return names.map((name) => {
    if (typeof name !== "string") throw serialization("Start of structure or map found where not expected");
    if (seen.has(name)) throw invalidParameter(`Duplicate value in attribute name: ${name}`);
    seen.add(name);
    return [name];
  });
}
