import { BowlineError, problemsOf } from "../error.ts";
import type { Reporter } from "./reporter.ts";

/** Tells what went wrong; a stack trace only when the fault is ours. Returns the exit code. */
export function reportProblem(reporter: Reporter, cause: unknown): number {
  if (cause instanceof BowlineError) {
    for (const { code, message, hint } of problemsOf(cause))
      reporter.report({ type: "error", code, message, ...(hint ? { hint } : {}) });
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
