/** Chance with a seed, so that a run can be had again. */
import { createHash } from "node:crypto";

export interface Random {
  /** A whole number from 0 up to, not including, the limit. */
  below(limit: number): number;
  pick<T>(from: readonly [T, ...T[]]): T;
  /** True in so many of a hundred cases. */
  percent(chance: number): boolean;
}

/** Each name draws its own sequence, so that one worker's pace does not change what another does. */
export function randomOf(seed: number, name: string): Random {
  let state = createHash("sha256").update(`${seed} ${name}`).digest().readInt32LE(0);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    pick: (from) => from[below(from.length)] ?? from[0],
    percent: (chance) => next() * 100 < chance,
  };
}
