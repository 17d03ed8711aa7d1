/** What the three expression grammars share: document paths, operands, and the order in which AWS reports mistakes. */
import { validation } from "../errors.ts";
import type { Operand, Parsed, PathNode, PathPart } from "./ast.ts";
import { isReserved } from "./reserved.ts";
import { TokenStream } from "./tokens.ts";

/** AWS reports one mistake an expression; which one depends on the kind of expression. */
export type Mistake = "parentheses" | "unknownFunction" | "misusedFunction" | "reserved" | "section";

export class ExpressionParser {
  readonly tokens: TokenStream;
  readonly names = new Set<string>();
  readonly values = new Set<string>();
  readonly paths: PathNode[] = [];
  readonly #mistakes = new Map<Mistake, string>();

  constructor(source: string) {
    this.tokens = new TokenStream(source);
  }

  mistake(kind: Mistake, message: string): void {
    if (!this.#mistakes.has(kind)) this.#mistakes.set(kind, message);
  }

  finish<Root>(root: Root, order: readonly Mistake[]): Parsed<Root> {
    if (this.tokens.current.kind !== "end") this.tokens.fail();
    for (const kind of order) {
      const message = this.#mistakes.get(kind);
      if (message !== undefined) throw validation(message);
    }
    return { root, names: this.names, values: this.values, paths: this.paths };
  }

  path(): PathNode {
    const parts: PathPart[] = [this.#pathName()];
    for (;;) {
      if (this.tokens.take(".")) {
        parts.push(this.#pathName());
      } else if (this.tokens.take("[")) {
        if (this.tokens.current.kind !== "index") this.tokens.fail();
        parts.push(Number(this.tokens.next().text));
        this.tokens.expect("]");
      } else {
        break;
      }
    }
    const node: PathNode = { kind: "path", parts };
    this.paths.push(node);
    return node;
  }

  #pathName(): string {
    const { kind, text } = this.tokens.current;
    if (kind === "placeholder") {
      this.names.add(text);
    } else if (kind === "name") {
      if (isReserved(text)) {
        this.mistake("reserved", `Attribute name is a reserved keyword; reserved keyword: ${text}`);
      }
    } else {
      this.tokens.fail();
    }
    this.tokens.next();
    return text;
  }

  operand(): Operand {
    const { kind, text } = this.tokens.current;
    if (kind === "value") {
      this.tokens.next();
      this.values.add(text);
      return { kind: "value", name: text };
    }
    if (kind === "name" && this.tokens.peek().text === "(") {
      this.tokens.next();
      this.tokens.next();
      const args = [this.operand()];
      while (this.tokens.take(",")) args.push(this.operand());
      this.tokens.expect(")");
      return { kind: "call", name: text, args };
    }
    return this.path();
  }
}
