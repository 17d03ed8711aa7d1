/**
 * What a receive request of a FIFO queue was given, by the id it brought: repeated because its answer was lost, it is
 * given the same again.
 */
import type { DatabaseSync } from "node:sqlite";
import type { StoredMessage } from "./model.ts";

const schema = `
CREATE TABLE IF NOT EXISTS attempt (
  queue INTEGER NOT NULL,
  attempt TEXT NOT NULL,
  until INTEGER NOT NULL,
  handed TEXT NOT NULL,
  PRIMARY KEY (queue, attempt)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS attempt_until ON attempt (until);
`;

/** How long a request may be repeated. */
export const attemptLifetime = 5 * 60_000;

/** A message as it was handed out: by any other it has been deleted, shown again or hidden anew since. */
export type Handed = Pick<StoredMessage, "id" | "receives" | "visible_at">;

export interface Attempt {
  readonly until: number;
  readonly handed: readonly Handed[];
}

export type AttemptStore = ReturnType<typeof attemptStore>;

export function attemptStore(database: DatabaseSync) {
  database.exec(schema);
  const find = database.prepare(
    "SELECT until, handed FROM attempt WHERE queue = ? AND attempt = ? AND until > ?",
  );
  const put = database.prepare("INSERT OR REPLACE INTO attempt VALUES (?, ?, ?, ?)");
  const forget = database.prepare("DELETE FROM attempt WHERE until <= ?");
  const forgetAll = database.prepare("DELETE FROM attempt WHERE queue = ?");
  return {
    find(queue: number, attempt: string, now: number): Attempt | undefined {
      const row = find.get(queue, attempt, now);
      return row && { until: Number(row.until), handed: JSON.parse(String(row.handed)) as Handed[] };
    },
    /** Must run inside a commit. */
    remember(queue: number, attempt: string, until: number, messages: readonly StoredMessage[]): void {
      const handed = messages.map(({ id, receives, visible_at }): Handed => ({ id, receives, visible_at }));
      put.run(queue, attempt, until, JSON.stringify(handed));
    },
    forgetUntil(now: number): void {
      forget.run(now);
    },
    forgetQueue(queue: number): void {
      forgetAll.run(queue);
    },
  };
}
