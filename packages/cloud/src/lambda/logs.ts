/** What functions and their runtimes wrote, kept as CloudWatch Logs would: by group and stream, bounded. */
import type { DatabaseSync } from "node:sqlite";

/** Lines kept per log group; older ones go. */
const KEPT = 10_000;
const FLUSH_AFTER = 50;

export interface LogLine {
  readonly time: number;
  readonly stream: string;
  readonly line: string;
}

export interface FunctionLogs {
  write(group: string, stream: string, line: string): void;
  /** The last lines of a group, oldest first. */
  tail(group: string, limit?: number): LogLine[];
  remove(group: string): void;
  /** Writes out what is buffered. */
  flush(): void;
}

export function openLogs(database: DatabaseSync): FunctionLogs {
  database.exec(`
    CREATE TABLE IF NOT EXISTS log_lines (
      id INTEGER PRIMARY KEY,
      log_group TEXT NOT NULL,
      log_stream TEXT NOT NULL,
      time INTEGER NOT NULL,
      line TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS log_lines_by_group ON log_lines (log_group, id);
  `);
  const insert = database.prepare(
    "INSERT INTO log_lines (log_group, log_stream, time, line) VALUES (?, ?, ?, ?)",
  );
  const select = database.prepare(
    "SELECT time, log_stream AS stream, line FROM log_lines WHERE log_group = ? ORDER BY id DESC LIMIT ?",
  );
  const trim = database.prepare(
    `DELETE FROM log_lines WHERE log_group = ?1 AND id <=
      (SELECT id FROM log_lines WHERE log_group = ?1 ORDER BY id DESC LIMIT 1 OFFSET ${KEPT})`,
  );
  const removeAll = database.prepare("DELETE FROM log_lines WHERE log_group = ?");
  /** Lines are written in batches: one transaction a line would cost more than most invocations. */
  let buffered: [group: string, stream: string, time: number, line: string][] = [];
  let timer: NodeJS.Timeout | undefined;
  const sinceTrim = new Map<string, number>();

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (buffered.length === 0) return;
    const lines = buffered;
    buffered = [];
    database.exec("BEGIN");
    try {
      for (const line of lines) insert.run(...line);
      for (const group of new Set(lines.map(([name]) => name))) trimNowAndThen(group, lines.length);
      database.exec("COMMIT");
    } catch (error) {
      database.exec("ROLLBACK");
      throw error;
    }
  }

  function trimNowAndThen(group: string, added: number): void {
    const count = (sinceTrim.get(group) ?? 0) + added;
    sinceTrim.set(group, count < KEPT / 10 ? count : 0);
    if (count >= KEPT / 10) trim.run(group);
  }

  return {
    write(group, stream, line) {
      buffered.push([group, stream, Date.now(), line]);
      if (buffered.length >= 1000) flush();
      else timer ??= setTimeout(flush, FLUSH_AFTER);
    },
    tail(group, limit = 1000) {
      flush();
      return (select.all(group, limit) as unknown as LogLine[]).reverse();
    },
    remove(group) {
      flush();
      removeAll.run(group);
    },
    flush,
  };
}
