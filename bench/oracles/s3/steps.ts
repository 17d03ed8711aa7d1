/** What is asked of both S3s, in order: each step is one call, later ones use what earlier ones answered. */
import type * as sdk from "@aws-sdk/client-s3";

export interface Memory {
  readonly uploads: Map<string, string>;
  readonly etags: Map<string, string>;
  readonly versions: Map<string, string>;
  readonly tokens: Map<string, string>;
}

export type Step = readonly [name: string, call: (s3: sdk.S3, memory: Memory) => Promise<unknown>];

const Bucket = "oracle-bucket";
const Versioned = "oracle-versioned";
const part = Buffer.alloc(5 * 1024 * 1024, "p");

const steps: Step[] = [];
const step = (name: string, call: Step[1]) => steps.push([name, call]);

async function remember<T>(
  map: Map<string, string>,
  name: string,
  value: (answer: T) => string | undefined,
  answer: Promise<T>,
) {
  const result = await answer;
  map.set(name, value(result) ?? "");
  return result;
}

/** Buckets */
step("create a bucket", (s3) => s3.createBucket({ Bucket }));
step("create it again", (s3) => s3.createBucket({ Bucket }));
step("list buckets", (s3) => s3.listBuckets({}));
step("create one with a wrong name", (s3) => s3.createBucket({ Bucket: "Wrong_Name" }));
step("create one with a short name", (s3) => s3.createBucket({ Bucket: "ab" }));
step("head it", (s3) => s3.headBucket({ Bucket }));
step("head one that is not there", (s3) => s3.headBucket({ Bucket: "oracle-missing" }));
step("its location", (s3) => s3.getBucketLocation({ Bucket }));
step("location of one that is not there", (s3) => s3.getBucketLocation({ Bucket: "oracle-missing" }));
step("delete one that is not there", (s3) => s3.deleteBucket({ Bucket: "oracle-missing" }));

/** Objects */
const keys = ["a", "b/1", "b/2", "b/c/3", "d e+f", "g&h", "ü/é", "z~!*'()", "x//y", "trail/"];
for (const Key of keys) {
  step(`put ${Key}`, (s3) => s3.putObject({ Bucket, Key, Body: `body of ${Key}` }));
  step(`get ${Key}`, async (s3) => {
    const { Body, ...answer } = await s3.getObject({ Bucket, Key });
    return { ...answer, text: await Body?.transformToString() };
  });
  step(`head ${Key}`, (s3) => s3.headObject({ Bucket, Key }));
}
step("put with headers", (s3) =>
  s3.putObject({
    Bucket,
    Key: "headers",
    Body: "x",
    ContentType: "text/html",
    CacheControl: "no-cache",
    ContentDisposition: "inline",
    ContentLanguage: "de",
    Metadata: { one: "1", Two: "zwei" },
    Tagging: "a=1&b=2",
  }),
);
step("head headers", (s3) => s3.headObject({ Bucket, Key: "headers" }));
step("get a missing key", (s3) => s3.getObject({ Bucket, Key: "missing" }));
step("head a missing key", (s3) => s3.headObject({ Bucket, Key: "missing" }));
step("get of a missing bucket", (s3) => s3.getObject({ Bucket: "oracle-missing", Key: "a" }));
step("put to a missing bucket", (s3) => s3.putObject({ Bucket: "oracle-missing", Key: "a", Body: "" }));
step("delete a missing key", (s3) => s3.deleteObject({ Bucket, Key: "missing" }));
for (const Range of [
  "bytes=0-0",
  "bytes=1-3",
  "bytes=2-",
  "bytes=-2",
  "bytes=0-999",
  "bytes=999-",
  "bytes=3-1",
  "lines=1-2",
]) {
  step(`range ${Range}`, async (s3) => {
    const { Body, ...answer } = await s3.getObject({ Bucket, Key: "a", Range });
    return { ...answer, text: await Body?.transformToString() };
  });
}
for (const [name, conditions] of Object.entries({
  "If-Match wrong": { IfMatch: '"x"' },
  "If-None-Match wrong": { IfNoneMatch: '"x"' },
  "If-None-Match *": { IfNoneMatch: "*" },
  "If-Modified-Since past": { IfModifiedSince: new Date(0) },
  "If-Unmodified-Since past": { IfUnmodifiedSince: new Date(0) },
})) {
  step(`head ${name}`, (s3) => s3.headObject({ Bucket, Key: "a", ...conditions }));
}
step("put If-None-Match * where there is one", (s3) =>
  s3.putObject({ Bucket, Key: "a", Body: "", IfNoneMatch: "*" }),
);
step("put If-None-Match * where there is none", (s3) =>
  s3.putObject({ Bucket, Key: "once", Body: "", IfNoneMatch: "*" }),
);
step("put If-Match wrong", (s3) => s3.putObject({ Bucket, Key: "a", Body: "", IfMatch: '"x"' }));
step("put a wrong MD5", (s3) =>
  s3.putObject({ Bucket, Key: "md5", Body: "x", ContentMD5: "AAAAAAAAAAAAAAAAAAAAAA==" }),
);
step("put a wrong CRC32", (s3) => s3.putObject({ Bucket, Key: "crc", Body: "x", ChecksumCRC32: "AAAAAA==" }));
for (const Key of ["md5", "crc"]) step(`delete ${Key}`, (s3) => s3.deleteObject({ Bucket, Key }));
for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "SHA1", "SHA256"] as const) {
  step(`put with ${ChecksumAlgorithm}`, (s3) =>
    s3.putObject({ Bucket, Key: "sum", Body: "sum", ChecksumAlgorithm }),
  );
  step(`head with ${ChecksumAlgorithm}`, (s3) =>
    s3.headObject({ Bucket, Key: "sum", ChecksumMode: "ENABLED" }),
  );
}

