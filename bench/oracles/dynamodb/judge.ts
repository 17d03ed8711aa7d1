/** Counts what is alike and what differs, and shows what nobody can explain. */
import { isDeepStrictEqual } from "node:util";
import { report } from "../lane.ts";
import { explainDifference, type Question } from "./known-differences.ts";
import type { OracleName } from "./oracle.ts";
import { type Answer, isError } from "./table.ts";

const shown = 5;

export class Judge {
  readonly kind: string;
  readonly oracle: OracleName;
  #same = 0;
  #refused = 0;
  #unexplained = 0;
  readonly #explained = new Map<string, number>();

  constructor(kind: string, oracle: OracleName) {
    this.kind = kind;
    this.oracle = oracle;
  }

  /** Whether a difference is one that should be shown, as small as it gets. */
  judge(question: Question, [ours, theirs]: readonly [Answer, Answer]): boolean {
    if (isDeepStrictEqual(ours, theirs)) {
      this.#same++;
      if (isError(ours)) this.#refused++;
      return false;
    }
    const why = explainDifference(this.oracle, question, ours, theirs);
    if (why) {
      this.#explained.set(why, (this.#explained.get(why) ?? 0) + 1);
      return false;
    }
    return ++this.#unexplained <= shown;
  }

  show(question: unknown, [ours, theirs]: readonly [Answer, Answer]): void {
    const text = (value: unknown) =>
      JSON.stringify(value, (_, part) => (part instanceof Uint8Array ? [...part] : part));
    console.log(
      `\n${this.kind}\n  question ${text(question)}\n  ours     ${text(ours)}\n  ${this.oracle.padEnd(8)} ${text(theirs)}`,
    );
  }

  finish(): void {
    const explained = [...this.#explained.values()].reduce((a, b) => a + b, 0);
    console.log(
      `${this.kind}, with ${this.oracle}: ${this.#same} alike (${this.#refused} of them refused alike), ${explained} explained, ${this.#unexplained} unexplained`,
    );
    for (const [why, count] of this.#explained) console.log(`  ${count} × ${why}`);
    report({
      part: `${this.kind}, ${this.oracle}`,
      cases: this.#same + explained + this.#unexplained,
      explained,
      unexplained: this.#unexplained,
    });
  }
}
