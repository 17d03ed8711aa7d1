/** Update and projection expressions. */
import type { Operand, Parsed, PathNode, SetValue, Update, ValueNode } from "./ast.ts";
import { ExpressionParser } from "./parser.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

const functions = new Set(["if_not_exists", "list_append"]);
const sections = ["SET", "REMOVE", "ADD", "DELETE"] as const;

export function parseUpdate(source: string): Parsed<Update> {
  const parser = new UpdateParser(source);
  const root = parser.update();
  return parser.finish(root, ["reserved", "unknownFunction", "section"]);
}

export function parseProjection(source: string): Parsed<readonly PathNode[]> {
  const parser = new ExpressionParser(source);
  const paths = [parser.path()];
  while (parser.tokens.take(",")) paths.push(parser.path());
  return parser.finish(paths, ["reserved"]);
}

class UpdateParser extends ExpressionParser {
  update(): Update {
    const update: Mutable<Update> = { sets: [], removes: [], adds: [], deletes: [] };
    const seen = new Set<string>();
    do {
      const section = sections.find((word) => this.tokens.takeKeyword(word));
      if (!section) this.tokens.fail();
      if (seen.has(section)) {
        this.mistake("section", `The "${section}" section can only be used once in an update expression;`);
      }
      seen.add(section);
      do this.#clause(section, update);
      while (this.tokens.take(","));
    } while (this.tokens.current.kind !== "end");
    return update;
  }

  #clause(section: (typeof sections)[number], update: Mutable<Update>): void {
    const path = this.path();
    switch (section) {
      case "SET":
        this.tokens.expect("=");
        update.sets.push({ path, value: this.#setValue() });
        break;
      case "REMOVE":
        update.removes.push(path);
        break;
      case "ADD":
        update.adds.push({ path, value: this.#value() });
        break;
      case "DELETE":
        update.deletes.push({ path, value: this.#value() });
        break;
    }
  }

  #value(): ValueNode {
    if (this.tokens.current.kind !== "value") this.tokens.fail();
    const { text } = this.tokens.next();
    this.values.add(text);
    return { kind: "value", name: text };
  }

  #setValue(): SetValue {
    if (this.tokens.take("(")) {
      const value = this.#setValue();
      this.tokens.expect(")");
      return value;
    }
    const left = this.#setOperand();
    const { text } = this.tokens.current;
    if (text !== "+" && text !== "-") return left;
    this.tokens.next();
    return { kind: "arithmetic", operator: text, left, right: this.#setOperand() };
  }

  #setOperand(): Operand {
    if (this.tokens.take("(")) {
      const operand = this.#setOperand();
      this.tokens.expect(")");
      return operand;
    }
    const operand = this.operand();
    this.#checkNames(operand);
    return operand;
  }

  #checkNames(operand: Operand): void {
    if (operand.kind !== "call") return;
    if (!functions.has(operand.name)) {
      this.mistake("unknownFunction", `Invalid function name; function: ${operand.name}`);
    }
    for (const argument of operand.args) this.#checkNames(argument);
  }
}
