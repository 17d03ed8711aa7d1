/** Buckets and their settings: few and asked for with every request, so they are held in memory beside the tables. */
import type { DatabaseSync } from "node:sqlite";
import type { Transactions } from "./database.ts";
import { noSuchBucket } from "./errors.ts";

export type Versioning = "Enabled" | "Suspended";

/** Every sub-resource of a bucket that is kept as a document. */
export type SettingName =
  | "accelerate"
  | "cors"
  | "encryption"
  | "lifecycle"
  | "logging"
  | "notification"
  | "ownershipControls"
  | "policy"
  | "publicAccessBlock"
  | "requestPayment"
  | "tagging"
  | "website";

export interface Bucket {
  readonly id: number;
  readonly name: string;
  readonly region: string;
  readonly created: number;
  versioning: Versioning | undefined;
  /** Changed through the store only. */
  readonly settings: Map<SettingName, string>;
}

export interface BucketStore {
  find(name: string): Bucket | undefined;
  /** Fails with NoSuchBucket. */
  need(name: string): Bucket;
  /** In the order of their names. */
  all(): Bucket[];
  create(name: string, region: string, time: number): Bucket;
  remove(bucket: Bucket): void;
  setVersioning(bucket: Bucket, versioning: Versioning): void;
  /** `undefined` removes it. */
  setSetting(bucket: Bucket, name: SettingName, value: string | undefined): void;
}

export function openBucketStore(db: DatabaseSync, { atomically }: Transactions): BucketStore {
  const insert = db.prepare("INSERT INTO buckets (name, region, created) VALUES (?, ?, ?)");
  const remove = db.prepare("DELETE FROM buckets WHERE id = ?");
  const removeSettings = db.prepare("DELETE FROM bucket_settings WHERE bucket = ?");
  const updateVersioning = db.prepare("UPDATE buckets SET versioning = ? WHERE id = ?");
  const setSetting = db.prepare(
    "INSERT INTO bucket_settings (bucket, name, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
  );
  const removeSetting = db.prepare("DELETE FROM bucket_settings WHERE bucket = ? AND name = ?");

  const byName = new Map<string, Bucket>();
  const byId = new Map<number, Bucket>();
  const remember = (bucket: Bucket) => {
    byName.set(bucket.name, bucket);
    byId.set(bucket.id, bucket);
    return bucket;
  };
  for (const row of db.prepare("SELECT * FROM buckets").all()) {
    remember({
      id: Number(row.id),
      name: String(row.name),
      region: String(row.region),
      created: Number(row.created),
      versioning: (row.versioning as Versioning | null) ?? undefined,
      settings: new Map(),
    });
  }
  for (const row of db.prepare("SELECT * FROM bucket_settings").all()) {
    byId.get(Number(row.bucket))?.settings.set(row.name as SettingName, String(row.value));
  }

  return {
    find: (name) => byName.get(name),
    need(name) {
      const bucket = byName.get(name);
      if (bucket === undefined) throw noSuchBucket(name);
      return bucket;
    },
    all: () => [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    create(name, region, time) {
      const { lastInsertRowid } = insert.run(name, region, time);
      return remember({
        id: Number(lastInsertRowid),
        name,
        region,
        created: time,
        versioning: undefined,
        settings: new Map(),
      });
    },
    remove(bucket) {
      atomically(() => {
        removeSettings.run(bucket.id);
        remove.run(bucket.id);
      });
      byName.delete(bucket.name);
      byId.delete(bucket.id);
    },
    setVersioning(bucket, versioning) {
      updateVersioning.run(versioning, bucket.id);
      bucket.versioning = versioning;
    },
    setSetting(bucket, name, value) {
      if (value === undefined) {
        removeSetting.run(bucket.id, name);
        bucket.settings.delete(name);
      } else {
        setSetting.run(bucket.id, name, value);
        bucket.settings.set(name, value);
      }
    },
  };
}
