import { BowlineError } from "../error.ts";
import type { Reporter } from "./reporter.ts";

/** Tells what went wrong; a stack trace only when the fault is ours. Returns the exit code. */
export function reportProblem(reporter: Reporter, cause: unknown): number {
  if (cause instanceof BowlineError) {
    reporter.report({
      type: "error",
      code: cause.code,
      message: cause.message,
      ...(cause.hint ? { hint: cause.hint } : {}),
    });
    return cause.exitCode;
  }
  const message = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  reporter.report({
    type: "error",
    code: "internal",
    message,
    hint: "This is a fault in Bowline; please report it with the lines above.",
  });
  return 1;
}
