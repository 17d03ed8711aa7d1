/** Chance with a seed, so that a failure can be had again. */
export function chance(seed: number) {
  let state = seed;
  function below(limit: number): number {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  }
  return {
    below,
    pick<T>(from: readonly T[]): T {
      const [first] = from;
      if (first === undefined) throw new Error("There is nothing to pick from.");
      return from[below(from.length)] ?? first;
    },
  };
}

export type Chance = ReturnType<typeof chance>;
