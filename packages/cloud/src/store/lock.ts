/** One cloud at a time per folder. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "../start-error.ts";
import { openPlain } from "./sqlite.ts";

interface Holder {
  readonly pid: number;
  readonly port?: number;
}

export interface FolderLock {
  /** Tells others where the holder listens. */
  announce(port: number): void;
  release(): void;
}

/**
 * Takes the folder. The lock is SQLite's own (the operating system drops it with the process, however that ends);
 * the file beside it only says who holds it.
 */
export function lockFolder(dir: string): FolderLock {
  const holderFile = fileOf(dir);
  const database = openPlain(join(dir, "lock.db"));
  try {
    database.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (!/locked|busy/i.test(String(error))) throw error;
    const holder = readHolder(dir);
    const who = holder
      ? `process ${holder.pid}${holder.port ? ` (on port ${holder.port})` : ""}`
      : "another process";
    throw new StartError(
      "folder-in-use",
      `The local cloud in ${dir} is already running in ${who}. Stop it, or give this one a folder of its own.`,
    );
  }
  const write = (holder: Holder) => writeFileSync(holderFile, `${JSON.stringify(holder)}\n`);
  write({ pid: process.pid });
  return {
    announce: (port) => write({ pid: process.pid, port }),
    release() {
      writeFileSync(holderFile, "{}\n");
      database.close();
    },
  };
}

/** Who holds the folder, as it says itself; one that was killed says so still. */
export function readHolder(dir: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(fileOf(dir), "utf8")) as Partial<Holder>;
    return typeof holder.pid === "number" ? { pid: holder.pid, port: holder.port } : undefined;
  } catch {
    return undefined;
  }
}

function fileOf(dir: string): string {
  return join(dir, "holder.json");
}
