/** Condition, filter and key condition expressions. */
import { AwsError } from "../../error.ts";
import type { Comparator, Condition, Operand, Parsed } from "./ast.ts";
import { ExpressionParser } from "./parser.ts";

const comparators: readonly string[] = ["=", "<>", "<", "<=", ">", ">="] satisfies Comparator[];
const functions = new Set([
  "attribute_exists",
  "attribute_not_exists",
  "attribute_type",
  "begins_with",
  "contains",
]);

export function parseCondition(source: string): Parsed<Condition> {
  const parser = new ConditionParser(source);
  const root = parser.or();
  return parser.finish(root, ["parentheses", "unknownFunction", "misusedFunction", "reserved"]);
}

class ConditionParser extends ExpressionParser {
  or(): Condition {
    let left = this.and();
    while (this.tokens.takeKeyword("OR")) left = { kind: "or", left, right: this.and() };
    return left;
  }

  and(): Condition {
    let left = this.not();
    while (this.tokens.takeKeyword("AND")) left = { kind: "and", left, right: this.not() };
    return left;
  }

  not(): Condition {
    if (this.tokens.takeKeyword("NOT")) return { kind: "not", operand: this.not() };
    return this.tokens.current.text === "(" ? this.#parenthesised() : this.#predicate(this.operand());
  }

  /** A condition in parentheses, or an operand in (needless) parentheses with a comparison behind them. */
  #parenthesised(): Condition {
    const start = this.tokens.position;
    try {
      this.tokens.expect("(");
      const doubled = this.tokens.current.text === "(";
      const condition = this.or();
      const closedTwice = this.tokens.current.text === ")" && this.tokens.peek(-1).text === ")";
      this.tokens.expect(")");
      if (doubled && closedTwice && this.#encloses(start)) this.#redundantParentheses();
      return condition;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const failedAt = this.tokens.position;
      this.tokens.position = start;
      const operand = this.#parenthesisedOperand();
      if (!operand) {
        this.tokens.position = failedAt;
        throw error;
      }
      this.#redundantParentheses();
      return this.#predicate(operand);
    }
  }

  /** Whether the two parentheses that open at `start` also close together, just before the current token. */
  #encloses(start: number): boolean {
    let depth = 0;
    const here = this.tokens.position;
    for (let position = start + 1; position < here - 1; position++) {
      const { text } = this.tokens.peek(position - here);
      if (text === "(") depth++;
      else if (text === ")" && --depth === 0) return position === here - 2;
    }
    return false;
  }

  #redundantParentheses(): void {
    this.mistake("parentheses", "The expression has redundant parentheses;");
  }

  #parenthesisedOperand(): Operand | undefined {
    try {
      if (!this.tokens.take("(")) return this.operand();
      const operand = this.#parenthesisedOperand();
      return operand && this.tokens.take(")") ? operand : undefined;
    } catch {
      return undefined;
    }
  }

  #predicate(left: Operand): Condition {
    const { text } = this.tokens.current;
    if (comparators.includes(text)) {
      this.tokens.next();
      const right = this.#operandOfComparison();
      this.#valuesOnly([left, right]);
      return { kind: "compare", operator: text as Comparator, left, right };
    }
    if (this.tokens.takeKeyword("BETWEEN")) {
      const low = this.operand();
      if (!this.tokens.takeKeyword("AND")) this.tokens.fail();
      const high = this.operand();
      this.#valuesOnly([left, low, high]);
      return { kind: "between", operand: left, low, high };
    }
    if (this.tokens.takeKeyword("IN")) {
      this.tokens.expect("(");
      const options = [this.operand()];
      while (this.tokens.take(",")) options.push(this.operand());
      this.tokens.expect(")");
      this.#valuesOnly([left, ...options]);
      return { kind: "in", operand: left, options };
    }
    if (left.kind !== "call") this.tokens.fail();
    this.#checkName(left.name);
    if (left.name === "size") this.#misused(left.name);
    this.#valuesOnly(left.args);
    return left;
  }

  #operandOfComparison(): Operand {
    if (this.tokens.current.text !== "(") return this.operand();
    const operand = this.#parenthesisedOperand();
    if (!operand) this.tokens.fail();
    this.#redundantParentheses();
    return operand;
  }

  #checkName(name: string): void {
    if (!functions.has(name) && name !== "size") {
      this.mistake("unknownFunction", `Invalid function name; function: ${name}`);
    }
  }

  #misused(name: string): void {
    this.mistake(
      "misusedFunction",
      `The function is not allowed to be used this way in an expression; function: ${name}`,
    );
  }

  /** Of the functions only `size` is a value; the others are conditions. */
  #valuesOnly(operands: readonly Operand[]): void {
    for (const operand of operands) {
      if (operand.kind !== "call") continue;
      this.#checkName(operand.name);
      if (operand.name !== "size") this.#misused(operand.name);
      this.#valuesOnly(operand.args);
    }
  }
}
