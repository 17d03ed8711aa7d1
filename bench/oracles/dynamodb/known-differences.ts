/** Where an oracle and we differ knowingly, and whom AWS agrees with. */
import type { OracleName } from "./oracle.ts";

/** Why these two answers differ; undefined when nobody knows. */
export function explainDifference(
  oracle: OracleName,
  _question: unknown,
  ours: unknown,
  theirs: unknown,
): string | undefined {
  if (oracle !== "moto") return undefined;
  // moto's failures reach the client as a page of HTML, which is no JSON.
  if (errorOf(theirs) === "SyntaxError") return "moto fails with an internal error";
  if (errorOf(ours) === "ValidationException" && !errorOf(theirs)) {
    return "moto skips an update of a path that leads nowhere, which AWS refuses";
  }
  return undefined;
}

function errorOf(answer: unknown): string | undefined {
  return typeof answer === "object" && answer !== null && "error" in answer
    ? String(answer.error)
    : undefined;
}
