/** What AWS refuses in a condition or an update once the values of its placeholders are known. */
import { validation } from "../errors.ts";
import { type AttributeType, type AttributeValue, compare, typeOf } from "../value.ts";
import type { CallNode, Condition, Operand, Parsed, PathNode, SetValue, Update } from "./ast.ts";
import { type Bindings, boundValue, type Path, resolvePath, showPath } from "./bindings.ts";

const types: readonly string[] = ["S", "N", "B", "NULL", "SS", "BOOL", "L", "BS", "NS", "M"];
const operandCounts: Readonly<Record<string, number>> = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
  size: 1,
  if_not_exists: 2,
  list_append: 2,
};
const operandNames: Readonly<Partial<Record<AttributeType, string>>> = {
  S: "STRING",
  N: "NUMBER",
  B: "BINARY",
  NULL: "NULL",
  BOOL: "BOOLEAN",
  L: "LIST",
  M: "MAP",
};

/** Refuses placeholders the request does not define. */
export function checkPlaceholders(parsed: Parsed<unknown>, bindings: Bindings): void {
  for (const name of parsed.names) {
    if (!Object.hasOwn(bindings.names, name)) {
      throw validation(
        `An expression attribute name used in the document path is not defined; attribute name: ${name}`,
      );
    }
  }
  for (const name of parsed.values) {
    if (!Object.hasOwn(bindings.values, name)) {
      throw validation(
        `An expression attribute value used in expression is not defined; attribute value: ${name}`,
      );
    }
  }
}

export function checkCondition(node: Condition, bindings: Bindings): void {
  switch (node.kind) {
    case "and":
    case "or":
      checkCondition(node.left, bindings);
      checkCondition(node.right, bindings);
      return;
    case "not":
      checkCondition(node.operand, bindings);
      return;
    case "compare":
      checkOperands([node.left, node.right], bindings);
      checkDistinct(node.operator, [node.left, node.right], bindings);
      if (node.operator !== "=" && node.operator !== "<>") {
        checkOrdered(`operator: ${node.operator}`, [node.left, node.right], bindings);
      }
      return;
    case "between":
      checkOperands([node.operand, node.low, node.high], bindings);
      checkOrdered("operator: BETWEEN", [node.operand, node.low, node.high], bindings);
      checkBounds(node.low, node.high, bindings);
      return;
    case "in":
      checkOperands([node.operand, ...node.options], bindings);
      return;
    case "call":
      checkCall(node, bindings);
  }
}

function checkOperands(operands: readonly Operand[], bindings: Bindings): void {
  for (const operand of operands) if (operand.kind === "call") checkCall(operand, bindings);
}

/** The type an operand is known to have before any item is looked at. */
function knownType(operand: Operand | undefined, bindings: Bindings): AttributeType | undefined {
  if (operand?.kind === "value") return typeOf(boundValue(operand.name, bindings));
  return operand?.kind === "call" && operand.name === "size" ? "N" : undefined;
}

function wrongType(of: string, type: string | undefined): Error {
  return validation(`Incorrect operand type for operator or function; ${of}, operand type: ${type}`);
}

function checkOrdered(of: string, operands: readonly Operand[], bindings: Bindings): void {
  for (const operand of operands) {
    const type = knownType(operand, bindings);
    if (type !== undefined && type !== "S" && type !== "N" && type !== "B") throw wrongType(of, type);
  }
}

function checkDistinct(of: string, operands: readonly Operand[], bindings: Bindings): void {
  const [left, right] = operands;
  if (left?.kind !== "path" || right?.kind !== "path") return;
  const shown = showPath(resolvePath(left, bindings));
  if (shown === showPath(resolvePath(right, bindings))) {
    throw validation(
      `The first operand must be distinct from the remaining operands for this operator or function; operator: ${of}, first operand: ${shown}`,
    );
  }
}

function checkBounds(low: Operand, high: Operand, bindings: Bindings): void {
  if (low.kind !== "value" || high.kind !== "value") return;
  const from = boundValue(low.name, bindings);
  const to = boundValue(high.name, bindings);
  const bounds = `lower bound operand: AttributeValue: ${show(from)}, upper bound operand: AttributeValue: ${show(to)}`;
  const order = compare(from, to);
  if (order === undefined) {
    throw validation(`The BETWEEN operator requires same data type for lower and upper bounds; ${bounds}`);
  }
  if (order > 0) {
    throw validation(
      `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${bounds}`,
    );
  }
}

