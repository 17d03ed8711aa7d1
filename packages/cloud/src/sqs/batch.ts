/** Batches: up to ten entries, each with its own success or failure. */
import { AwsError } from "../error.ts";
import { type Input, records, text } from "./input.ts";

export interface BatchFailure {
  readonly Id: string;
  readonly SenderFault: boolean;
  readonly Code: string;
  readonly Message: string;
}

/** The entries of a batch, after the checks that refuse it as a whole. */
export function batchEntries(input: Input): { id: string; entry: Input }[] {
  const entries = records(input, "Entries").map((entry) => ({ id: text(entry, "Id") ?? "", entry }));
  if (entries.length === 0) {
    throw new AwsError("EmptyBatchRequest", "The batch request doesn't contain any entries.");
  }
  if (entries.length > 10) {
    throw new AwsError(
      "TooManyEntriesInBatchRequest",
      `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
    );
  }
  const ids = new Set<string>();
  for (const { id } of entries) {
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(id)) {
      throw new AwsError(
        "InvalidBatchEntryId",
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
      );
    }
    if (ids.has(id)) throw new AwsError("BatchEntryIdsNotDistinct", `Id ${id} repeated.`);
    ids.add(id);
  }
  return entries;
}

export function batchFailure(id: string, error: unknown, codeOf: (code: string) => string): BatchFailure {
  if (!(error instanceof AwsError)) throw error;
  return { Id: id, SenderFault: error.status < 500, Code: codeOf(error.code), Message: error.message };
}

/** Runs every entry and sorts the outcomes. */
export function runBatch<T>(
  entries: readonly { id: string; entry: Input }[],
  run: (entry: Input) => T,
  codeOf: (code: string) => string,
): { Successful: (T & { Id: string })[]; Failed: BatchFailure[] | undefined } {
  const Successful: (T & { Id: string })[] = [];
  const failed: BatchFailure[] = [];
  for (const { id, entry } of entries) {
    try {
      Successful.push({ Id: id, ...run(entry) });
    } catch (error) {
      failed.push(batchFailure(id, error, codeOf));
    }
  }
  return { Successful, Failed: failed.length > 0 ? failed : undefined };
}
