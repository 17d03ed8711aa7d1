/** Log groups, streams and events in SQLite. */
import type { DatabaseSync } from "node:sqlite";
import { groupCommit } from "../store/group-commit.ts";

export interface LogGroup {
  readonly name: string;
  readonly created: number;
  /** Days; undefined keeps events for ever. */
  readonly retention: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export interface LogStream {
  readonly name: string;
  readonly created: number;
  readonly first: number | undefined;
  readonly last: number | undefined;
  readonly ingested: number | undefined;
}

export interface LogEvent {
  readonly id: number;
  readonly stream: string;
  readonly time: number;
  readonly ingested: number;
  readonly message: string;
}

/** Which events to read; events are ordered by time, and by arrival within a millisecond. */
export interface EventQuery {
  readonly group: string;
  readonly streams?: readonly string[];
  readonly streamPrefix?: string;
  readonly from?: number;
  /** Exclusive. */
  readonly to?: number;
  /** Strictly after (or, backward, before) this event. */
  readonly beyond?: { readonly time: number; readonly id: number };
  readonly backward?: boolean;
  readonly limit: number;
}

const day = 24 * 3600 * 1000;
/** What a group keeps at most, retention or not; older events go, and streams that are empty then. */
const KEPT_EVENTS = 100_000;
const KEPT_BYTES = 128 * 1024 * 1024;
const LOOK_EVERY = 10_000;

export type LogStore = ReturnType<typeof openLogStore>;

export function openLogStore(database: DatabaseSync) {
  database.exec(`
    CREATE TABLE IF NOT EXISTS log_group (
      name TEXT PRIMARY KEY, created INTEGER NOT NULL, retention INTEGER, tags TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS log_stream (
      grp TEXT NOT NULL, name TEXT NOT NULL, created INTEGER NOT NULL, first INTEGER, last INTEGER, ingested INTEGER,
      PRIMARY KEY (grp, name)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS log_event (
      id INTEGER PRIMARY KEY, grp TEXT NOT NULL, stream TEXT NOT NULL, time INTEGER NOT NULL,
      ingested INTEGER NOT NULL, message TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS log_event_by_time ON log_event (grp, time, id);
    CREATE INDEX IF NOT EXISTS log_event_by_stream ON log_event (grp, stream, time, id);
  `);
  const findGroup = database.prepare("SELECT * FROM log_group WHERE name = ?");
  const allGroups = database.prepare("SELECT * FROM log_group ORDER BY name");
  const writeGroup = database.prepare("INSERT OR REPLACE INTO log_group VALUES (?, ?, ?, ?)");
  const findStream = database.prepare("SELECT * FROM log_stream WHERE grp = ? AND name = ?");
  const allStreams = database.prepare("SELECT * FROM log_stream WHERE grp = ? ORDER BY name");
  const addStream = database.prepare("INSERT INTO log_stream (grp, name, created) VALUES (?, ?, ?)");
  const touchStream = database.prepare(
    `UPDATE log_stream SET first = min(coalesce(first, ?1), ?1), last = max(coalesce(last, ?2), ?2), ingested = ?3
     WHERE grp = ?4 AND name = ?5`,
  );
  const addEvent = database.prepare("INSERT INTO log_event VALUES (NULL, ?, ?, ?, ?, ?)");
  const sizeOf = database.prepare(
    "SELECT coalesce(sum(length(message) + 26), 0) AS size FROM log_event WHERE grp = ?",
  );
  const expire = database.prepare("DELETE FROM log_event WHERE grp = ? AND time < ?");
  const trimEvents = database.prepare(
    `DELETE FROM log_event WHERE grp = ?1 AND (time, id) <= (
       SELECT time, id FROM log_event WHERE grp = ?1 ORDER BY time DESC, id DESC LIMIT 1 OFFSET ?2
     )`,
  );
  const trimBytes = database.prepare(
    `DELETE FROM log_event WHERE id IN (
       SELECT id FROM (
         SELECT id, sum(length(message)) OVER (ORDER BY time DESC, id DESC) AS bytes FROM log_event WHERE grp = ?
       ) WHERE bytes > ?
     )`,
  );
  const dropEmptyStreams = database.prepare(
    `DELETE FROM log_stream WHERE grp = ?1 AND last IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM log_event WHERE grp = ?1 AND stream = log_stream.name)`,
  );
  const commit = groupCommit(database);
  /** Bytes that came to a group since it was last looked at for what it has too much of. */
  const added = new Map<string, number>();

  const asGroup = (row: Record<string, unknown>): LogGroup => ({
    name: String(row.name),
    created: Number(row.created),
    retention: optionalNumber(row.retention),
    tags: JSON.parse(String(row.tags)) as Record<string, string>,
  });
  const asStream = (row: Record<string, unknown>): LogStream => ({
    name: String(row.name),
    created: Number(row.created),
    first: optionalNumber(row.first),
    last: optionalNumber(row.last),
    ingested: optionalNumber(row.ingested),
  });

  /** Looks at every group now and then, and at one that grew a lot. */
  function keepWithinBounds(group: string, bytes: number, first: number, last: number): void {
    const grown = (added.get(group) ?? 0) + bytes;
    added.set(group, grown);
    if (Math.floor(first / LOOK_EVERY) !== Math.floor(last / LOOK_EVERY)) {
      for (const row of allGroups.all()) {
        expireIn(asGroup(row));
        trimmed(String(row.name), trimEvents.run(String(row.name), KEPT_EVENTS));
      }
    }
    if (grown < KEPT_BYTES / 4) return;
    added.set(group, 0);
    trimmed(group, trimBytes.run(group, KEPT_BYTES));
  }

  function trimmed(group: string, { changes }: { readonly changes: number | bigint }): void {
    if (Number(changes) > 0) dropEmptyStreams.run(group);
  }

  function expireIn({ name, retention }: LogGroup): void {
    if (retention !== undefined) expire.run(name, Date.now() - retention * day);
  }

  function inTransaction(change: () => void): void {
    commit.flush();
    database.exec("BEGIN IMMEDIATE");
    try {
      change();
      database.exec("COMMIT");
    } catch (error) {
      database.exec("ROLLBACK");
      throw error;
    }
  }

  return {
    group(name: string): LogGroup | undefined {
      const row = findGroup.get(name);
      return row && asGroup(row);
    },
    groups: (): LogGroup[] => allGroups.all().map(asGroup),
    putGroup({ name, created, retention, tags }: LogGroup): void {
      commit.flush();
      writeGroup.run(name, created, retention ?? null, JSON.stringify(tags));
    },
    deleteGroup(name: string): void {
      inTransaction(() => {
        for (const [table, column] of [
          ["log_event", "grp"],
          ["log_stream", "grp"],
          ["log_group", "name"],
        ]) {
          database.prepare(`DELETE FROM ${table} WHERE ${column} = ?`).run(name);
        }
      });
    },
    storedBytes: (group: string): number => Number(sizeOf.get(group)?.size ?? 0),
    stream(group: string, name: string): LogStream | undefined {
      const row = findStream.get(group, name);
      return row && asStream(row);
    },
    streams: (group: string): LogStream[] => allStreams.all(group).map(asStream),
    addStream(group: string, name: string): void {
      commit.flush();
      addStream.run(group, name, Date.now());
    },
    deleteStream(group: string, name: string): void {
      inTransaction(() => {
        database.prepare("DELETE FROM log_event WHERE grp = ? AND stream = ?").run(group, name);
        database.prepare("DELETE FROM log_stream WHERE grp = ? AND name = ?").run(group, name);
      });
    },
    /** The events are in the order of their time. */
    append(
      group: string,
      stream: string,
      events: readonly { readonly time: number; readonly message: string }[],
    ): Promise<void> {
      const now = Date.now();
      return commit.write(() => {
        let bytes = 0;
        let last = 0;
        for (const { time, message } of events) {
          last = Number(addEvent.run(group, stream, time, now, message).lastInsertRowid);
          bytes += message.length;
        }
        touchStream.run(events[0]?.time ?? now, events.at(-1)?.time ?? now, now, group, stream);
        keepWithinBounds(group, bytes, last - events.length, last);
      });
    },
    /** Forgets what is past the group's retention. */
    expire: expireIn,
    flush: commit.flush,
    read(query: EventQuery): LogEvent[] {
      const { group, streams, streamPrefix, from, to, beyond, backward = false, limit } = query;
      const conditions = ["grp = ?"];
      const values: (string | number)[] = [group];
      const where = (condition: string, ...more: (string | number)[]) => {
        conditions.push(condition);
        values.push(...more);
      };
      if (streams) where(`stream IN (${streams.map(() => "?").join(", ")})`, ...streams);
      if (streamPrefix !== undefined) where("substr(stream, 1, ?) = ?", streamPrefix.length, streamPrefix);
      if (from !== undefined) where("time >= ?", from);
      if (to !== undefined) where("time < ?", to);
      if (beyond) where(`(time, id) ${backward ? "<" : ">"} (?, ?)`, beyond.time, beyond.id);
      const order = backward ? "time DESC, id DESC" : "time, id";
      const rows = database
        .prepare(`SELECT * FROM log_event WHERE ${conditions.join(" AND ")} ORDER BY ${order} LIMIT ?`)
        .all(...values, limit);
      const events = rows.map((row) => ({
        id: Number(row.id),
        stream: String(row.stream),
        time: Number(row.time),
        ingested: Number(row.ingested),
        message: String(row.message),
      }));
      return backward ? events.reverse() : events;
    },
  };
}

function optionalNumber(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}
