/** Seeded filter policies and event patterns, and messages that they nearly match. */
import type { Json } from "../../../packages/cloud/src/pattern/pattern.ts";

type JsonObject = { [key: string]: Json };

export interface SnsCase {
  readonly kind: "sns";
  readonly scope: "MessageAttributes" | "MessageBody";
  readonly pattern: JsonObject;
  readonly attributes: Record<string, { Type: string; Value: string }>;
  readonly message: string;
}

export interface EventCase {
  readonly kind: "event";
  readonly pattern: JsonObject;
  readonly event: JsonObject;
}

export type Case = SnsCase | EventCase;

/** A small generator of numbers in [0, 1), the same for the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

const words = ["a", "ab", "abc", "b", "AB", "a b", "x.png", "y.PNG", "10.0.0.1", "10.0.1.1", "é"] as const;
const numbers = [-1, 0, 1, 5, 10, 100.5] as const;
const keys = ["k", "l", "m"] as const;

export function cases(seed: number, count: number): Case[] {
  const random = generator(seed);
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const chance = (share: number) => random() < share;
  const some = <T>(make: () => T, most: number): T[] =>
    Array.from({ length: 1 + Math.floor(random() * most) }, make);

  function range(): Json[] {
    const [low, high] = [one(numbers), one(numbers)].sort((a, b) => a - b) as [number, number];
    if (chance(0.5) || low === high) return [one(["=", "<", "<=", ">", ">="]), one(numbers)];
    return [one([">", ">="]), low, one(["<", "<="]), high];
  }

  function condition(kind: Case["kind"]): Json {
    const anythingBut = (): Json => {
      if (chance(0.3)) return { prefix: one(words) };
      if (chance(0.2) && kind === "event") return { suffix: one(words) };
      return chance(0.5) ? some(() => one(words), 2) : some(() => one(numbers), 2);
    };
    const makers: (() => Json)[] = [
      () => one(words),
      () => one(words),
      () => one(numbers),
      () => ({ prefix: one(words) }),
      () => ({ suffix: one(words) }),
      () => ({ "equals-ignore-case": one(words) }),
      () => ({ numeric: range() }),
      () => ({ exists: chance(0.5) }),
      () => ({ "anything-but": anythingBut() }),
    ];
    if (kind === "event") {
      makers.push(
        () => one([true, false, null]),
        () => ({ wildcard: one(["a*", "*b*", "*.png", "a*c", "10.*.1"]) }),
        () => ({ cidr: one(["10.0.0.0/24", "10.0.0.0/8", "10.0.1.1/32"]) }),
      );
    }
    return one(makers)();
  }

  function tree(kind: Case["kind"], depth: number): JsonObject {
    const node: JsonObject = {};
    for (const key of some(() => one(keys), 2)) {
      node[key] = depth > 0 && chance(0.3) ? tree(kind, depth - 1) : some(() => condition(kind), 2);
    }
    if (kind === "event" && chance(0.15)) node.$or = [tree(kind, 0), tree(kind, 0)];
    return node;
  }

  function scalar(kind: Case["kind"]): Json {
    if (kind === "event" && chance(0.1)) return one([true, false, null]);
    return chance(0.6) ? one(words) : one(numbers);
  }

  function body(kind: Case["kind"], depth: number): JsonObject {
    const node: JsonObject = {};
    for (const key of keys) {
      if (chance(0.25)) continue;
      if (depth > 0 && chance(0.3)) node[key] = body(kind, depth - 1);
      else node[key] = chance(0.15) ? some(() => scalar(kind), 2) : scalar(kind);
    }
    return node;
  }

  function attributes(): SnsCase["attributes"] {
    const found: SnsCase["attributes"] = {};
    for (const key of keys) {
      if (chance(0.25)) continue;
      const type = one(["String", "String", "Number", "String.Array"]);
      const list = JSON.stringify(some(() => scalar("sns"), 2));
      const Value = type === "Number" ? String(one(numbers)) : type === "String" ? one(words) : list;
      found[key] = { Type: type, Value };
    }
    return found;
  }

  return Array.from({ length: count }, (): Case => {
    if (chance(0.5)) return { kind: "event", pattern: tree("event", 2), event: body("event", 2) };
    const scope = chance(0.5) ? "MessageAttributes" : "MessageBody";
    return {
      kind: "sns",
      scope,
      pattern: tree("sns", scope === "MessageBody" ? 2 : 0),
      attributes: scope === "MessageAttributes" ? attributes() : {},
      message: scope === "MessageBody" ? JSON.stringify(body("sns", 2)) : "x",
    };
  });
}