/** Copies */
step("copy", (s3) => s3.copyObject({ Bucket, Key: "copy", CopySource: `${Bucket}/headers` }));
step("head the copy", (s3) => s3.headObject({ Bucket, Key: "copy" }));
step("tags of the copy", (s3) => s3.getObjectTagging({ Bucket, Key: "copy" }));
step("copy with other metadata", (s3) =>
  s3.copyObject({
    Bucket,
    Key: "copy2",
    CopySource: `${Bucket}/headers`,
    MetadataDirective: "REPLACE",
    Metadata: { three: "3" },
    ContentType: "text/css",
  }),
);
step("head that copy", (s3) => s3.headObject({ Bucket, Key: "copy2" }));
step("copy a key that needs encoding", (s3) =>
  s3.copyObject({ Bucket, Key: "copy3", CopySource: `${Bucket}/${encodeURIComponent("ü/é")}` }),
);
step("copy onto itself", (s3) => s3.copyObject({ Bucket, Key: "a", CopySource: `${Bucket}/a` }));
step("copy what is missing", (s3) => s3.copyObject({ Bucket, Key: "c", CopySource: `${Bucket}/missing` }));
step("copy from a missing bucket", (s3) =>
  s3.copyObject({ Bucket, Key: "c", CopySource: "oracle-missing/a" }),
);

/** Listings */
for (const [name, parameters] of Object.entries({
  all: {},
  "a prefix": { Prefix: "b/" },
  "a delimiter": { Delimiter: "/" },
  "a prefix and a delimiter": { Prefix: "b/", Delimiter: "/" },
  "another delimiter": { Delimiter: "e" },
  "two keys": { MaxKeys: 2 },
  "no keys": { MaxKeys: 0 },
  "two with a delimiter": { MaxKeys: 2, Delimiter: "/" },
  "keys encoded": { EncodingType: "url" as const },
  nothing: { Prefix: "none" },
})) {
  step(`list v2: ${name}`, (s3) => s3.listObjectsV2({ Bucket, ...parameters }));
  step(`list v1: ${name}`, (s3) => s3.listObjects({ Bucket, ...parameters }));
}
step("list v2: after a key", (s3) => s3.listObjectsV2({ Bucket, StartAfter: "b/2" }));
step("list v2: with owners", (s3) => s3.listObjectsV2({ Bucket, FetchOwner: true, MaxKeys: 1 }));
step("list v1: behind a marker", (s3) => s3.listObjects({ Bucket, Marker: "b/2" }));
step("list v2: first page", (s3, { tokens }) =>
  remember(tokens, "next", (page) => page.NextContinuationToken, s3.listObjectsV2({ Bucket, MaxKeys: 3 })),
);
step("list v2: next page", (s3, { tokens }) =>
  s3.listObjectsV2({ Bucket, MaxKeys: 3, ContinuationToken: tokens.get("next") }),
);
step("list a missing bucket", (s3) => s3.listObjectsV2({ Bucket: "oracle-missing" }));

/** Tags */
step("put tags", (s3) =>
  s3.putObjectTagging({ Bucket, Key: "a", Tagging: { TagSet: [{ Key: "t", Value: "v" }] } }),
);
step("get tags", (s3) => s3.getObjectTagging({ Bucket, Key: "a" }));
step("put tags twice the same", (s3) =>
  s3.putObjectTagging({
    Bucket,
    Key: "a",
    Tagging: {
      TagSet: [
        { Key: "t", Value: "1" },
        { Key: "t", Value: "2" },
      ],
    },
  }),
);
step("put system tags", (s3) =>
  s3.putObjectTagging({ Bucket, Key: "a", Tagging: { TagSet: [{ Key: "aws:t", Value: "1" }] } }),
);
step("delete tags", (s3) => s3.deleteObjectTagging({ Bucket, Key: "a" }));
step("get no tags", (s3) => s3.getObjectTagging({ Bucket, Key: "a" }));
step("tags of a missing key", (s3) => s3.getObjectTagging({ Bucket, Key: "missing" }));

