/** The durable messages: one table, read by queue and by the time from which a message may be received. */
import type { DatabaseSync } from "node:sqlite";
import type { NewMessage, StoredMessage } from "./model.ts";

const schema = `
CREATE TABLE IF NOT EXISTS message (
  id INTEGER PRIMARY KEY,
  queue INTEGER NOT NULL,
  visible_at INTEGER NOT NULL,
  receives INTEGER NOT NULL DEFAULT 0,
  sent INTEGER NOT NULL,
  first_received INTEGER,
  message_id TEXT NOT NULL,
  body TEXT NOT NULL,
  body_md5 TEXT NOT NULL,
  attributes TEXT,
  sender TEXT NOT NULL,
  message_group TEXT,
  dedup TEXT,
  trace TEXT,
  dead_source TEXT
);
CREATE INDEX IF NOT EXISTS message_visible ON message (queue, visible_at);
CREATE TABLE IF NOT EXISTS dedup (
  queue INTEGER NOT NULL,
  scope TEXT NOT NULL,
  dedup TEXT NOT NULL,
  until INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  message INTEGER NOT NULL,
  PRIMARY KEY (queue, scope, dedup)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS dedup_until ON dedup (until);
`;

export interface MessageCounts {
  readonly visible: number;
  readonly delayed: number;
  readonly inFlight: number;
}

/** A message's place, without its content. */
export interface Placement {
  readonly id: number;
  readonly message_group: string | null;
  readonly visible_at: number;
  readonly receives: number;
}

export type MessageStore = ReturnType<typeof messageStore>;

export function messageStore(database: DatabaseSync) {
  database.exec(schema);
  const insert = database.prepare(
    `INSERT INTO message (id, queue, visible_at, sent, message_id, body, body_md5, attributes, sender, message_group,
       dedup, trace) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const visible = database.prepare(
    "SELECT * FROM message WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, id LIMIT ?",
  );
  const byId = database.prepare("SELECT * FROM message WHERE id = ?");
  const received = database.prepare(
    "UPDATE message SET visible_at = ?, receives = ?, first_received = ? WHERE id = ?",
  );
  const reschedule = database.prepare("UPDATE message SET visible_at = ? WHERE id = ?");
  const remove = database.prepare("DELETE FROM message WHERE id = ?");
  const relocate = database.prepare(
    `UPDATE message SET id = ?, queue = ?, visible_at = ?, receives = ?, sent = ?, message_id = ?, first_received = ?,
       dead_source = ? WHERE id = ?`,
  );
  const removeAll = database.prepare("DELETE FROM message WHERE queue = ?");
  const forgetAll = database.prepare("DELETE FROM dedup WHERE queue = ?");
  const count = database.prepare(
    `SELECT count(*) AS total, coalesce(sum(visible_at <= ?), 0) AS visible,
       coalesce(sum(visible_at > ? AND receives = 0), 0) AS delayed FROM message WHERE queue = ?`,
  );
  const countInFlight = database.prepare(
    "SELECT count(*) AS count FROM message WHERE queue = ? AND visible_at > ? AND receives > 0",
  );
  const next = database.prepare(
    "SELECT min(visible_at) AS next FROM message WHERE queue = ? AND visible_at > ?",
  );
  const placements = database.prepare(
    "SELECT id, message_group, visible_at, receives FROM message WHERE queue = ? ORDER BY id",
  );
  const oldest = database.prepare("SELECT min(sent) AS oldest FROM message WHERE queue = ?");
  const expired = database.prepare("SELECT id, message_group FROM message WHERE queue = ? AND sent < ?");
  const findDedup = database.prepare(
    "SELECT message_id, message FROM dedup WHERE queue = ? AND scope = ? AND dedup = ? AND until > ?",
  );
  const putDedup = database.prepare(
    "INSERT OR REPLACE INTO dedup (queue, scope, dedup, until, message_id, message) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const forgetDedup = database.prepare("DELETE FROM dedup WHERE until <= ?");

  const last = database.prepare("SELECT max(id) AS id FROM message").get() as { id: number | null };
  let lastId = last.id ?? 0;

  /** Ids grow with time and are never given twice, not even after everything was deleted. */
  function nextId(): number {
    lastId = Math.max(lastId + 1, Date.now() * 1000);
    return lastId;
  }

  return {
    insert(queue: number, message: NewMessage): number {
      const id = nextId();
      insert.run(
        id,
        queue,
        message.visibleAt,
        message.sent,
        message.messageId,
        message.body,
        message.bodyMd5,
        message.attributes ? JSON.stringify(message.attributes) : null,
        message.sender,
        message.group ?? null,
        message.dedup ?? null,
        message.trace ?? null,
      );
      return id;
    },
    visible(queue: number, now: number, limit: number): StoredMessage[] {
      return visible.all(queue, now, limit) as unknown as StoredMessage[];
    },
    get(id: number): StoredMessage | undefined {
      return byId.get(id) as unknown as StoredMessage | undefined;
    },
    /** Notes that a message was handed out. */
    received(message: StoredMessage, now: number, visibleAt: number): StoredMessage {
      const receives = message.receives + 1;
      const first = message.first_received ?? now;
      received.run(visibleAt, receives, first, message.id);
      return { ...message, visible_at: visibleAt, receives, first_received: first };
    },
    reschedule(id: number, visibleAt: number): void {
      reschedule.run(visibleAt, id);
    },
    remove(id: number): void {
      remove.run(id);
    },
    /** Moves a message to the end of another queue; what is not named stays as it is. */
    move(
      message: StoredMessage,
      queue: number,
      change: Partial<StoredMessage> & { visible_at: number },
    ): number {
      const id = nextId();
      const moved = { ...message, ...change };
      relocate.run(
        id,
        queue,
        moved.visible_at,
        moved.receives,
        moved.sent,
        moved.message_id,
        moved.first_received,
        moved.dead_source,
        message.id,
      );
      return id;
    },
    removeAll(queue: number): void {
      removeAll.run(queue);
    },
    /** Forgets that anything was ever sent to a queue. */
    forget(queue: number): void {
      removeAll.run(queue);
      forgetAll.run(queue);
    },
    counts(queue: number, now: number): MessageCounts {
      const row = count.get(now, now, queue) as { total: number; visible: number; delayed: number };
      return {
        visible: row.visible,
        delayed: row.delayed,
        inFlight: row.total - row.visible - row.delayed,
      };
    },
    inFlight(queue: number, now: number): number {
      return (countInFlight.get(queue, now) as { count: number }).count;
    },
    /** When the next message that is hidden now can be received. */
    nextVisible(queue: number, now: number): number | undefined {
      return (next.get(queue, now) as { next: number | null }).next ?? undefined;
    },
    placements(queue: number): Placement[] {
      return placements.all(queue) as unknown as Placement[];
    },
    oldest(queue: number): number | undefined {
      return (oldest.get(queue) as { oldest: number | null }).oldest ?? undefined;
    },
    sentBefore(queue: number, time: number): { id: number; message_group: string | null }[] {
      return expired.all(queue, time) as unknown as { id: number; message_group: string | null }[];
    },
    duplicate(queue: number, scope: string, dedup: string, now: number) {
      return findDedup.get(queue, scope, dedup, now) as { message_id: string; message: number } | undefined;
    },
    remember(
      queue: number,
      scope: string,
      dedup: string,
      until: number,
      messageId: string,
      id: number,
    ): void {
      putDedup.run(queue, scope, dedup, until, messageId, id);
    },
    forgetDuplicates(now: number): void {
      forgetDedup.run(now);
    },
  };
}
