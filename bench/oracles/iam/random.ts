/** A seeded source of chance, so that every difference can be had again. */
export interface Random {
  /** An integer from 0 up to, not including, `below`. */
  below(below: number): number;
  /** True in so many of a hundred cases. */
  chance(percent: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** One to three of them, without repetition. */
  some<T>(from: readonly T[]): T[];
}

export function seeded(seed: number): Random {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  const pick = <T>(from: readonly T[]): T => {
    const found = from[below(from.length)];
    if (found === undefined) throw new Error("Nothing to pick from.");
    return found;
  };
  return {
    below,
    chance: (percent) => below(100) < percent,
    pick,
    some: (from) => [...new Set(Array.from({ length: 1 + below(3) }, () => pick(from)))],
  };
}
