/** The rows of objects read lately, so that reading a small object again and again costs no query. */
import type { Bucket } from "./bucket-store.ts";
import type { ObjectRow } from "./object-row.ts";

const mostRows = 1000;
const largestBody = 8 * 1024;

export interface RecentRows {
  get(bucket: Bucket, key: string): ObjectRow | undefined;
  add(bucket: Bucket, row: ObjectRow): void;
  /** Must be called before a key changes. */
  forget(bucket: Bucket, key: string): void;
  clear(): void;
}

export function recentRows(): RecentRows {
  const rows = new Map<string, ObjectRow>();
  const nameOf = (bucket: Bucket, key: string) => `${bucket.id}/${key}`;
  return {
    get: (bucket, key) => rows.get(nameOf(bucket, key)),
    add(bucket, row) {
      if (row.data !== null && row.data.length > largestBody) return;
      if (rows.size >= mostRows) rows.clear();
      rows.set(nameOf(bucket, row.key), row);
    },
    forget: (bucket, key) => void rows.delete(nameOf(bucket, key)),
    clear: () => rows.clear(),
  };
}
