/**
 * Anything a user can put right: what happened, where, and what to do about it.
 * The CLI renders it in one place; a stack trace is for our own bugs only.
 */
export class BowlineError extends Error {
  override readonly name = "BowlineError";
  /** Stable, for programs: `unset-secret`, `not-linkable`, … */
  readonly code: string;
  readonly hint: string | undefined;
  /** What the process exits with: 1 failed, 2 usage or validation, 4 locked. */
  readonly exitCode: 1 | 2 | 4;

  constructor(
    code: string,
    message: string,
    options: { hint?: string; exitCode?: 1 | 2 | 4; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 2;
  }
}

/** Several problems found in one go, so that a user mends them in one go. */
export class BowlineErrors extends BowlineError {
  readonly problems: readonly BowlineError[];

  constructor(problems: readonly BowlineError[]) {
    super(
      "several-problems",
      problems
        .map((problem) => (problem.hint ? `${problem.message}\n  ${problem.hint}` : problem.message))
        .join("\n"),
      { exitCode: problems.some((problem) => problem.exitCode === 2) ? 2 : 1 },
    );
    this.problems = problems;
  }
}

/** One error from many: itself when it is the only one. */
export function combineErrors(problems: readonly BowlineError[]): BowlineError {
  const [first] = problems;
  return problems.length === 1 && first ? first : new BowlineErrors(problems.flatMap(problemsOf));
}

/** The single problems of an error that may be of several. */
export function problemsOf(error: BowlineError): readonly BowlineError[] {
  return error instanceof BowlineErrors ? error.problems : [error];
}
