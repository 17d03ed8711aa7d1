/**
 * Many small writes, one commit: what is written within one turn of the event loop is committed together, and each
 * writer hears of its success only then. An acknowledged write has therefore survived a `kill -9`.
 */
import type { DatabaseSync } from "node:sqlite";

export interface GroupCommit {
  /**
   * Runs `change` at once, inside the open transaction; resolves with its result once that is committed.
   * A change must check everything before its first statement: what it has written stays, even if it throws.
   */
  write<T>(change: () => T): Promise<T>;
  /** Commits what is open now. */
  flush(): void;
}

interface Waiting {
  done(): void;
  fail(error: unknown): void;
}

/** `onRollback` is told when a commit failed, so that what is remembered in memory can be read again. */
export function groupCommit(database: DatabaseSync, onRollback: () => void = () => {}): GroupCommit {
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  let open = false;
  let waiting: Waiting[] = [];

  function flush(): void {
    if (!open) return;
    open = false;
    const writers = waiting;
    waiting = [];
    try {
      commit.run();
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      onRollback();
      for (const writer of writers) writer.fail(error);
      return;
    }
    for (const writer of writers) writer.done();
  }

  return {
    write(change) {
      return new Promise((resolve, reject) => {
        if (!open) {
          begin.run();
          open = true;
          setImmediate(flush);
        }
        const result = change();
        waiting.push({ done: () => resolve(result), fail: reject });
      });
    },
    flush,
  };
}
