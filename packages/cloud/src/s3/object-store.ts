/** The rows of objects and their versions: what is current, what is kept, what is replaced. */
import { randomBytes } from "node:crypto";
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Blobs, Piece } from "./blobs.ts";
import type { Bucket } from "./bucket-store.ts";
import type { Checksum } from "./checksums.ts";
import type { Transactions } from "./database.ts";
import type { ObjectRow } from "./object-row.ts";
import { recentRows } from "./recent-rows.ts";

/** Small bodies live in the row; others in files, in one piece or in the parts they were uploaded in. */
export type Content =
  | { readonly data: Uint8Array; readonly pieces?: undefined }
  | { readonly pieces: readonly Piece[]; readonly data?: undefined };

export type Tags = Readonly<Record<string, string>>;

export interface NewObject {
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly modified: number;
  /** What GET answers in headers: content type and the like, and `x-amz-meta-…`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: Tags | undefined;
  readonly checksum: Checksum | undefined;
  readonly content: Content;
}

export interface Removal {
  /** The version that was removed or the delete marker that was set, where the bucket has versions. */
  readonly versionId?: string;
  readonly marker: boolean;
  /** False where there was nothing to delete. */
  readonly changed: boolean;
}

export interface ObjectStore {
  /** The current version, which may be a delete marker. */
  current(bucket: Bucket, key: string): ObjectRow | undefined;
  version(bucket: Bucket, key: string, versionId: string): ObjectRow | undefined;
  /** Makes this the current version; gives its version id where the bucket has versions. */
  put(bucket: Bucket, key: string, object: NewObject): string | undefined;
  /** What DELETE without a version does: removes, or sets a delete marker. */
  remove(bucket: Bucket, key: string, time: number): Removal;
  removeVersion(bucket: Bucket, key: string, versionId: string): Removal;
  setTags(row: ObjectRow, tags: Tags | undefined): void;
  /** False while no object has a tag, which spares the look at every object. */
  mayHaveTags(): boolean;
  isEmpty(bucket: Bucket): boolean;
  /** Every file an object names. */
  blobs(): Iterable<string>;
}

type Columns = Pick<
  ObjectRow,
  "size" | "etag" | "modified" | "headers" | "tags" | "checksum" | "pieces" | "data"
>;

function columnsOf({ size, etag, modified, headers, tags, checksum, content }: NewObject): Columns {
  return {
    size,
    etag,
    modified,
    headers: JSON.stringify(headers),
    tags: tags === undefined ? null : JSON.stringify(tags),
    checksum: checksum === undefined ? null : JSON.stringify(checksum),
    pieces: content.pieces === undefined ? null : JSON.stringify(content.pieces),
    data: content.data ?? null,
  };
}

const columns =
  "id, key, version, latest, marker, size, etag, modified, headers, tags, checksum, pieces, data";

export const newVersionId = (): string => randomBytes(24).toString("base64url");

export const piecesOf = (row: Pick<ObjectRow, "pieces">): readonly Piece[] =>
  row.pieces === null ? [] : (JSON.parse(row.pieces) as Piece[]);

