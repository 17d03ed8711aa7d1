/** Streams: which there are, and the records in them. Each has one shard. */
import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { StreamSignalSource } from "../../store/signal.ts";
import type { KeySchema, StreamDefinition, StreamView, TableDefinition } from "../definition.ts";
import { keyOf } from "../key.ts";
import { equal, type Item, itemSize } from "../value.ts";
import type { Change } from "./table.ts";

export interface StoredStream {
  readonly id: number;
  readonly arn: string;
  readonly tableName: string;
  readonly label: string;
  readonly view: StreamView;
  readonly keys: KeySchema;
  /** Milliseconds. */
  readonly created: number;
  /** Milliseconds; absent while the stream is enabled. */
  readonly disabled?: number;
}

export interface StreamRecord {
  readonly sequence: number;
  readonly record: Readonly<Record<string, unknown>>;
  readonly bytes: number;
}

export interface Streams {
  enable(table: Pick<TableDefinition, "name" | "arn" | "keys">, view: StreamView): StreamDefinition;
  disable(id: number): void;
  record(table: TableDefinition, change: Change): void;
  find(arn: string): StoredStream | undefined;
  list(tableName?: string): readonly StoredStream[];
  /** Records behind a sequence number, oldest first. */
  read(stream: number, after: number, limit: number): readonly StreamRecord[];
  /** The first and last record there is. */
  ends(stream: number): { readonly first?: number; readonly last?: number };
  /** The newest sequence number of all streams. */
  newest(): number;
  trim(): void;
}

const retention = 24 * 3600 * 1000;

/** A sequence number as clients see it: digits that sort as numbers and as text. */
export const sequenceNumber = (sequence: number) => `1${String(sequence).padStart(20, "0")}`;

interface StreamRow {
  readonly id: number;
  readonly arn: string;
  readonly table_name: string;
  readonly label: string;
  readonly view: StreamView;
  readonly keys: string;
  readonly created: number;
  readonly disabled: number | null;
}

const fromRow = (row: StreamRow): StoredStream => ({
  id: row.id,
  arn: row.arn,
  tableName: row.table_name,
  label: row.label,
  view: row.view,
  keys: JSON.parse(row.keys) as KeySchema,
  created: row.created,
  disabled: row.disabled ?? undefined,
});

export function openStreams(db: DatabaseSync, region: string, signal: StreamSignalSource): Streams {
  const insert = db.prepare("INSERT INTO stream_records (stream, created, record) VALUES (?, ?, ?)");
  const select = db.prepare(
    "SELECT sequence, record FROM stream_records WHERE stream = ? AND sequence > ? ORDER BY sequence LIMIT ?",
  );
  const byArn = db.prepare("SELECT * FROM streams WHERE arn = ?");
  const all = db.prepare("SELECT * FROM streams ORDER BY id");
  const newest = db.prepare("SELECT max(sequence) AS sequence FROM stream_records");
  const last = db.prepare("SELECT seq AS sequence FROM sqlite_sequence WHERE name = 'stream_records'");
  const first = db.prepare(
    "SELECT min(sequence) AS first, max(sequence) AS last FROM stream_records WHERE stream = ?",
  );

  function newLabel(tableArn: string): string {
    for (let time = Date.now(); ; time++) {
      const label = new Date(time).toISOString().slice(0, -1);
      if (!byArn.get(`${tableArn}/stream/${label}`)) return label;
    }
  }

  return {
    enable(table, view) {
      const label = newLabel(table.arn);
      const arn = `${table.arn}/stream/${label}`;
      const { lastInsertRowid } = db
        .prepare(
          "INSERT INTO streams (arn, table_name, label, view, keys, created) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .run(arn, table.name, label, view, JSON.stringify(table.keys), Date.now());
      return { id: Number(lastInsertRowid), arn, label, view };
    },
    disable(id) {
      db.prepare("UPDATE streams SET disabled = ? WHERE id = ?").run(Date.now(), id);
    },
    record(table, change) {
      const { stream } = table;
      const { old, next } = change;
      const item = next ?? old;
      // A write that changes nothing leaves no record.
      if (!stream || !item || (old && next && equal({ M: old }, { M: next }))) return;
      const now = Date.now();
      insert.run(stream.id, now, JSON.stringify(describe(stream, table.keys, item, change, now, region)));
      signal.announce(stream.arn);
    },
    find(arn) {
      const row = byArn.get(arn) as StreamRow | undefined;
      return row && fromRow(row);
    },
    list: (tableName) =>
      (all.all() as unknown as StreamRow[])
        .map(fromRow)
        .filter((stream) => tableName === undefined || stream.tableName === tableName),
    read: (stream, after, limit) =>
      (select.all(stream, after, limit) as { sequence: number; record: string }[]).map((row) => {
        const record = JSON.parse(row.record) as { dynamodb: Record<string, unknown> };
        record.dynamodb.SequenceNumber = sequenceNumber(row.sequence);
        return { sequence: row.sequence, record: { ...record }, bytes: row.record.length };
      }),
    ends(stream) {
      const row = first.get(stream) as { first: number | null; last: number | null };
      return { first: row.first ?? undefined, last: row.last ?? undefined };
    },
    newest() {
      const row = (last.get() ?? newest.get()) as { sequence: number | null } | undefined;
      return row?.sequence ?? 0;
    },
    trim() {
      const before = Date.now() - retention;
      db.prepare("DELETE FROM stream_records WHERE created < ?").run(before);
      db.prepare("DELETE FROM streams WHERE disabled IS NOT NULL AND disabled < ?").run(before);
    },
  };
}

const ttlIdentity = { Type: "Service", PrincipalId: "dynamodb.amazonaws.com" };

function describe(
  stream: StreamDefinition,
  keys: KeySchema,
  item: Item,
  { old, next, byTtl }: Change,
  now: number,
  region: string,
): Record<string, unknown> {
  const { view } = stream;
  const keyItem = keyOf(item, keys);
  const newImage = view === "NEW_IMAGE" || view === "NEW_AND_OLD_IMAGES" ? next : undefined;
  const oldImage = view === "OLD_IMAGE" || view === "NEW_AND_OLD_IMAGES" ? old : undefined;
  const images = [keyItem, newImage, oldImage].filter((image) => image !== undefined);
  return {
    eventID: randomUUID().replaceAll("-", ""),
    eventName: next ? (old ? "MODIFY" : "INSERT") : "REMOVE",
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    awsRegion: region,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(now / 1000),
      Keys: keyItem,
      NewImage: newImage,
      OldImage: oldImage,
      SizeBytes: images.reduce((size, image) => size + itemSize(image), 0),
      StreamViewType: view,
    },
    userIdentity: byTtl ? ttlIdentity : undefined,
  };
}
