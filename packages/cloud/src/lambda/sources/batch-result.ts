/** What a function says of a batch: that all went well, or which items did not. */

export type BatchResult =
  | { readonly kind: "done" }
  /** The whole batch counts as failed. */
  | { readonly kind: "failed" }
  | { readonly kind: "partial"; readonly failed: ReadonlySet<string> };

/** Reads `{ batchItemFailures: [{ itemIdentifier }] }`; an answer that names no item of the batch fails it whole. */
export function readBatchResult(payload: Uint8Array, identifiers: ReadonlySet<string>): BatchResult {
  let answer: unknown;
  try {
    answer = JSON.parse(Buffer.from(payload).toString() || "null");
  } catch {
    return { kind: "failed" };
  }
  if (typeof answer !== "object" || answer === null) return { kind: "done" };
  const failures = (answer as { batchItemFailures?: unknown }).batchItemFailures;
  if (failures === undefined || failures === null) return { kind: "done" };
  if (!Array.isArray(failures)) return { kind: "failed" };
  if (failures.length === 0) return { kind: "done" };
  const failed = new Set<string>();
  for (const failure of failures) {
    const identifier = (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier;
    if (typeof identifier !== "string" || !identifiers.has(identifier)) return { kind: "failed" };
    failed.add(identifier);
  }
  return { kind: "partial", failed };
}