export function openObjectStore(db: DatabaseSync, transactions: Transactions, blobs: Blobs): ObjectStore {
  const { atomically, afterCommit } = transactions;
  const discard = (row: Pick<ObjectRow, "pieces">) => {
    if (row.pieces !== null) afterCommit(() => blobs.remove(piecesOf(row)));
  };
  const selectCurrent = db.prepare(
    `SELECT ${columns} FROM objects WHERE bucket = ? AND key = ? ORDER BY id DESC LIMIT 1`,
  );
  const selectHead = db.prepare(
    "SELECT id, version, pieces FROM objects WHERE bucket = ? AND key = ? ORDER BY id DESC LIMIT 1",
  );
  const selectVersion = db.prepare(
    `SELECT ${columns} FROM objects WHERE bucket = ? AND key = ? AND version = ?`,
  );
  const insert = db.prepare(
    `INSERT INTO objects (bucket, key, version, latest, marker, size, etag, modified, headers, tags, checksum, pieces, data)
     VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const overwrite = db.prepare(
    `UPDATE objects SET latest = 1, marker = 0, size = ?, etag = ?, modified = ?, headers = ?, tags = ?, checksum = ?,
     pieces = ?, data = ? WHERE id = ?`,
  );
  const demote = db.prepare("UPDATE objects SET latest = 0 WHERE id = ?");
  const promote = db.prepare(
    `UPDATE objects SET latest = 1
     WHERE id = (SELECT id FROM objects WHERE bucket = ? AND key = ? ORDER BY id DESC LIMIT 1)`,
  );
  const erase = db.prepare("DELETE FROM objects WHERE id = ?");
  const updateTags = db.prepare("UPDATE objects SET tags = ? WHERE id = ?");
  let tagged = db.prepare("SELECT 1 FROM objects WHERE tags IS NOT NULL LIMIT 1").get() !== undefined;
  const any = db.prepare("SELECT 1 FROM objects WHERE bucket = ? LIMIT 1");

  const recent = recentRows();
  transactions.onRollback(recent.clear);
  const current = (bucket: Bucket, key: string) => {
    const known = recent.get(bucket, key);
    if (known !== undefined) return known;
    const row = selectCurrent.get(bucket.id, key) as ObjectRow | undefined;
    if (row !== undefined) recent.add(bucket, row);
    return row;
  };
  const version = (bucket: Bucket, key: string, versionId: string) =>
    selectVersion.get(bucket.id, key, versionId) as ObjectRow | undefined;
  const head = (bucket: Bucket, key: string) =>
    selectHead.get(bucket.id, key) as Pick<ObjectRow, "id" | "version" | "pieces"> | undefined;

  const values = (stored: Columns): SQLInputValue[] => [
    stored.size,
    stored.etag,
    stored.modified,
    stored.headers,
    stored.tags,
    stored.checksum,
    stored.pieces,
    stored.data,
  ];

  /** Adds a version on top; a version of the same id (`null`, where versioning is suspended) goes. */
  function stack(bucket: Bucket, key: string, versionId: string, marker: 0 | 1, rest: SQLInputValue[]): void {
    const replaced = versionId === "null" ? version(bucket, key, "null") : undefined;
    atomically(() => {
      const top = head(bucket, key);
      if (replaced !== undefined) erase.run(replaced.id);
      if (top !== undefined && top.id !== replaced?.id) demote.run(top.id);
      insert.run(bucket.id, key, versionId, marker, ...rest);
    });
    if (replaced !== undefined) discard(replaced);
  }

  return {
    current,
    version,

    put(bucket, key, object) {
      const known = recent.get(bucket, key);
      recent.forget(bucket, key);
      tagged ||= object.tags !== undefined;
      if (bucket.versioning !== undefined) {
        const versionId = bucket.versioning === "Enabled" ? newVersionId() : "null";
        stack(bucket, key, versionId, 0, values(columnsOf(object)));
        return versionId;
      }
      const existing = known ?? head(bucket, key);
      const stored = columnsOf(object);
      let id = existing?.id;
      if (existing === undefined || id === undefined) {
        id = Number(insert.run(bucket.id, key, "null", 0, ...values(stored)).lastInsertRowid);
      } else {
        overwrite.run(...values(stored), id);
        discard(existing);
      }
      recent.add(bucket, { id, key, version: "null", latest: 1, marker: 0, ...stored });
      return undefined;
    },

    remove(bucket, key, time) {
      recent.forget(bucket, key);
      if (bucket.versioning === undefined) {
        const existing = head(bucket, key);
        if (existing === undefined) return { marker: false, changed: false };
        erase.run(existing.id);
        discard(existing);
        return { marker: false, changed: true };
      }
      const versionId = bucket.versioning === "Enabled" ? newVersionId() : "null";
      stack(bucket, key, versionId, 1, [0, "", time, "{}", null, null, null, null]);
      return { versionId, marker: true, changed: true };
    },

    removeVersion(bucket, key, versionId) {
      recent.forget(bucket, key);
      const row = version(bucket, key, versionId);
      if (row === undefined) return { versionId, marker: false, changed: false };
      atomically(() => {
        erase.run(row.id);
        if (row.latest === 1) promote.run(bucket.id, key);
      });
      discard(row);
      return { versionId, marker: row.marker === 1, changed: true };
    },

    setTags(row, tags) {
      tagged ||= tags !== undefined;
      recent.clear();
      updateTags.run(tags === undefined ? null : JSON.stringify(tags), row.id);
    },

    mayHaveTags: () => tagged,
    isEmpty: (bucket) => any.get(bucket.id) === undefined,

    *blobs() {
      for (const row of db.prepare("SELECT pieces FROM objects WHERE pieces IS NOT NULL").iterate()) {
        for (const { blob } of piecesOf({ pieces: String(row.pieces) })) yield blob;
      }
    },
  };
}
