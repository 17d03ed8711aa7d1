/**
 * S3: metadata in SQLite, small bodies with it, others in files of random names.
 *
 * Services that call an operation in process give `InternalInput` (`{ Bucket, Key, … }`) and get the HTTP response,
 * whose body is bytes or a stream.
 */
import type { Operation, ServiceFactory } from "../service.ts";
import { outbox } from "../store/outbox.ts";
import { aclOperations } from "./acls.ts";
import { openBlobs } from "./blobs.ts";
import { openBucketStore } from "./bucket-store.ts";
import { bucketOperations } from "./buckets.ts";
import type { S3Context } from "./context.ts";
import { copyOperations } from "./copy.ts";
import { openCors } from "./cors.ts";
import { prepareDatabase, type Transactions, transactionsOf } from "./database.ts";
import { deleteOperations } from "./deletes.ts";
import { delivery, sender, takeOldLetters } from "./delivery.ts";
import { listOperations } from "./list.ts";
import { openListStore } from "./list-store.ts";
import { multipartOperations } from "./multipart.ts";
import { multipartListOperations } from "./multipart-lists.ts";
import { notificationOperations, openNotify } from "./notifications.ts";
import { openObjectStore } from "./object-store.ts";
import { objectOperations } from "./objects.ts";
import { openBucketPolicies, policyOperations } from "./policies.ts";
import { postOperations } from "./presigned-post.ts";
import { s3Protocol } from "./protocol.ts";
import { settingOperations } from "./settings.ts";
import { taggingOperations } from "./tagging.ts";
import { unconfiguredOperations } from "./unconfigured.ts";
import { openUploadStore } from "./upload-store.ts";
import { versioningOperations } from "./versioning.ts";

export type { InternalInput, S3Output } from "./input.ts";

export const createS3: ServiceFactory = (hub) => {
  const db = hub.database("s3");
  prepareDatabase(db);
  const transactions = transactionsOf(db);
  const blobs = openBlobs(hub.folder("s3"));
  const send = sender(hub);
  const letters = transactions.atomically(() => {
    const old = takeOldLetters(db);
    const commit = { write: transactions.together, flush: transactions.flush };
    const opened = outbox(db, commit, delivery(send));
    for (const { letter, target } of old) opened.write(letter, [{ target, lane: null }]);
    return opened;
  });
  const s3: S3Context = {
    hub,
    transactions,
    blobs,
    buckets: openBucketStore(db, transactions),
    objects: openObjectStore(db, transactions, blobs),
    lists: openListStore(db),
    uploads: openUploadStore(db, transactions, blobs),
    notify: openNotify({ hub, transactions }, letters),
  };
  const cors = openCors(s3);
  const policies = openBucketPolicies(s3);
  blobs.sweep(new Set([...s3.objects.blobs(), ...s3.uploads.blobs()]));

  const operations: Record<string, Operation> = {
    ...bucketOperations(s3),
    ...objectOperations(s3),
    ...deleteOperations(s3),
    ...copyOperations(s3),
    ...listOperations(s3),
    ...multipartOperations(s3),
    ...multipartListOperations(s3),
    ...taggingOperations(s3),
    ...versioningOperations(s3),
    ...settingOperations(s3),
    ...policyOperations(s3),
    ...aclOperations(s3),
    ...unconfiguredOperations(s3),
    ...notificationOperations(s3, send),
    ...postOperations(s3),
    ...cors.operations,
  };
  return {
    name: "s3",
    protocol: s3Protocol(cors.headers),
    operations: keptBeforeAnswered(operations, transactions),
    resourcePolicy: policies.of,
    start: letters.start,
    stop() {
      letters.stop();
      transactions.flush();
    },
  };
};

/** No answer tells of anything that is not kept yet: neither of an own change nor of what another wrote this turn. */
function keptBeforeAnswered(
  operations: Readonly<Record<string, Operation>>,
  { flush }: Pick<Transactions, "flush">,
): Record<string, Operation> {
  return Object.fromEntries(
    Object.entries(operations).map(([name, { access, run }]) => [
      name,
      {
        access,
        async run(input, call) {
          try {
            return await run(input, call);
          } finally {
            flush();
          }
        },
      },
    ]),
  );
}