/** Multipart */
const Key = "multi";
const upload = (memory: Memory) => ({ Bucket, Key, UploadId: memory.uploads.get("u") });
step("begin an upload", (s3, { uploads }) =>
  remember(uploads, "u", (answer) => answer.UploadId, s3.createMultipartUpload({ Bucket, Key })),
);
step("upload part 1", (s3, memory) =>
  remember(
    memory.etags,
    "1",
    (answer) => answer.ETag,
    s3.uploadPart({ ...upload(memory), PartNumber: 1, Body: part }),
  ),
);
step("upload part 2", (s3, memory) =>
  remember(
    memory.etags,
    "2",
    (answer) => answer.ETag,
    s3.uploadPart({ ...upload(memory), PartNumber: 2, Body: "end" }),
  ),
);
step("copy part 3", (s3, memory) =>
  s3.uploadPartCopy({ ...upload(memory), PartNumber: 3, CopySource: `${Bucket}/a` }),
);
step("upload part 0", (s3, memory) => s3.uploadPart({ ...upload(memory), PartNumber: 0, Body: "" }));
step("list parts", (s3, memory) => s3.listParts(upload(memory)));
step("list one part", (s3, memory) => s3.listParts({ ...upload(memory), MaxParts: 1 }));
step("list uploads", (s3) => s3.listMultipartUploads({ Bucket }));
const complete = (numbers: readonly number[], etag?: string) => (s3: sdk.S3, memory: Memory) =>
  s3.completeMultipartUpload({
    ...upload(memory),
    MultipartUpload: {
      Parts: numbers.map((PartNumber) => ({
        PartNumber,
        ETag: etag ?? memory.etags.get(String(PartNumber)),
      })),
    },
  });
step("complete in the wrong order", complete([2, 1]));
step("complete with a wrong ETag", complete([1], '"0123456789abcdef0123456789abcdef"'));
step("complete with a missing part", complete([9], '"x"'));
step("complete", complete([1, 2]));
step("head what was uploaded", (s3) => s3.headObject({ Bucket, Key }));
step("get its second part", async (s3) => {
  const { Body, ...answer } = await s3.getObject({ Bucket, Key, PartNumber: 2 });
  return { ...answer, text: await Body?.transformToString() };
});
step("complete once more", complete([1, 2]));
step("begin another upload", (s3, { uploads }) =>
  remember(uploads, "u", (answer) => answer.UploadId, s3.createMultipartUpload({ Bucket, Key })),
);
step("abort it", (s3, memory) => s3.abortMultipartUpload(upload(memory)));
step("abort it again", (s3, memory) => s3.abortMultipartUpload(upload(memory)));
step("list no uploads", (s3) => s3.listMultipartUploads({ Bucket }));

/** Versions */
step("create a bucket for versions", (s3) => s3.createBucket({ Bucket: Versioned }));
step("no versioning", (s3) => s3.getBucketVersioning({ Bucket: Versioned }));
step("put before versioning", (s3) => s3.putObject({ Bucket: Versioned, Key: "v", Body: "0" }));
step("enable versioning", (s3) =>
  s3.putBucketVersioning({ Bucket: Versioned, VersioningConfiguration: { Status: "Enabled" } }),
);
step("versioning", (s3) => s3.getBucketVersioning({ Bucket: Versioned }));
for (const body of ["1", "2"]) {
  step(`put version ${body}`, (s3, { versions }) =>
    remember(
      versions,
      body,
      (answer) => answer.VersionId,
      s3.putObject({ Bucket: Versioned, Key: "v", Body: body }),
    ),
  );
}
step("get version 1", async (s3, { versions }) => {
  const { Body, ...answer } = await s3.getObject({
    Bucket: Versioned,
    Key: "v",
    VersionId: versions.get("1"),
  });
  return { ...answer, text: await Body?.transformToString() };
});
step("get the null version", async (s3) => {
  const { Body, ...answer } = await s3.getObject({ Bucket: Versioned, Key: "v", VersionId: "null" });
  return { ...answer, text: await Body?.transformToString() };
});
step("list versions", (s3) => s3.listObjectVersions({ Bucket: Versioned }));
step("list one version", (s3) => s3.listObjectVersions({ Bucket: Versioned, MaxKeys: 1 }));
step("delete to a marker", (s3, { versions }) =>
  remember(
    versions,
    "marker",
    (answer) => answer.VersionId,
    s3.deleteObject({ Bucket: Versioned, Key: "v" }),
  ),
);
step("get behind a marker", (s3) => s3.getObject({ Bucket: Versioned, Key: "v" }));
step("get a marker", (s3, { versions }) =>
  s3.getObject({ Bucket: Versioned, Key: "v", VersionId: versions.get("marker") }),
);
step("list versions with a marker", (s3) => s3.listObjectVersions({ Bucket: Versioned }));
step("delete the bucket with versions", (s3) => s3.deleteBucket({ Bucket: Versioned }));
step("delete the marker", (s3, { versions }) =>
  s3.deleteObject({ Bucket: Versioned, Key: "v", VersionId: versions.get("marker") }),
);
step("delete version 2", (s3, { versions }) =>
  s3.deleteObject({ Bucket: Versioned, Key: "v", VersionId: versions.get("2") }),
);
step("head the one that is current now", (s3) => s3.headObject({ Bucket: Versioned, Key: "v" }));
step("suspend versioning", (s3) =>
  s3.putBucketVersioning({ Bucket: Versioned, VersioningConfiguration: { Status: "Suspended" } }),
);
step("put the null version anew", (s3) => s3.putObject({ Bucket: Versioned, Key: "v", Body: "null" }));
step("list versions once suspended", (s3) => s3.listObjectVersions({ Bucket: Versioned }));

