/** Walking keys in order, common prefixes rolled up: every listing is made of this. */
import type { DatabaseSync } from "node:sqlite";
import type { Bucket } from "./bucket-store.ts";
import type { ObjectRow } from "./object-row.ts";

/** What a listing tells of an object. */
export type ListedObject = Omit<ObjectRow, "tags" | "pieces" | "data">;

export interface ListedUpload {
  readonly id: string;
  readonly key: string;
  readonly initiated: number;
  readonly initiator: string;
  readonly headers: string;
  readonly algorithm: string | null;
  readonly checksum_type: string | null;
}

export interface Walk {
  readonly prefix: string;
  readonly delimiter: string;
  /** Keys before this are left out. */
  readonly from: string;
  readonly limit: number;
}

export type Entry<Row> =
  | { readonly row: Row; readonly prefix?: undefined }
  | { readonly prefix: string; readonly row?: undefined };

export interface Walked<Row> {
  readonly entries: readonly Entry<Row>[];
  /** True where the limit cut it short. */
  readonly truncated: boolean;
}

export interface ListStore {
  objects(bucket: Bucket, walk: Walk): Walked<ListedObject>;
  /** `after` is the last version that was already listed of the key `walk.from`. */
  versions(bucket: Bucket, walk: Walk, after: string | undefined): Walked<ListedObject>;
  uploads(bucket: Bucket, walk: Walk, after: string | undefined): Walked<ListedUpload>;
}

/** The first key behind `key`. */
export const justAfter = (key: string): string => `${key}\u0000`;

/** The first key that does not begin with `prefix`, if there is one. Code points sort as their UTF-8 bytes do. */
export function behindPrefix(prefix: string): string | undefined {
  const points = [...prefix];
  while (points.length > 0) {
    const last = points.pop()?.codePointAt(0) ?? 0;
    if (last === 0x10ffff) continue;
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    return points.join("") + String.fromCodePoint(next);
  }
  return undefined;
}

/** Sorts behind every text: SQLite orders blobs after text. */
const beyondText = new Uint8Array(1);

const max = (a: string, b: string) => (Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0 ? b : a);

/** Rows from `from` (inclusive) to `to` (exclusive) in the order of their keys. */
type Scan<Row> = (from: string, to: string | Uint8Array) => Iterable<Row>;

function walkKeys<Row extends { readonly key: string }>(
  scan: Scan<Row>,
  walk: Walk,
  skip: (row: Row) => boolean,
): Walked<Row> {
  const { prefix, delimiter, limit } = walk;
  const entries: Entry<Row>[] = [];
  const to = (prefix === "" ? undefined : behindPrefix(prefix)) ?? beyondText;
  let from: string | undefined = max(walk.from, prefix);
  while (from !== undefined) {
    let next: string | undefined;
    for (const row of scan(from, to)) {
      if (skip(row)) continue;
      if (entries.length >= limit) return { entries, truncated: true };
      const cut = delimiter === "" ? -1 : row.key.indexOf(delimiter, prefix.length);
      if (cut < 0) {
        entries.push({ row });
        continue;
      }
      const common = row.key.slice(0, cut + delimiter.length);
      entries.push({ prefix: common });
      // Whatever is below this prefix is said: go on behind it, however many keys that skips.
      next = behindPrefix(common);
      break;
    }
    from = next;
  }
  return { entries, truncated: false };
}

const listed = "id, key, version, latest, marker, size, etag, modified, headers, checksum";
const between = "bucket = ? AND key >= ? AND key < ?";

export function openListStore(db: DatabaseSync): ListStore {
  // A statement runs one iteration at a time, and every walk ends before another begins: nothing awaits in between.
  const objects = db.prepare(
    `SELECT ${listed} FROM objects WHERE ${between} AND latest = 1 AND marker = 0 ORDER BY key`,
  );
  const versions = db.prepare(`SELECT ${listed} FROM objects WHERE ${between} ORDER BY key, id DESC`);
  const versionId = db.prepare("SELECT id FROM objects WHERE bucket = ? AND key = ? AND version = ?");
  const uploads = db.prepare(
    `SELECT id, key, initiated, initiator, headers, algorithm, checksum_type FROM uploads WHERE ${between}
     ORDER BY key, initiated, id`,
  );
  const upload = db.prepare("SELECT initiated FROM uploads WHERE id = ?");
  const nothing = () => false;
  return {
    objects: (bucket, walk) =>
      walkKeys((from, to) => objects.iterate(bucket.id, from, to) as Iterable<ListedObject>, walk, nothing),
    versions(bucket, walk, after) {
      const seen = after === undefined ? undefined : versionId.get(bucket.id, walk.from, after)?.id;
      return walkKeys(
        (from, to) => versions.iterate(bucket.id, from, to) as Iterable<ListedObject>,
        walk,
        (row) => row.key === walk.from && (seen === undefined ? after !== undefined : row.id >= Number(seen)),
      );
    },
    uploads(bucket, walk, after) {
      const seen = after === undefined ? undefined : upload.get(after)?.initiated;
      return walkKeys(
        (from, to) => uploads.iterate(bucket.id, from, to) as Iterable<ListedUpload>,
        walk,
        (row) =>
          row.key === walk.from &&
          after !== undefined &&
          (seen === undefined
            ? row.id <= after
            : row.initiated < Number(seen) || (row.initiated === Number(seen) && row.id <= after)),
      );
    },
  };
}
