/** Whether an item meets a condition. */
import { type AttributeValue, compare, equal, type Item, typeOf } from "../value.ts";
import type { CallNode, Comparator, Condition, Operand } from "./ast.ts";
import { type Bindings, boundValue, lookup } from "./bindings.ts";

export function evaluateCondition(node: Condition, item: Item | undefined, bindings: Bindings): boolean {
  switch (node.kind) {
    case "and":
      return evaluateCondition(node.left, item, bindings) && evaluateCondition(node.right, item, bindings);
    case "or":
      return evaluateCondition(node.left, item, bindings) || evaluateCondition(node.right, item, bindings);
    case "not":
      return !evaluateCondition(node.operand, item, bindings);
    case "compare":
      return compares(
        node.operator,
        operandValue(node.left, item, bindings),
        operandValue(node.right, item, bindings),
      );
    case "between": {
      const value = operandValue(node.operand, item, bindings);
      return (
        compares(">=", value, operandValue(node.low, item, bindings)) &&
        compares("<=", value, operandValue(node.high, item, bindings))
      );
    }
    case "in": {
      const value = operandValue(node.operand, item, bindings);
      return node.options.some((option) => compares("=", value, operandValue(option, item, bindings)));
    }
    case "call":
      return callHolds(node, item, bindings);
  }
}

function operandValue(node: Operand, item: Item | undefined, bindings: Bindings): AttributeValue | undefined {
  if (node.kind === "path") return lookup(item, node, bindings);
  if (node.kind === "value") return boundValue(node.name, bindings);
  const [argument] = node.args;
  return argument && sizeOf(operandValue(argument, item, bindings));
}

function sizeOf(value: AttributeValue | undefined): AttributeValue | undefined {
  if (!value) return undefined;
  const size = measure(value);
  return size === undefined ? undefined : { N: String(size) };
}

function measure(value: AttributeValue): number | undefined {
  if (value.S !== undefined) return value.S.length;
  if (value.B !== undefined) return Buffer.from(value.B, "base64").length;
  if (value.M !== undefined) return Object.keys(value.M).length;
  return (value.L ?? value.SS ?? value.NS ?? value.BS)?.length;
}

/** A missing attribute equals nothing and is ordered before or after nothing. */
export function compares(
  operator: Comparator,
  left: AttributeValue | undefined,
  right: AttributeValue | undefined,
): boolean {
  if (!left || !right) return operator === "<>";
  if (operator === "=") return equal(left, right);
  if (operator === "<>") return !equal(left, right);
  const order = compare(left, right);
  if (order === undefined) return false;
  switch (operator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

function callHolds({ name, args }: CallNode, item: Item | undefined, bindings: Bindings): boolean {
  const [first, second] = args;
  const value = first && operandValue(first, item, bindings);
  if (name === "attribute_exists") return value !== undefined;
  if (name === "attribute_not_exists") return value === undefined;
  const other = second && operandValue(second, item, bindings);
  if (!value || !other) return false;
  if (name === "attribute_type") return typeOf(value) === other.S;
  return name === "begins_with" ? beginsWith(value, other) : contains(value, other);
}

export function beginsWith(value: AttributeValue, prefix: AttributeValue): boolean {
  if (value.S !== undefined && prefix.S !== undefined) return value.S.startsWith(prefix.S);
  if (value.B === undefined || prefix.B === undefined) return false;
  const bytes = Buffer.from(prefix.B, "base64");
  return Buffer.from(value.B, "base64").subarray(0, bytes.length).equals(bytes);
}

/** Whether a string or binary has a part, or a set or list an element. */
export function contains(value: AttributeValue, part: AttributeValue): boolean {
  if (value.L !== undefined) return value.L.some((element) => equal(element, part));
  if (part.S !== undefined) return value.S?.includes(part.S) ?? value.SS?.includes(part.S) ?? false;
  if (part.N !== undefined) return value.NS?.includes(part.N) ?? false;
  if (part.B === undefined) return false;
  if (value.B !== undefined) return Buffer.from(value.B, "base64").includes(Buffer.from(part.B, "base64"));
  return value.BS?.includes(part.B) ?? false;
}
