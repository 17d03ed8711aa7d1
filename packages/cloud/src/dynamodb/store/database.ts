/** DynamoDB's SQLite database: its fixed tables, and changing several rows at once. */
import type { DatabaseSync } from "node:sqlite";

const schema = `
  CREATE TABLE IF NOT EXISTS tables (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    definition TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS streams (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    arn TEXT NOT NULL UNIQUE,
    table_name TEXT NOT NULL,
    label TEXT NOT NULL,
    view TEXT NOT NULL,
    keys TEXT NOT NULL,
    created INTEGER NOT NULL,
    disabled INTEGER
  );
  CREATE TABLE IF NOT EXISTS stream_records (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    stream INTEGER NOT NULL,
    created INTEGER NOT NULL,
    record TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS stream_records_by_stream ON stream_records (stream, sequence);
  CREATE TABLE IF NOT EXISTS transaction_tokens (
    token TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    created INTEGER NOT NULL
  ) WITHOUT ROWID;
`;

export function prepareDatabase(db: DatabaseSync): void {
  db.exec(schema);
}

/** Runs changes that must all happen or none; inside of another such change, as part of it. */
export type Atomically = <T>(change: () => T) => T;

export function atomicallyIn(db: DatabaseSync): Atomically {
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");
  const rollback = db.prepare("ROLLBACK");
  return (change) => {
    if (db.isTransaction) return change();
    begin.run();
    try {
      const result = change();
      commit.run();
      return result;
    } catch (error) {
      if (db.isTransaction) rollback.run();
      throw error;
    }
  };
}
