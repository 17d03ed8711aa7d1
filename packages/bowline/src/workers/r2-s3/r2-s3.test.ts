import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, beforeAll, expect, test } from "vitest";
import { workersClient } from "../access.ts";
import { startWorkersHost, type WorkersHost } from "../host.ts";
import { R2_S3 } from "./options.ts";

const folder = mkdtempSync(join(tmpdir(), "bowline-r2-"));
const token = { id: "0123456789abcdef0123456789abcdef", value: "the token", buckets: ["photos"] };
let host: WorkersHost;
let endpoint = "";
let worker = "";

const client = (secretAccessKey: string, accessKeyId = token.id) =>
  new S3Client({ region: "auto", endpoint, credentials: { accessKeyId, secretAccessKey } });
const secretAccessKey = createHash("sha256").update(token.value).digest("hex");
const Bucket = "photos";

beforeAll(async () => {
  host = await startWorkersHost({
    root: folder,
    folder,
    key: new Uint8Array(32).fill(5),
    role: () => ({}),
    onLine: () => undefined,
    onWarning: () => undefined,
  });
  const workers = workersClient(host.access);
  for (const name of ["photos", "other"])
    await workers.put("r2", name, { id: name, name, data: `d-${name}` });
  await workers.put("token", token.id, token);
  await workers.put("script", "w", {
    scriptName: "w",
    content: `export default { async fetch(request, { B }) {
      if (request.method === "PUT") await B.put("from worker", request.body);
      const object = await B.get("from s3");
      return new Response(await object?.text(), { headers: { kept: object?.customMetadata.kept ?? "" } });
    } };`,
    compatibilityDate: "2026-07-01",
    compatibilityFlags: [],
    bindings: [{ type: "r2_bucket", name: "B", bucketName: "photos" }],
  });
  endpoint = await workers.url(R2_S3);
  worker = await workers.url("w");
}, 60_000);
afterAll(async () => {
  await host.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("the S3 client and a Worker have the same objects, with what is kept beside them", async () => {
  const s3 = client(secretAccessKey);
  const Key = "from s3";
  await s3.send(
    new PutObjectCommand({ Bucket, Key, Body: "rope", ContentType: "text/plain", Metadata: { kept: "yes" } }),
  );
  const seen = await fetch(worker);
  expect([await seen.text(), seen.headers.get("kept")]).toEqual(["rope", "yes"]);
  await fetch(worker, { method: "PUT", body: "sail" });
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: "from worker" }));
  expect(await got.Body?.transformToString()).toBe("sail");
  expect(await s3.send(new HeadObjectCommand({ Bucket, Key }))).toMatchObject({
    ContentLength: 4,
    ContentType: "text/plain",
    Metadata: { kept: "yes" },
  });
  const part = await s3.send(new GetObjectCommand({ Bucket, Key, Range: "bytes=1-2" }));
  expect([await part.Body?.transformToString(), part.ContentRange]).toEqual(["op", "bytes 1-2/4"]);
  await s3.send(
    new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/${encodeURIComponent(Key)}` }),
  );
  expect(await (await s3.send(new GetObjectCommand({ Bucket, Key: "copy" }))).Body?.transformToString()).toBe(
    "rope",
  );
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "copy" }));
  await expect(s3.send(new GetObjectCommand({ Bucket, Key: "copy" }))).rejects.toMatchObject({
    name: "NoSuchKey",
  });
  await expect(s3.send(new HeadObjectCommand({ Bucket, Key: "copy" }))).rejects.toMatchObject({
    name: "NotFound",
  });
});

test("keys of every kind are listed page by page, and deleted", async () => {
  const s3 = client(secretAccessKey);
  const keys = ["list/a&b <c>'\"", "list/a+b=ü (1)", "list/deep/x", "list/deep/y", "list/z"];
  for (const Key of keys) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  const first = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "list/", MaxKeys: 2 }));
  const next = await s3.send(
    new ListObjectsV2Command({ Bucket, Prefix: "list/", ContinuationToken: first.NextContinuationToken }),
  );
  expect([...(first.Contents ?? []), ...(next.Contents ?? [])].map(({ Key }) => Key).sort()).toEqual(
    keys.toSorted(),
  );
  expect([first.IsTruncated, next.IsTruncated]).toEqual([true, false]);
  const folders = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "list/", Delimiter: "/" }));
  expect(folders.CommonPrefixes).toEqual([{ Prefix: "list/deep/" }]);
  const { Deleted } = await s3.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } }),
  );
  expect(Deleted?.map(({ Key }) => Key).sort()).toEqual(keys.toSorted());
  expect((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "list/" }))).KeyCount).toBe(0);
});

test("streams, uploads in parts and presigned URLs work", async () => {
  const s3 = client(secretAccessKey);
  const large = Buffer.alloc(6 * 1024 * 1024, "knot ");
  const started = performance.now();
  await new Upload({ client: s3, params: { Bucket, Key: "large", Body: Readable.from([large]) } }).done();
  // The SDK waits for six seconds where nobody tells it to go on.
  expect(performance.now() - started).toBeLessThan(5500);
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: "large" }));
  expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(large)).toBe(true);
  const Body = Readable.from([Buffer.from("one "), Buffer.from("two")]);
  await s3.send(new PutObjectCommand({ Bucket, Key: "stream", Body, ContentLength: 7 }));
  const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "stream" }));
  expect(await (await fetch(url)).text()).toBe("one two");
  expect((await fetch(url.replace(/X-Amz-Expires=\d+/, "X-Amz-Expires=9999"))).status).toBe(403);
});

test("an object is written only where it is as it was asked for", async () => {
  const s3 = client(secretAccessKey);
  const put = (more: object) => s3.send(new PutObjectCommand({ Bucket, Key: "once", Body: "x", ...more }));
  const { ETag } = await put({ IfNoneMatch: "*" });
  await expect(put({ IfNoneMatch: "*" })).rejects.toMatchObject({ name: "PreconditionFailed" });
  await expect(put({ IfMatch: '"0"' })).rejects.toMatchObject({ name: "PreconditionFailed" });
  await put({ IfMatch: ETag });
  await expect(
    s3.send(new GetObjectCommand({ Bucket, Key: "once", IfNoneMatch: ETag })),
  ).rejects.toMatchObject({
    $metadata: { httpStatusCode: 304 },
  });
});

test("no other key, bucket or operation", async () => {
  const list = (s3: S3Client, name = Bucket) => s3.send(new ListObjectsV2Command({ Bucket: name }));
  await expect(list(client("wrong"))).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
  await expect(list(client(secretAccessKey, "f".repeat(32)))).rejects.toMatchObject({
    name: "InvalidAccessKeyId",
  });
  await expect(list(client(secretAccessKey), "other")).rejects.toMatchObject({ name: "AccessDenied" });
  await expect(client(secretAccessKey).send(new CreateBucketCommand({ Bucket }))).rejects.toMatchObject({
    name: "NotImplemented",
  });
  expect((await fetch(`${endpoint}/${Bucket}`)).status).toBe(403);
});
