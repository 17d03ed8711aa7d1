/** S3's tables, and the one way to change several of them at once. */
import type { DatabaseSync } from "node:sqlite";
import { groupCommit } from "../store/group-commit.ts";

/**
 * The id of an object's row grows with every new version, so the newest version of a key is the one with the highest.
 * Keys are text in binary collation: SQLite then sorts them as S3 does, by UTF-8 bytes. `data` stands last, so
 * that listing never reads it.
 */
const schema = `
  CREATE TABLE IF NOT EXISTS buckets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    region TEXT NOT NULL,
    created INTEGER NOT NULL,
    versioning TEXT
  );
  CREATE TABLE IF NOT EXISTS bucket_settings (
    bucket INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (bucket, name)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS objects (
    id INTEGER PRIMARY KEY,
    bucket INTEGER NOT NULL,
    key TEXT NOT NULL,
    version TEXT NOT NULL,
    latest INTEGER NOT NULL,
    marker INTEGER NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    modified INTEGER NOT NULL,
    headers TEXT NOT NULL,
    tags TEXT,
    checksum TEXT,
    pieces TEXT,
    data BLOB
  );
  CREATE INDEX IF NOT EXISTS objects_by_key ON objects (bucket, key, id DESC);
  CREATE INDEX IF NOT EXISTS objects_tagged ON objects (id) WHERE tags IS NOT NULL;
  CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY,
    bucket INTEGER NOT NULL,
    key TEXT NOT NULL,
    initiated INTEGER NOT NULL,
    initiator TEXT NOT NULL,
    headers TEXT NOT NULL,
    tags TEXT,
    algorithm TEXT,
    checksum_type TEXT
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS uploads_by_key ON uploads (bucket, key, id);
  CREATE TABLE IF NOT EXISTS parts (
    upload TEXT NOT NULL,
    number INTEGER NOT NULL,
    blob TEXT NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    modified INTEGER NOT NULL,
    algorithm TEXT,
    checksum TEXT,
    PRIMARY KEY (upload, number)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS completions (
    upload TEXT PRIMARY KEY,
    bucket INTEGER NOT NULL,
    key TEXT NOT NULL,
    answer TEXT NOT NULL,
    completed INTEGER NOT NULL
  ) WITHOUT ROWID;
`;

export function prepareDatabase(db: DatabaseSync): void {
  db.exec(schema);
}

export interface Transactions {
  /** Runs changes that must all happen or none. */
  atomically<T>(change: () => T): T;
  /**
   * Runs a change of one statement, committed together with others of the same turn; resolves once it is kept.
   * Not inside of `atomically`.
   */
  together<T>(change: () => T): Promise<T>;
  /** Keeps now what was written together so far. */
  flush(): void;
  /** Runs what must not happen before the changes are kept: at once, where nothing is open. */
  afterCommit(effect: () => void): void;
  /** Is told when what was written is taken back, so that what is remembered of it can be forgotten. */
  onRollback(forget: () => void): void;
}

export function transactionsOf(db: DatabaseSync): Transactions {
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");
  const rollback = db.prepare("ROLLBACK");
  const forgetting: (() => void)[] = [];
  const forget = () => {
    for (const each of forgetting) each();
  };
  const group = groupCommit(db, forget);
  let effects: (() => void)[] = [];
  let inside = false;
  return {
    atomically(change) {
      if (inside) return change();
      group.flush();
      begin.run();
      inside = true;
      try {
        const result = change();
        commit.run();
        inside = false;
        const due = effects;
        effects = [];
        for (const effect of due) effect();
        return result;
      } catch (error) {
        inside = false;
        effects = [];
        if (db.isTransaction) rollback.run();
        forget();
        throw error;
      }
    },
    together: (change) => group.write(change),
    flush: group.flush,
    afterCommit(effect) {
      if (inside) effects.push(effect);
      else if (db.isTransaction) void group.write(() => {}).then(effect, () => {});
      else effect();
    },
    onRollback: (forget) => void forgetting.push(forget),
  };
}
