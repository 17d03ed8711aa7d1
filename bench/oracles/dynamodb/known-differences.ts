/** Where an oracle and we differ knowingly, and whom AWS agrees with. */
import { isDeepStrictEqual } from "node:util";
import type { OracleName } from "./oracle.ts";

/** Why these two answers differ; undefined when nobody knows. */
export function explainDifference(
  oracle: OracleName,
  kind: string,
  ours: unknown,
  theirs: unknown,
): string | undefined {
  if (oracle !== "moto") return undefined;
  // moto's failures reach the client as a page of HTML, which is no JSON.
  if (errorOf(theirs) === "SyntaxError") return "moto fails with an internal error";
  if (errorOf(ours) === "ValidationException" && !errorOf(theirs)) {
    return kind === "updates"
      ? "moto skips an update of a path that leads nowhere, which AWS refuses"
      : "moto takes an expression that AWS refuses";
  }
  if (isDeepStrictEqual(ours, withoutTrailingZeros(theirs))) {
    return "moto keeps the zeros at the end of a computed number, which AWS trims";
  }
  return undefined;
}

function withoutTrailingZeros(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTrailingZeros);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      name === "N" && typeof part === "string" && part.includes(".")
        ? part.replace(/\.?0+$/, "")
        : withoutTrailingZeros(part),
    ]),
  );
}

function errorOf(answer: unknown): string | undefined {
  return typeof answer === "object" && answer !== null && "error" in answer
    ? String(answer.error)
    : undefined;
}
