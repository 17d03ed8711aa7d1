/** Random items: few names and few values, so that comparisons meet. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
/** A number from 0 up to 1, from a seed. */
export type Random = () => number;

export type Item = Record<string, AttributeValue>;

export const attributeNames = ["a", "b", "c", "d", "e"] as const;

/** Nothing empty and nothing false: dynalite takes such values for missing ones. */
const texts = ["a", "ab", "abc", "b", "B", "10", "9", "é", "日本"];
const numbers = ["0", "1", "-1", "2", "10", "9", "1.5", "-2.25", "100000000000000000000", "0.0001"];
const bytes = [[0], [1, 2], [1, 2, 3], [255]].map((list) => new Uint8Array(list));

export const pick = <T>(random: Random, from: readonly T[]): T => {
  const found = from[Math.floor(random() * from.length)];
  if (found === undefined) throw new Error("There is nothing to pick from.");
  return found;
};

/** One to three different elements. */
function some<T>(random: Random, from: readonly T[]): T[] {
  const count = 1 + Math.floor(random() * 3);
  return [...new Set(Array.from({ length: count }, () => pick(random, from)))];
}

export const randomText = (random: Random): AttributeValue => ({ S: pick(random, texts) });
export const randomNumber = (random: Random): AttributeValue => ({ N: pick(random, numbers) });

export function randomScalar(random: Random): AttributeValue {
  const kind = random();
  if (kind < 0.45) return randomText(random);
  return kind < 0.9 ? randomNumber(random) : { B: pick(random, bytes) };
}

export function randomSet(random: Random): AttributeValue {
  return random() < 0.5 ? { SS: some(random, texts) } : { NS: some(random, numbers) };
}

export function randomValue(random: Random, depth = 0): AttributeValue {
  const kind = random();
  if (kind < 0.55) return randomScalar(random);
  if (kind < 0.62) return { BOOL: true };
  if (kind < 0.67) return { NULL: true };
  if (kind < 0.8 || depth > 1) return randomSet(random);
  if (kind < 0.9) {
    return { L: Array.from({ length: Math.floor(random() * 4) }, () => randomValue(random, depth + 1)) };
  }
  return { M: randomMembers(random, depth + 1) };
}

function randomMembers(random: Random, depth: number): Item {
  const members: Item = {};
  for (const name of attributeNames) if (random() < 0.6) members[name] = randomValue(random, depth);
  return members;
}

export const randomItem = (random: Random): Item => randomMembers(random, 0);

/** An item that also has a number `n`, a list `l` and a set `s`, which updates then fit. */
export const updatableItem = (random: Random): Item => ({
  ...randomItem(random),
  n: randomNumber(random),
  l: { L: Array.from({ length: Math.floor(random() * 5) }, () => randomValue(random, 1)) },
  s: { SS: some(random, texts) },
});
