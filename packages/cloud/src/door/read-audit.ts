import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { AuditEvent } from "../events.ts";
import { openPlain } from "../store/sqlite.ts";
import { type AuditQuery, queryAudit } from "./audit.ts";

/** How often a copy is tried while the log is being written. */
const ATTEMPTS = 50;

/**
 * The audit log in a cloud's folder, newest first, whether the cloud is up or not; undefined where there is none.
 * What was decided in the last moments may be missing while it is up.
 *
 * @example
 * const denials = readAudit(".cloud", { decision: "deny" });
 */
export function readAudit(dir: string, query?: AuditQuery): AuditEvent[] | undefined {
  const file = join(resolve(dir), "audit.db");
  if (!existsSync(file)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "bowline-audit-"));
  try {
    const copy = join(folder, "audit.db");
    copyWhole(file, copy);
    const database = openPlain(copy);
    try {
      return queryAudit(database, query);
    } finally {
      database.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The cloud that is up keeps its databases to itself, so a copy is read: one during which nothing was written. */
function copyWhole(from: string, to: string): void {
  for (let attempt = 1; ; attempt++) {
    const before = state(from);
    for (const ending of ["", "-wal"]) {
      rmSync(to + ending, { force: true });
      if (existsSync(from + ending)) copyFileSync(from + ending, to + ending);
    }
    if (before === state(from) || attempt === ATTEMPTS) return;
  }
}

function state(file: string): string {
  return ["", "-wal"]
    .map((ending) => statSync(file + ending, { throwIfNoEntry: false }))
    .map((found) => (found ? `${found.size} ${found.mtimeMs}` : "none"))
    .join(", ");
}
