/** Get, Put and DeleteObjectTagging, and the tags of buckets. */
import { AwsError } from "../error.ts";
import type { Call, Operation } from "../service.ts";
import { bucketAccess, objectAccess } from "./access.ts";
import type { S3Context } from "./context.ts";
import { readDocument, type S3Input, type S3Output, s3Operation } from "./input.ts";
import type { Tags } from "./object-store.ts";
import { readableVersion } from "./objects.ts";
import { document, noContent } from "./protocol.ts";
import { tagSet, tagsOfDocument } from "./tags.ts";
import { occasionOf } from "./write.ts";

const objectTagLimit = 10;
const bucketTagLimit = 50;

const parseTags = (text: string | null | undefined): Tags | undefined =>
  text ? (JSON.parse(text) as Tags) : undefined;

export function taggingOperations(s3: S3Context): Record<string, Operation> {
  const access = (verb: "Get" | "Put" | "Delete") => (input: S3Input) =>
    objectAccess(s3, input, {
      current: `s3:${verb}ObjectTagging`,
      version: `s3:${verb}ObjectVersionTagging`,
    });

  const tagged = ({ bucket, key, query }: S3Input, call: Call) =>
    readableVersion(s3, call, { bucket, key, versionId: query.get("versionId") });

  function change(input: S3Input, call: Call, tags: Tags | undefined, status: number): S3Output {
    const { bucket, row } = tagged(input, call);
    s3.transactions.atomically(() => {
      s3.objects.setTags(row, tags);
      if (!s3.notify.wants(bucket)) return;
      s3.notify.record(
        bucket,
        {
          name: tags === undefined ? "ObjectTagging:Delete" : "ObjectTagging:Put",
          key: input.key,
          etag: row.etag,
          versionId: bucket.versioning === undefined ? undefined : row.version,
        },
        occasionOf(call),
      );
    });
    return {
      status,
      headers: bucket.versioning === undefined ? {} : { "x-amz-version-id": row.version },
    };
  }

  return {
    GetObjectTagging: s3Operation({
      access: access("Get"),
      run(input, call) {
        const { bucket, row } = tagged(input, call);
        return document(
          "Tagging",
          tagSet(parseTags(row.tags)),
          bucket.versioning === undefined ? {} : { "x-amz-version-id": row.version },
        );
      },
    }),
    PutObjectTagging: s3Operation({
      access: access("Put"),
      async run(input, call) {
        tagged(input, call);
        return change(input, call, tagsOfDocument(await readDocument(input), objectTagLimit), 200);
      },
    }),
    DeleteObjectTagging: s3Operation({
      access: access("Delete"),
      run: (input, call) => change(input, call, undefined, 204),
    }),
    GetBucketTagging: s3Operation({
      access: bucketAccess("s3:GetBucketTagging"),
      run({ bucket: name }) {
        const tags = parseTags(s3.buckets.need(name).settings.get("tagging"));
        if (tags === undefined) {
          throw new AwsError("NoSuchTagSet", "The TagSet does not exist", 404, { BucketName: name });
        }
        return document("Tagging", tagSet(tags));
      },
    }),
    PutBucketTagging: s3Operation({
      access: bucketAccess("s3:PutBucketTagging"),
      async run(input) {
        const tags = tagsOfDocument(await readDocument(input), bucketTagLimit);
        const text = tags === undefined ? undefined : JSON.stringify(tags);
        s3.buckets.setSetting(s3.buckets.need(input.bucket), "tagging", text);
        return noContent;
      },
    }),
    DeleteBucketTagging: s3Operation({
      access: bucketAccess("s3:PutBucketTagging"),
      run({ bucket }) {
        s3.buckets.setSetting(s3.buckets.need(bucket), "tagging", undefined);
        return noContent;
      },
    }),
  };
}
