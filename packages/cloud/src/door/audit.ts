/** The audit log: a bounded table, written in batches so that no request waits for it. */
import type { DatabaseSync } from "node:sqlite";
import type { AuditEvent } from "../events.ts";

export interface AuditQuery {
  readonly principal?: string;
  readonly decision?: "allow" | "deny";
  /** Milliseconds since the epoch; only what happened then or later. */
  readonly since?: number;
  /** The newest so many; default 1000. */
  readonly limit?: number;
}

export interface AuditLog {
  record(event: AuditEvent): void;
  /** Newest first. */
  query(query?: AuditQuery): AuditEvent[];
  close(): void;
}

const batchSize = 256;
const flushAfter = 200;
const keep = 100_000;

export function openAudit(database: DatabaseSync): AuditLog {
  database.exec(`
    PRAGMA synchronous = OFF;
    CREATE TABLE IF NOT EXISTS audit (
      id INTEGER PRIMARY KEY, time INTEGER, requestId TEXT, principal TEXT, service TEXT,
      operation TEXT, action TEXT, resource TEXT, decision TEXT, reason TEXT
    );
  `);
  const insert = database.prepare("INSERT INTO audit VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const trim = database.prepare("DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?");
  let pending: AuditEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  let written = 0;
  let closed = false;

  function write(batch: readonly AuditEvent[]): void {
    database.exec("BEGIN");
    for (const e of batch) {
      insert.run(
        e.time,
        e.requestId,
        e.principal,
        e.service,
        e.operation,
        e.action,
        e.resource,
        e.decision,
        e.reason,
      );
    }
    written += batch.length;
    if (written > keep / 20) {
      trim.run(keep);
      written = 0;
    }
    database.exec("COMMIT");
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (pending.length === 0) return;
    const batch = pending;
    pending = [];
    try {
      write(batch);
    } catch (error) {
      // A full disk costs the log, not the cloud.
      if (database.isTransaction) database.exec("ROLLBACK");
      process.emitWarning(`${batch.length} decisions are missing in the audit log: ${error}`);
    }
  }

  return {
    record(event) {
      if (closed) return;
      pending.push(event);
      if (pending.length >= batchSize) flush();
      else timer ??= setTimeout(flush, flushAfter).unref();
    },
    query(query) {
      flush();
      return queryAudit(database, query);
    },
    close() {
      flush();
      closed = true;
    },
  };
}

/** Newest first. */
export function queryAudit(
  database: DatabaseSync,
  { principal, decision, since, limit = 1000 }: AuditQuery = {},
): AuditEvent[] {
  const rows = database
    .prepare(
      `SELECT * FROM audit WHERE (?1 IS NULL OR principal = ?1) AND (?2 IS NULL OR decision = ?2)
       AND (?3 IS NULL OR time >= ?3) ORDER BY id DESC LIMIT ?4`,
    )
    .all(principal ?? null, decision ?? null, since ?? null, limit);
  return rows.map(({ id, ...row }) => ({ type: "audit", ...row }) as unknown as AuditEvent);
}