const show = (value: AttributeValue) => `{${typeOf(value)}:${value[typeOf(value)]}}`;

function checkCall({ name, args }: CallNode, bindings: Bindings): void {
  const of = `operator or function: ${name}`;
  if (args.length !== operandCounts[name]) {
    throw validation(
      `Incorrect number of operands for operator or function; ${of}, number of operands: ${args.length}`,
    );
  }
  checkOperands(args, bindings);
  checkDistinct(name, args, bindings);
  const [first, second] = args;
  switch (name) {
    case "attribute_exists":
    case "attribute_not_exists":
    case "if_not_exists":
      if (first?.kind !== "path") throw validation(`Operator or function requires a document path; ${of}`);
      return;
    case "begins_with":
      for (const operand of args) {
        const type = knownType(operand, bindings);
        if (type !== undefined && type !== "S" && type !== "B") throw wrongType(of, type);
      }
      return;
    case "attribute_type": {
      const type = knownType(second, bindings);
      if (type !== "S" || second?.kind !== "value") {
        throw wrongType(of, type ?? "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}");
      }
      const wanted = boundValue(second.name, bindings).S ?? "";
      if (!types.includes(wanted)) {
        throw validation(
          `Invalid attribute type name found; type: ${wanted}, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`,
        );
      }
      return;
    }
    case "size": {
      const type = knownType(first, bindings);
      if (type === "N" || type === "BOOL" || type === "NULL") throw wrongType(of, type);
      return;
    }
    case "list_append":
      for (const operand of args) {
        const type = knownType(operand, bindings);
        if (type !== undefined && type !== "L") throw wrongType(of, type);
      }
  }
}

export function checkUpdate(update: Update, bindings: Bindings): void {
  const all = [...update.sets, ...update.adds, ...update.deletes].map(({ path }) => path);
  checkApart([...all, ...update.removes], bindings);
  for (const { value } of update.adds) checkSetOperand("ADD", boundValue(value.name, bindings));
  for (const { value } of update.deletes) checkSetOperand("DELETE", boundValue(value.name, bindings));
  for (const { value } of update.sets) checkSetValue(value, bindings);
}

function checkSetValue(value: SetValue, bindings: Bindings): void {
  if (value.kind !== "arithmetic") {
    checkOperands([value], bindings);
    return;
  }
  checkOperands([value.left, value.right], bindings);
  for (const operand of [value.left, value.right]) {
    const type = knownType(operand, bindings);
    if (type !== undefined && type !== "N") throw wrongType(`operator or function: ${value.operator}`, type);
  }
}

function checkSetOperand(operator: "ADD" | "DELETE", value: AttributeValue): void {
  const type = typeOf(value);
  const name = operandNames[type];
  if (name === undefined || (operator === "ADD" && type === "N")) return;
  throw validation(
    `Incorrect operand type for operator or function; operator: ${operator}, operand type: ${name}, typeSet: ALLOWED_FOR_${operator}_OPERAND`,
  );
}

/** Refuses paths of which one lies within another, or which take one thing for both a map and a list. */
export function checkApart(nodes: readonly PathNode[], bindings: Bindings): void {
  if (nodes.length < 2) return;
  const paths = nodes.map((node) => resolvePath(node, bindings));
  if (paths.every((path) => path.length === 1) && new Set(paths.map(([head]) => head)).size === paths.length)
    return;
  paths.forEach((path, index) => {
    for (const earlier of paths.slice(0, index)) checkPair(earlier, path);
  });
}

function checkPair(one: Path, two: Path): void {
  const length = Math.min(one.length, two.length);
  for (let index = 0; index < length; index++) {
    if (typeof one[index] !== typeof two[index]) throw clash("conflict", one, two);
    if (one[index] !== two[index]) return;
  }
  throw clash("overlap", one, two);
}

function clash(how: "overlap" | "conflict", one: Path, two: Path): Error {
  return validation(
    `Two document paths ${how} with each other; must remove or rewrite one of these paths; path one: ${showPath(one)}, path two: ${showPath(two)}`,
  );
}
