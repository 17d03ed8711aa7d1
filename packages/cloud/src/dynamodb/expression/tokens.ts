/** Cuts an expression into tokens, and words AWS's syntax error. */
import { validation } from "../errors.ts";

export interface Token {
  readonly kind: "name" | "placeholder" | "value" | "index" | "symbol" | "end";
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const pattern =
  /\s*(?:([A-Za-z_][A-Za-z0-9_]*)|(#[A-Za-z0-9_]+)|(:[A-Za-z0-9_]+)|(\d+)|(<>|<=|>=|[()[\],.=<>+-])|(\S))/y;
const kinds = ["name", "placeholder", "value", "index", "symbol"] as const;

export class TokenStream {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  position = 0;

  constructor(source: string) {
    this.#source = source;
    pattern.lastIndex = 0;
    for (let match = pattern.exec(source); match; match = pattern.exec(source)) {
      const group = match.slice(1).findIndex((part) => part !== undefined);
      const text = match[group + 1] ?? "";
      const end = pattern.lastIndex;
      this.#tokens.push({ kind: kinds[group] ?? "symbol", text, start: end - text.length, end });
    }
    this.#tokens.push({ kind: "end", text: "<EOF>", start: source.length, end: source.length });
  }

  get current(): Token {
    return this.#tokens[this.position] as Token;
  }

  peek(distance = 1): Token {
    return this.#tokens[Math.min(this.position + distance, this.#tokens.length - 1)] as Token;
  }

  next(): Token {
    const token = this.current;
    if (token.kind !== "end") this.position++;
    return token;
  }

  /** Takes the symbol if it comes next. */
  take(symbol: string): boolean {
    if (this.current.kind !== "symbol" || this.current.text !== symbol) return false;
    this.position++;
    return true;
  }

  expect(symbol: string): void {
    if (!this.take(symbol)) this.fail();
  }

  isKeyword(word: string): boolean {
    return this.current.kind === "name" && this.current.text.toUpperCase() === word;
  }

  takeKeyword(word: string): boolean {
    if (!this.isKeyword(word)) return false;
    this.position++;
    return true;
  }

  /** Refuses the current token, showing it with its neighbours as AWS does. */
  fail(): never {
    const previous = this.#tokens[this.position - 1] ?? this.current;
    const near = this.#source.slice(previous.start, this.peek().end);
    throw validation(`Syntax error; token: "${this.current.text}", near: "${near}"`);
  }
}
