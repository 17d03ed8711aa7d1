/** What was counted, and what went wrong. */
export interface Violation {
  /** Seconds since the start. */
  readonly at: number;
  readonly load: string;
  readonly what: string;
}

export interface Ledger {
  count(load: string, what: string, by?: number): void;
  violation(load: string, what: string): void;
  readonly violations: readonly Violation[];
  readonly counts: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

const KEPT = 1000;

export function openLedger(): Ledger {
  const started = performance.now();
  const counts = new Map<string, Map<string, number>>();
  const violations: Violation[] = [];
  return {
    count(load, what, by = 1) {
      const of = counts.get(load) ?? new Map<string, number>();
      counts.set(load, of.set(what, (of.get(what) ?? 0) + by));
    },
    violation(load, what) {
      const at = (performance.now() - started) / 1000;
      if (violations.length < 20) console.error(`  VIOLATION after ${at.toFixed(1)} s, ${load}: ${what}`);
      if (violations.length < KEPT) violations.push({ at, load, what });
    },
    violations,
    counts,
  };
}
