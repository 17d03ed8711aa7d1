/** What every lane shares: how many cases it asks, and how it tells the runner what came of them. */

export interface Report {
  /** Which part of the lane this is, where it has several. */
  readonly part?: string;
  readonly cases: number;
  /** Differences with a reason that is written down. */
  readonly explained: number;
  readonly unexplained: number;
}

/** So many cases, scaled by `BOWLINE_ORACLE_CASES` (0.1 asks a tenth of them). */
export function caseCount(whole: number): number {
  const factor = Number(process.env.BOWLINE_ORACLE_CASES || 1);
  if (!(factor > 0)) {
    throw new Error(
      `BOWLINE_ORACLE_CASES is ${process.env.BOWLINE_ORACLE_CASES}, not a factor such as 0.1 or 2.`,
    );
  }
  return Math.max(1, Math.round(whole * factor));
}

/** Hands a result to the runner, if there is one; a difference that nobody explained fails the lane. */
export function report(result: Report): void {
  process.send?.(result);
  if (result.unexplained > 0) process.exitCode = 1;
}
