/** DeleteObject and DeleteObjects. */
import { AwsError } from "../error.ts";
import { childOf, flat, listOf, parseXml, textOf } from "../protocol/rest-xml.ts";
import type { Call, Operation } from "../service.ts";
import { objectAccess } from "./access.ts";
import type { Bucket } from "./bucket-store.ts";
import { checkDelete } from "./conditional.ts";
import type { S3Context } from "./context.ts";
import { invalidRequest, malformedXml } from "./errors.ts";
import { readDocument, type S3Input, s3Operation } from "./input.ts";
import type { Removal } from "./object-store.ts";
import { checkVersionId } from "./objects.ts";
import { document } from "./protocol.ts";
import { occasionOf, presentObject } from "./write.ts";

const deleteActions = { current: "s3:DeleteObject", version: "s3:DeleteObjectVersion" };
const maxKeys = 1000;

interface Target {
  readonly key: string;
  readonly versionId: string | null;
  readonly etag: string | undefined;
}

export function deleteOperations(s3: S3Context): Record<string, Operation> {
  function remove(bucket: Bucket, target: Target, call: Call): Removal {
    const { key, versionId, etag } = target;
    if (etag !== undefined) checkDelete({ "if-match": etag }, key, presentObject(s3, bucket, key));
    const change = () =>
      versionId === null
        ? s3.objects.remove(bucket, key, Date.now())
        : s3.objects.removeVersion(bucket, key, versionId);
    if (!s3.notify.wants(bucket)) return change();
    return s3.transactions.atomically(() => {
      const removal = change();
      if (removal.changed) {
        const marked = versionId === null && removal.marker;
        s3.notify.record(
          bucket,
          {
            name: marked ? "ObjectRemoved:DeleteMarkerCreated" : "ObjectRemoved:Delete",
            key,
            versionId: removal.versionId,
          },
          occasionOf(call),
        );
      }
      return removal;
    });
  }

  function deleteObject(input: S3Input, call: Call) {
    const bucket = s3.buckets.need(input.bucket);
    const versionId = input.query.get("versionId");
    if (versionId !== null) checkVersionId(versionId);
    const removal = remove(bucket, { key: input.key, versionId, etag: input.headers["if-match"] }, call);
    const headers: Record<string, string> = {};
    if (removal.versionId !== undefined && bucket.versioning !== undefined) {
      headers["x-amz-version-id"] = removal.versionId;
    }
    if (removal.marker) headers["x-amz-delete-marker"] = "true";
    return { status: 204, headers };
  }

  async function deleteObjects(input: S3Input, call: Call) {
    const bucket = s3.buckets.need(input.bucket);
    const { headers } = input;
    if (
      call.request !== undefined &&
      headers["content-md5"] === undefined &&
      headers["x-amz-trailer"] === undefined &&
      !Object.keys(headers).some((name) => name.startsWith("x-amz-checksum-"))
    ) {
      throw invalidRequest("Missing required header for this request: Content-MD5");
    }
    const { targets, quiet } = parseDelete(await readDocument(input));
    const deleted: unknown[] = [];
    const errors: unknown[] = [];
    s3.transactions.atomically(() => {
      for (const target of targets) {
        try {
          authorize(input, target, call);
          const removal = remove(bucket, target, call);
          const created = target.versionId === null && removal.marker;
          deleted.push({
            Key: target.key,
            VersionId: target.versionId ?? undefined,
            DeleteMarker: removal.marker ? true : undefined,
            DeleteMarkerVersionId: removal.marker
              ? created
                ? removal.versionId
                : target.versionId
              : undefined,
          });
        } catch (error) {
          if (!(error instanceof AwsError)) throw error;
          errors.push({
            Key: target.key,
            VersionId: target.versionId ?? undefined,
            Code: error.code,
            Message: error.message,
          });
        }
      }
    });
    return document("DeleteResult", { Deleted: quiet ? undefined : flat(deleted), Error: flat(errors) });
  }

  function authorize(input: S3Input, target: Target, call: Call): void {
    if (target.versionId !== null) checkVersionId(target.versionId);
    const query = new URLSearchParams(target.versionId === null ? {} : { versionId: target.versionId });
    call.authorize(...objectAccess(s3, { bucket: input.bucket, key: target.key, query }, deleteActions));
  }

  return {
    DeleteObject: s3Operation({
      access: (input) => objectAccess(s3, input, deleteActions),
      run: deleteObject,
    }),
    DeleteObjects: s3Operation({ access: "self", run: deleteObjects }),
  };
}

function parseDelete(text: string): { targets: Target[]; quiet: boolean } {
  const root = childOf(parseXml(text), "Delete");
  const objects = listOf(root?.Object);
  if (objects.length === 0 || objects.length > maxKeys) throw malformedXml();
  const targets = objects.map((object) => {
    const key = textOf(object, "Key");
    if (key === undefined || key === "") throw malformedXml();
    return { key, versionId: textOf(object, "VersionId") ?? null, etag: textOf(object, "ETag") };
  });
  return { targets, quiet: textOf(root, "Quiet") === "true" };
}
