/** Multipart uploads under way and the parts that came so far. */
import type { DatabaseSync } from "node:sqlite";
import type { Blobs } from "./blobs.ts";
import type { Bucket } from "./bucket-store.ts";
import type { ChecksumAlgorithm, ChecksumType } from "./checksums.ts";
import type { Transactions } from "./database.ts";
import { noSuchUpload } from "./errors.ts";

export interface Upload {
  readonly id: string;
  readonly bucket: number;
  readonly key: string;
  readonly initiated: number;
  /** Whose call began it. */
  readonly initiator: string;
  readonly headers: string;
  readonly tags: string | null;
  readonly algorithm: ChecksumAlgorithm | null;
  readonly checksum_type: ChecksumType | null;
}

export interface Part {
  readonly number: number;
  readonly blob: string;
  readonly size: number;
  readonly etag: string;
  readonly modified: number;
  readonly algorithm: ChecksumAlgorithm | null;
  readonly checksum: string | null;
}

export interface UploadStore {
  begin(upload: Upload): void;
  /** Fails with NoSuchUpload. */
  need(bucket: Bucket, key: string, id: string): Upload;
  /** Replaces a part of the same number. */
  putPart(upload: Upload, part: Part): void;
  parts(upload: Upload): Part[];
  partsAfter(upload: Upload, number: number, limit: number): Part[];
  /** Forgets the upload, keeping the files that became the object. */
  finish(upload: Upload, kept: ReadonlySet<string>): void;
  /** Keeps what a completion answered: a client that did not hear it asks again. */
  keepAnswer(upload: Upload, answer: string, time: number): void;
  answerOf(bucket: Bucket, key: string, id: string): string | undefined;
  removeAll(bucket: Bucket): void;
  blobs(): Iterable<string>;
}

const answerLifetime = 24 * 3600_000;

export function openUploadStore(db: DatabaseSync, transactions: Transactions, blobs: Blobs): UploadStore {
  const { atomically, afterCommit } = transactions;
  const insert = db.prepare(
    `INSERT INTO uploads (id, bucket, key, initiated, initiator, headers, tags, algorithm, checksum_type)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const select = db.prepare("SELECT * FROM uploads WHERE id = ?");
  const ofBucket = db.prepare("SELECT * FROM uploads WHERE bucket = ?");
  const remove = db.prepare("DELETE FROM uploads WHERE id = ?");
  const selectPart = db.prepare("SELECT * FROM parts WHERE upload = ? AND number = ?");
  const upsertPart = db.prepare(
    `INSERT OR REPLACE INTO parts (upload, number, blob, size, etag, modified, algorithm, checksum)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const selectParts = db.prepare(
    "SELECT * FROM parts WHERE upload = ? AND number > ? ORDER BY number LIMIT ?",
  );
  const removeParts = db.prepare("DELETE FROM parts WHERE upload = ?");

  const insertAnswer = db.prepare(
    "INSERT INTO completions (upload, bucket, key, answer, completed) VALUES (?, ?, ?, ?, ?)",
  );
  const selectAnswer = db.prepare(
    "SELECT answer FROM completions WHERE upload = ? AND bucket = ? AND key = ?",
  );
  const removeAnswers = db.prepare("DELETE FROM completions WHERE bucket = ?");
  db.prepare("DELETE FROM completions WHERE completed < ?").run(Date.now() - answerLifetime);

  const partsAfter = (upload: Upload, number: number, limit: number) =>
    selectParts.all(upload.id, number, limit) as unknown as Part[];

  function finish(upload: Upload, kept: ReadonlySet<string>): void {
    const parts = partsAfter(upload, 0, -1);
    atomically(() => {
      removeParts.run(upload.id);
      remove.run(upload.id);
    });
    afterCommit(() => blobs.remove(parts.filter(({ blob }) => !kept.has(blob))));
  }

  return {
    begin(upload) {
      insert.run(
        upload.id,
        upload.bucket,
        upload.key,
        upload.initiated,
        upload.initiator,
        upload.headers,
        upload.tags,
        upload.algorithm,
        upload.checksum_type,
      );
    },
    need(bucket, key, id) {
      const upload = select.get(id) as Upload | undefined;
      if (upload === undefined || upload.bucket !== bucket.id || upload.key !== key) throw noSuchUpload(id);
      return upload;
    },
    putPart(upload, part) {
      const replaced = selectPart.get(upload.id, part.number) as Part | undefined;
      upsertPart.run(
        upload.id,
        part.number,
        part.blob,
        part.size,
        part.etag,
        part.modified,
        part.algorithm,
        part.checksum,
      );
      if (replaced !== undefined) afterCommit(() => blobs.remove([replaced]));
    },
    parts: (upload) => partsAfter(upload, 0, -1),
    partsAfter,
    finish,
    keepAnswer(upload, answer, time) {
      insertAnswer.run(upload.id, upload.bucket, upload.key, answer, time);
    },
    answerOf: (bucket, key, id) => selectAnswer.get(id, bucket.id, key)?.answer as string | undefined,
    removeAll(bucket) {
      removeAnswers.run(bucket.id);
      for (const upload of ofBucket.all(bucket.id)) finish(upload as unknown as Upload, new Set());
    },
    *blobs() {
      for (const row of db.prepare("SELECT blob FROM parts").iterate()) yield String(row.blob);
    },
  };
}
