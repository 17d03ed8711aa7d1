/**
 * S3: metadata in SQLite, small bodies with it, others in files of random names.
 *
 * Services that call an operation in process give `InternalInput` (`{ Bucket, Key, … }`) and get the HTTP response,
 * whose body is bytes or a stream.
 */
import type { Operation, ServiceFactory } from "../service.ts";
import { openBlobs } from "./blobs.ts";
import { openBucketStore } from "./bucket-store.ts";
import { bucketOperations } from "./buckets.ts";
import type { S3Context } from "./context.ts";
import { copyOperations } from "./copy.ts";
import { prepareDatabase, transactionsOf } from "./database.ts";
import { deleteOperations } from "./deletes.ts";
import { listOperations } from "./list.ts";
import { openListStore } from "./list-store.ts";
import { openObjectStore } from "./object-store.ts";
import { objectOperations } from "./objects.ts";
import { s3Protocol } from "./protocol.ts";
import { openUploadStore } from "./upload-store.ts";

export type { InternalInput, S3Output } from "./input.ts";

export const createS3: ServiceFactory = (hub) => {
  const db = hub.database("s3");
  prepareDatabase(db);
  const transactions = transactionsOf(db);
  const blobs = openBlobs(hub.folder("s3"));
  const s3: S3Context = {
    hub,
    transactions,
    blobs,
    buckets: openBucketStore(db, transactions),
    objects: openObjectStore(db, transactions, blobs),
    lists: openListStore(db),
    uploads: openUploadStore(db, transactions, blobs),
    notify: { wants: () => false, record: () => {} },
  };
  blobs.sweep(new Set([...s3.objects.blobs(), ...s3.uploads.blobs()]));

  const operations: Record<string, Operation> = {
    ...bucketOperations(s3),
    ...objectOperations(s3),
    ...deleteOperations(s3),
    ...copyOperations(s3),
    ...listOperations(s3),
  };
  return {
    name: "s3",
    protocol: s3Protocol(() => ({})),
    operations,
  };
};
