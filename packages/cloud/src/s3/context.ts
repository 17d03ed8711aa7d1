/** What every S3 operation works with. */
import type { Hub } from "../service.ts";
import type { Blobs } from "./blobs.ts";
import type { Bucket, BucketStore } from "./bucket-store.ts";
import type { Transactions } from "./database.ts";
import type { ListStore } from "./list-store.ts";
import type { ObjectStore } from "./object-store.ts";
import type { UploadStore } from "./upload-store.ts";

export interface S3Context {
  readonly hub: Hub;
  readonly buckets: BucketStore;
  readonly objects: ObjectStore;
  readonly lists: ListStore;
  readonly uploads: UploadStore;
  readonly blobs: Blobs;
  readonly transactions: Transactions;
  readonly notify: Notify;
}

/** What happened to an object, for those the bucket notifies. */
export interface ObjectEvent {
  /** Without `s3:`, as it stands in the message: `ObjectCreated:Put`. */
  readonly name: string;
  readonly key: string;
  readonly size?: number;
  readonly etag?: string;
  readonly versionId?: string;
}

/** Who did it, for the message. */
export interface Occasion {
  readonly time: number;
  readonly requestId: string;
  readonly principal: string;
  readonly sourceIp: string;
}

export interface Notify {
  /** True where someone is to be told of such an event; then `record` must run in the transaction of the change. */
  wants(bucket: Bucket): boolean;
  record(bucket: Bucket, event: ObjectEvent, occasion: Occasion): void;
}
