import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import type { AttributeValue, Item } from "../value.ts";
import { evaluateCondition } from "./evaluate.ts";
import { readExpressions } from "./request.ts";

/** Mulberry32: whole numbers below a limit, the same on every run. */
function random(seed: number): (below: number) => number {
  let now = seed;
  return (below) => {
    now = (now + 0x6d2b79f5) | 0;
    let mixed = Math.imul(now ^ (now >>> 15), 1 | now);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const next = random(20_261_121);
const pick = <T>(list: readonly T[]): T => list[next(list.length)] as T;
const some = <T>(list: readonly T[]): T[] => [
  ...new Set(Array.from({ length: 1 + next(3) }, () => pick(list))),
];

const texts = ["", "a", "ab", "b", "B", "10", "é", "日", "😀", "\uffee"];
const numbers = ["0", "1", "-1", "2", "10", "1.5", "-2.25", "100000000000000000000", "0.0001"];
const attributes = ["a", "b", "c", "d"];
const letters = { S: texts, N: numbers, B: ["", "AA==", "AQI=", "AQID", "/w=="] };

const scalar = (): AttributeValue => {
  const type = pick(["S", "S", "N", "N", "B"] as const);
  return { [type]: pick(letters[type]) };
};
const makers: ((depth: number) => AttributeValue)[] = [
  scalar,
  scalar,
  scalar,
  () => ({ BOOL: next(2) === 0 }),
  () => ({ NULL: true }),
  () => ({ SS: some(texts) }),
  () => ({ NS: some(numbers) }),
  () => ({ BS: some(letters.B) }),
  (depth) => ({ L: Array.from({ length: next(3) }, () => value(depth + 1)) }),
  (depth) => ({ M: members(depth + 1) }),
];
const value = (depth = 0): AttributeValue => pick(depth > 1 ? makers.slice(0, 8) : makers)(depth);
const members = (depth = 0): Item =>
  Object.fromEntries(attributes.filter(() => next(10) < 6).map((name) => [name, value(depth)]));

/** An item as a program would hold it: the reference compares these, and knows nothing of types that travel. */
type Plain = string | number | boolean | null | Buffer | Set<unknown> | Plain[] | { [name: string]: Plain };

function plain(given: AttributeValue): Plain {
  const [[type, content]] = Object.entries(given) as [[string, never]];
  const readers: Record<string, (content: never) => Plain> = {
    N: Number,
    NULL: () => null,
    B: (text: string) => Buffer.from(text, "base64"),
    NS: (list: string[]) => new Set(list.map(Number)),
    SS: (list: string[]) => new Set(list),
    BS: (list: string[]) => new Set(list.map((one) => `binary ${one}`)),
    L: (list: AttributeValue[]) => list.map(plain),
    M: (map: Item) => Object.fromEntries(Object.entries(map).map(([name, one]) => [name, plain(one)])),
  };
  const read = readers[type];
  return read ? read(content) : content;
}

/** What the documentation says a term is, computed the simple way. */
type Read = (item: Plain | undefined) => Plain | undefined;
type Holds = (item: Plain) => boolean;
interface Term<Meaning> {
  readonly text: string;
  readonly means: Meaning;
}

class Writer {
  readonly names: Record<string, string> = {};
  readonly values: Record<string, AttributeValue> = {};

  constant(given: AttributeValue): Term<Read> {
    const text = `:v${Object.keys(this.values).length}`;
    this.values[text] = given;
    return { text, means: () => plain(given) };
  }

  path(): Term<Read> {
    const name = pick(attributes);
    const written = next(2) === 0 ? name : `#${name}`;
    if (written !== name) this.names[written] = name;
    const top: Term<Read> = { text: written, means: (item) => member(item, name) };
    if (next(4) > 0) return top;
    if (next(2) === 0) {
      const index = next(3);
      return { text: `${written}[${index}]`, means: (item) => element(top.means(item), index) };
    }
    const inner = pick(attributes);
    return { text: `${written}.${inner}`, means: (item) => member(top.means(item), inner) };
  }

  predicate(): Term<Holds> {
    const path = this.path();
    const read = (item: Plain) => path.means(item);
    const kinds: (() => Term<Holds>)[] = [
      () => this.comparison(path),
      () => this.comparison(path),
      () => this.comparison(path),
      () => {
        const [low, high] = next(2) === 0 ? [{ N: "-1" }, { N: "9" }] : [{ S: "a" }, { S: "b" }];
        const [from, to] = [this.constant(low as AttributeValue), this.constant(high as AttributeValue)];
        return {
          text: `${path.text} ${pick(["BETWEEN", "between"])} ${from.text} ${pick(["AND", "and"])} ${to.text}`,
          means: (item) =>
            compared(">=", read(item), plain(low as AttributeValue)) &&
            compared("<=", read(item), plain(high as AttributeValue)),
        };
      },
      () => {
        const options = Array.from({ length: 1 + next(3) }, () => this.constant(value()));
        return {
          text: `${path.text} IN (${options.map(({ text }) => text).join(",")})`,
          means: (item) => options.some((option) => compared("=", read(item), option.means(item))),
        };
      },
      () => ({ text: `attribute_exists(${path.text})`, means: (item) => read(item) !== undefined }),
      () => ({ text: `attribute_not_exists ( ${path.text} )`, means: (item) => read(item) === undefined }),
      () => {
        const prefix = this.constant({ S: pick(texts) });
        return {
          text: `begins_with(${path.text}, ${prefix.text})`,
          means: (item) => {
            const found = read(item);
            return typeof found === "string" && found.startsWith(prefix.means(item) as string);
          },
        };
      },
      () => {
        const part = this.constant(next(2) === 0 ? { S: pick(texts) } : { N: pick(numbers) });
        return {
          text: `contains(${path.text}, ${part.text})`,
          means: (item) => has(read(item), part.means(item)),
        };
      },
    ];
    return pick(kinds)();
  }

  comparison(path: Term<Read>): Term<Holds> {
    const operator = pick(["=", "<>", "<", "<=", ">", ">="]);
    const ordered = operator !== "=" && operator !== "<>";
    const left: Term<Read> =
      next(5) === 0 ? { text: `size(${path.text})`, means: (item) => size(path.means(item)) } : path;
    const constant = () =>
      this.constant(left === path ? (ordered ? scalar() : value()) : { N: pick(numbers) });
    const other = this.path();
    const same = other.text.replaceAll("#", "") === path.text.replaceAll("#", "");
    const right = next(3) === 0 && !same ? other : constant();
    return {
      text: `${left.text} ${operator} ${right.text}`,
      means: (item) => compared(operator, left.means(item), right.means(item)),
    };
  }

  /** OR of AND of NOT of predicates, with parentheses only where they are needed or by chance. */
  condition(depth = 0): Term<Holds> {
    return this.list(
      pick([" OR ", " or "]),
      depth,
      (all, item) => all.some(({ means }) => means(item)),
      () =>
        this.list(
          pick([" AND ", " and "]),
          depth,
          (all, item) => all.every(({ means }) => means(item)),
          () => {
            const inner = depth < 2 && next(4) === 0 ? this.parenthesised(depth + 1) : this.predicate();
            return next(4) === 0 ? { text: `NOT ${inner.text}`, means: (item) => !inner.means(item) } : inner;
          },
        ),
    );
  }

  /** Two parts at least: AWS refuses parentheses around parentheses. */
  parenthesised(depth: number): Term<Holds> {
    const [first, second] = [this.predicate(), this.condition(depth)];
    return {
      text: `(${first.text} OR ${second.text})`,
      means: (item) => first.means(item) || second.means(item),
    };
  }

  list(
    joint: string,
    depth: number,
    holds: (all: readonly Term<Holds>[], item: Plain) => boolean,
    make: () => Term<Holds>,
  ): Term<Holds> {
    const all = Array.from({ length: 1 + next(depth === 0 ? 3 : 2) }, make);
    return { text: all.map(({ text }) => text).join(joint), means: (item) => holds(all, item) };
  }
}

const isMap = (given: Plain | undefined): given is { [name: string]: Plain } =>
  typeof given === "object" &&
  given !== null &&
  !Array.isArray(given) &&
  !(given instanceof Set) &&
  !Buffer.isBuffer(given);
const member = (item: Plain | undefined, name: string) => (isMap(item) ? item[name] : undefined);
const element = (item: Plain | undefined, index: number) => (Array.isArray(item) ? item[index] : undefined);

function size(given: Plain | undefined): number | undefined {
  if (typeof given === "string" || Array.isArray(given) || Buffer.isBuffer(given)) return given.length;
  if (given instanceof Set) return given.size;
  return isMap(given) ? Object.keys(given).length : undefined;
}

function has(given: Plain | undefined, part: Plain | undefined): boolean {
  if (typeof given === "string") return typeof part === "string" && given.includes(part);
  if (given instanceof Set) return given.has(part);
  return Array.isArray(given) && given.some((one) => isDeepStrictEqual(one, part));
}

function compared(operator: string, left: Plain | undefined, right: Plain | undefined): boolean {
  const equal = left !== undefined && right !== undefined && isDeepStrictEqual(left, right);
  if (operator === "=") return equal;
  if (operator === "<>") return !equal;
  const bytes = (one: Plain | undefined) => (typeof one === "string" ? Buffer.from(one) : one);
  const [a, b] = typeof left === typeof right ? [bytes(left), bytes(right)] : [];
  let order: number;
  if (typeof a === "number" && typeof b === "number") order = a - b;
  else if (Buffer.isBuffer(a) && Buffer.isBuffer(b)) order = Buffer.compare(a, b);
  else return false;
  return { "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0 }[operator] ?? false;
}

test("600 random conditions hold for the items that a naive reading says they hold for", () => {
  let held = 0;
  for (let index = 0; index < 600; index++) {
    const writer = new Writer();
    const { text, means } = writer.condition();
    const { bindings, condition } = readExpressions(
      {
        ConditionExpression: text,
        ExpressionAttributeNames: only(writer.names, text),
        ExpressionAttributeValues: only(writer.values, text),
      },
      ["ConditionExpression"],
    );
    for (let count = 0; count < 5; count++) {
      const item = members();
      const holds = condition !== undefined && evaluateCondition(condition, item, bindings);
      expect({ text, values: writer.values, item, holds }).toEqual({
        text,
        values: writer.values,
        item,
        holds: means(plain({ M: item })),
      });
      if (holds) held++;
    }
  }
  // Conditions that never or always held would prove little.
  expect(held).toBeGreaterThan(600);
  expect(held).toBeLessThan(2400);
});

/** The placeholders that made it into the text: others are refused. */
function only<T>(given: Record<string, T>, text: string): Record<string, T> | undefined {
  const used = new Set<string>(text.match(/[#:]\w+/g));
  const kept = Object.entries(given).filter(([name]) => used.has(name));
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}
