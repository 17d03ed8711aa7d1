/** Random items: few names and few values, so that comparisons meet. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Random } from "../iam/random.ts";

export type Item = Record<string, AttributeValue>;

export const attributeNames = ["a", "b", "c", "d", "e"] as const;

const texts = ["a", "ab", "abc", "b", "B", "10", "9", "é", "日本"];
const numbers = ["0", "1", "-1", "2", "10", "9", "1.5", "-2.25", "100000000000000000000", "0.0001"];
const bytes = [[0], [1, 2], [1, 2, 3], [255]].map((list) => new Uint8Array(list));

export const pick = <T>(source: Source, from: readonly T[]): T => source.random.pick(from);
export const chance = (source: Source, share: number): boolean => source.random.chance(share * 100);

/** Where random values come from. */
export class Source {
  readonly random: Random;
  /** Whether it makes what dynalite is known to get wrong: values that are empty or false, documents compared, … */
  readonly wide: boolean;

  constructor(random: Random, wide: boolean) {
    this.random = random;
    this.wide = wide;
  }

  below(limit: number): number {
    return this.random.below(limit);
  }

  text(): AttributeValue {
    return { S: this.random.pick(this.wide ? [...texts, ""] : texts) };
  }

  number(): AttributeValue {
    return { N: this.random.pick(numbers) };
  }

  scalar(): AttributeValue {
    const kind = this.below(100);
    if (kind < 45) return this.text();
    if (kind < 90) return this.number();
    return { B: this.random.pick(this.wide ? [...bytes, new Uint8Array()] : bytes) };
  }

  set(): AttributeValue {
    return this.random.chance(50) ? { SS: this.random.some(texts) } : { NS: this.random.some(numbers) };
  }

  value(depth = 0): AttributeValue {
    const kind = this.below(100);
    if (kind < 55) return this.scalar();
    if (kind < 62) return { BOOL: !this.wide || this.random.chance(50) };
    if (kind < 67) return { NULL: true };
    if (kind < 80 || depth > 1) return this.set();
    if (kind < 90) return { L: Array.from({ length: this.below(4) }, () => this.value(depth + 1)) };
    return { M: this.item(depth + 1) };
  }

  item(depth = 0): Item {
    const members: Item = {};
    for (const name of attributeNames) if (this.random.chance(60)) members[name] = this.value(depth);
    return members;
  }

  /** An item that also has a number `n`, a list `l` and a set `s`, which updates then fit. */
  updatableItem(): Item {
    return {
      ...this.item(),
      n: this.number(),
      l: { L: Array.from({ length: this.below(5) }, () => this.value(1)) },
      s: { SS: this.random.some(texts) },
    };
  }
}

/** Every item that is one step smaller. */
export function* smallerItems(item: Item): Generator<Item> {
  for (const [name, value] of Object.entries(item)) {
    const { [name]: _gone, ...rest } = item;
    yield rest;
    for (const smaller of smallerValues(value)) yield { ...item, [name]: smaller };
  }
}

function* smallerValues({ L, M, SS, NS }: AttributeValue): Generator<AttributeValue> {
  if (L) for (const index of L.keys()) yield { L: L.toSpliced(index, 1) };
  if (M) for (const smaller of smallerItems(M)) yield { M: smaller };
  if (SS && SS.length > 1) for (const index of SS.keys()) yield { SS: SS.toSpliced(index, 1) };
  if (NS && NS.length > 1) for (const index of NS.keys()) yield { NS: NS.toSpliced(index, 1) };
}
