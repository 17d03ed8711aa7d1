/** The last step of every write: the conditions once more, the row, and what is to be told of it, in one commit. */
import type { Call } from "../service.ts";
import type { Bucket } from "./bucket-store.ts";
import { checkWrite } from "./conditional.ts";
import type { ObjectEvent, Occasion, S3Context } from "./context.ts";
import { noSuchBucket } from "./errors.ts";
import type { ObjectRow } from "./object-row.ts";
import type { NewObject } from "./object-store.ts";
import { principalId } from "./owner.ts";

type Headers = Readonly<Record<string, string>>;

/** The current object, where there is one that can be read. */
export function presentObject(s3: S3Context, bucket: Bucket, key: string): ObjectRow | undefined {
  const row = s3.objects.current(bucket, key);
  return row?.marker === 0 ? row : undefined;
}

/** Fails early, before a body is read; `writeObject` asks again. */
export function checkWriteConditions(s3: S3Context, bucket: Bucket, key: string, headers: Headers): void {
  if (headers["if-match"] === undefined && headers["if-none-match"] === undefined) return;
  checkWrite(headers, key, presentObject(s3, bucket, key));
}

export async function writeObject(
  s3: S3Context,
  call: Call,
  target: { readonly bucket: Bucket; readonly key: string },
  object: NewObject,
  options: {
    readonly event: string;
    readonly conditions: Headers;
    /** What must be kept in the same commit. */
    readonly also?: (versionId: string | undefined) => void;
  },
): Promise<string | undefined> {
  const { bucket, key } = target;
  // The bucket may have gone while the body came in.
  if (s3.buckets.find(bucket.name) !== bucket) throw noSuchBucket(bucket.name);
  checkWriteConditions(s3, bucket, key, options.conditions);
  const wanted = s3.notify.wants(bucket);
  if (!wanted && options.also === undefined && bucket.versioning === undefined) {
    return s3.transactions.together(() => s3.objects.put(bucket, key, object));
  }
  return s3.transactions.atomically(() => {
    const versionId = s3.objects.put(bucket, key, object);
    options.also?.(versionId);
    if (wanted) {
      const event: ObjectEvent = {
        name: `ObjectCreated:${options.event}`,
        key,
        size: object.size,
        etag: object.etag,
        versionId,
      };
      s3.notify.record(bucket, event, occasionOf(call));
    }
    return versionId;
  });
}

export function occasionOf(call: Call): Occasion {
  return {
    time: call.time,
    requestId: call.requestId,
    principal: principalId(call.principal),
    sourceIp: "127.0.0.1",
  };
}
