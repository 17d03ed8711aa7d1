/** Opening SQLite databases that survive `kill -9`. */
import type { DatabaseSync } from "node:sqlite";

type Sqlite = typeof import("node:sqlite");
let loaded: Sqlite | undefined;

/**
 * Node announces `node:sqlite` as experimental on its first load. That is our choice and nothing a user could act
 * on, so this one warning is kept from the terminal.
 */
function sqlite(): Sqlite {
  if (loaded) return loaded;
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (/sqlite/i.test(String(warning))) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    loaded = process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
  return loaded;
}

/** Opens a database without further settings. */
export function openPlain(file: string): DatabaseSync {
  return new (sqlite().DatabaseSync)(file);
}

/**
 * Opens a database in WAL mode: a committed write is there after the process was killed. The folder belongs to one
 * cloud, so its databases are locked once and not anew for every statement, which halves what a statement costs.
 */
export function openDatabase(file: string): DatabaseSync {
  const database = openPlain(file);
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000");
  // A checkpoint waits for the disk: one for 16 MiB instead of 4 makes a small write a tenth cheaper.
  database.exec("PRAGMA wal_autocheckpoint = 4000");
  return database;
}