/** Settings */
step("no CORS", (s3) => s3.getBucketCors({ Bucket }));
step("put CORS", (s3) =>
  s3.putBucketCors({
    Bucket,
    CORSConfiguration: { CORSRules: [{ AllowedMethods: ["GET"], AllowedOrigins: ["*"], MaxAgeSeconds: 5 }] },
  }),
);
step("get CORS", (s3) => s3.getBucketCors({ Bucket }));
step("put CORS with a wrong method", (s3) =>
  s3.putBucketCors({
    Bucket,
    CORSConfiguration: { CORSRules: [{ AllowedMethods: ["PATCH"], AllowedOrigins: ["*"] }] },
  }),
);
step("delete CORS", (s3) => s3.deleteBucketCors({ Bucket }));
step("no policy", (s3) => s3.getBucketPolicy({ Bucket }));
step("no lifecycle", (s3) => s3.getBucketLifecycleConfiguration({ Bucket }));
step("put lifecycle", (s3) =>
  s3.putBucketLifecycleConfiguration({
    Bucket,
    LifecycleConfiguration: {
      Rules: [{ ID: "r", Status: "Enabled", Filter: { Prefix: "l/" }, Expiration: { Days: 3 } }],
    },
  }),
);
step("get lifecycle", (s3) => s3.getBucketLifecycleConfiguration({ Bucket }));
step("delete lifecycle", (s3) => s3.deleteBucketLifecycle({ Bucket }));
step("no website", (s3) => s3.getBucketWebsite({ Bucket }));
step("put website", (s3) =>
  s3.putBucketWebsite({ Bucket, WebsiteConfiguration: { IndexDocument: { Suffix: "index.html" } } }),
);
step("get website", (s3) => s3.getBucketWebsite({ Bucket }));
step("no bucket tags", (s3) => s3.getBucketTagging({ Bucket }));
step("put bucket tags", (s3) =>
  s3.putBucketTagging({ Bucket, Tagging: { TagSet: [{ Key: "k", Value: "v" }] } }),
);
step("get bucket tags", (s3) => s3.getBucketTagging({ Bucket }));
step("encryption", (s3) => s3.getBucketEncryption({ Bucket }));
step("request payment", (s3) => s3.getBucketRequestPayment({ Bucket }));
step("logging", (s3) => s3.getBucketLogging({ Bucket }));
step("acceleration", (s3) => s3.getBucketAccelerateConfiguration({ Bucket }));
step("notifications", (s3) => s3.getBucketNotificationConfiguration({ Bucket }));
step("replication", (s3) => s3.getBucketReplication({ Bucket }));
step("object lock", (s3) => s3.getObjectLockConfiguration({ Bucket }));
step("ACL", (s3) => s3.getBucketAcl({ Bucket }));

/** Deletes */
step("delete many", (s3) =>
  s3.deleteObjects({ Bucket, Delete: { Objects: [{ Key: "a" }, { Key: "missing" }, { Key: "g&h" }] } }),
);
step("delete many quietly", (s3) =>
  s3.deleteObjects({ Bucket, Delete: { Quiet: true, Objects: [{ Key: "b/1" }] } }),
);
step("delete one", (s3) => s3.deleteObject({ Bucket, Key: "b/2" }));
step("delete a bucket that is not empty", (s3) => s3.deleteBucket({ Bucket }));
step("list what is left", (s3) => s3.listObjectsV2({ Bucket }));

export const conversation: readonly Step[] = steps;
