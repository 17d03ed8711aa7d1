import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { sign } from "../../../packages/cloud/src/door/sign.ts";
import { type Check, type Cloud, refused } from "./check.ts";

const megabyte = 1 << 20;

async function contentOf({ s3 }: Cloud, Bucket: string, Key: string): Promise<string | undefined> {
  return await (await s3.getObject({ Bucket, Key })).Body?.transformToString();
}

export const objectChecks: readonly Check[] = [
  {
    name: "an object comes back with its type and metadata, whatever its key",
    async run(cloud) {
      const Bucket = await cloud.bucket();
      const Key = "a folder/b+c é.txt";
      await cloud.s3.putObject({
        Bucket,
        Key,
        Body: "hello",
        ContentType: "text/plain",
        Metadata: { colour: "red" },
      });
      const { Body, ContentType, Metadata } = await cloud.s3.getObject({ Bucket, Key });
      assert.deepEqual(
        [await Body?.transformToString(), ContentType, Metadata?.colour],
        ["hello", "text/plain", "red"],
      );
    },
  },
  {
    name: "the headers of the content are kept",
    async run({ s3, bucket }) {
      const at = { Bucket: await bucket(), Key: "k" };
      const headers = { CacheControl: "max-age=1", ContentDisposition: "inline" };
      await s3.putObject({ ...at, ...headers, Body: "x" });
      const { CacheControl, ContentDisposition } = await s3.headObject(at);
      assert.deepEqual({ CacheControl, ContentDisposition }, headers);
    },
  },
  {
    name: "a range of an object",
    async run({ s3, bucket }) {
      const at = { Bucket: await bucket(), Key: "k" };
      await s3.putObject({ ...at, Body: "hello" });
      const { Body, ContentRange } = await s3.getObject({ ...at, Range: "bytes=1-3" });
      assert.deepEqual([await Body?.transformToString(), ContentRange], ["ell", "bytes 1-3/5"]);
    },
  },
  {
    name: "a missing key is NoSuchKey",
    async run({ s3, bucket }) {
      await refused(s3.getObject({ Bucket: await bucket(), Key: "missing" }), "NoSuchKey");
    },
  },
  {
    name: "a missing bucket is NoSuchBucket",
    async run({ s3, name }) {
      await refused(s3.getObject({ Bucket: name("missing"), Key: "k" }), "NoSuchBucket");
    },
  },
  {
    name: "If-None-Match: * writes only where nothing is",
    async run({ s3, bucket }) {
      const at = { Bucket: await bucket(), Key: "k" };
      await s3.putObject({ ...at, Body: "first", IfNoneMatch: "*" });
      await refused(s3.putObject({ ...at, Body: "second", IfNoneMatch: "*" }), "PreconditionFailed");
    },
  },
  {
    name: "an object that the reader has is 304",
    async run({ s3, bucket }) {
      const at = { Bucket: await bucket(), Key: "k" };
      const { ETag } = await s3.putObject({ ...at, Body: "x" });
      await refused(s3.getObject({ ...at, IfNoneMatch: ETag }), 304);
    },
  },
  {
    name: "a copy has the content",
    async run(cloud) {
      const Bucket = await cloud.bucket();
      await cloud.s3.putObject({ Bucket, Key: "one", Body: "x" });
      await cloud.s3.copyObject({ Bucket, Key: "two", CopySource: `${Bucket}/one` });
      assert.equal(await contentOf(cloud, Bucket, "two"), "x");
    },
  },
  {
    name: "a list has prefixes and pages",
    async run({ s3, bucket }) {
      const Bucket = await bucket();
      for (const folder of "abcde") await s3.putObject({ Bucket, Key: `p/${folder}/x`, Body: "x" });
      const folders = await s3.listObjectsV2({ Bucket, Prefix: "p/", Delimiter: "/" });
      assert.equal(folders.CommonPrefixes?.length, 5);
      const first = await s3.listObjectsV2({ Bucket, MaxKeys: 2 });
      assert.equal(first.IsTruncated, true);
      const second = await s3.listObjectsV2({
        Bucket,
        MaxKeys: 2,
        ContinuationToken: first.NextContinuationToken,
      });
      assert.equal(second.Contents?.[0]?.Key, "p/c/x");
    },
  },
  {
    name: "parts become one object",
    async run({ s3, bucket }) {
      const at = { Bucket: await bucket(), Key: "k" };
      const upload = { ...at, UploadId: (await s3.createMultipartUpload(at)).UploadId };
      const contents = [Buffer.alloc(5 * megabyte, 1), Buffer.from("tail")];
      const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
      for (const [index, Body] of contents.entries()) {
        const PartNumber = index + 1;
        Parts.push({ PartNumber, ETag: (await s3.uploadPart({ ...upload, PartNumber, Body })).ETag });
      }
      await s3.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } });
      const { ContentLength, ETag } = await s3.headObject(at);
      assert.equal(ContentLength, 5 * megabyte + 4);
      assert.match(ETag ?? "", /-2"$/);
    },
  },
  {
    name: "the parts of an upload are listed",
    async run({ s3, bucket }) {
      const at = { Bucket: await bucket(), Key: "k" };
      const upload = { ...at, UploadId: (await s3.createMultipartUpload(at)).UploadId };
      await s3.uploadPart({ ...upload, PartNumber: 1, Body: "x" });
      assert.equal((await s3.listParts(upload)).Parts?.length, 1);
    },
  },
  {
    name: "the uploads of a bucket are listed",
    async run({ s3, bucket }) {
      const Bucket = await bucket();
      await s3.createMultipartUpload({ Bucket, Key: "k" });
      assert.equal((await s3.listMultipartUploads({ Bucket })).Uploads?.length, 1);
    },
  },
  {
    name: "a part can be a copy",
    async run({ s3, bucket }) {
      const Bucket = await bucket();
      await s3.putObject({ Bucket, Key: "source", Body: "x" });
      const { UploadId } = await s3.createMultipartUpload({ Bucket, Key: "k" });
      const { CopyPartResult } = await s3.uploadPartCopy({
        Bucket,
        Key: "k",
        UploadId,
        PartNumber: 1,
        CopySource: `${Bucket}/source`,
      });
      assert.ok(CopyPartResult?.ETag);
    },
  },
  {
    name: "20 MB in one put",
    async run({ s3, bucket }) {
      const at = { Bucket: await bucket(), Key: "k" };
      await s3.putObject({ ...at, Body: Buffer.alloc(20 * megabyte, 7) });
      assert.equal((await s3.headObject(at)).ContentLength, 20 * megabyte);
    },
  },
  {
    name: "a presigned PUT and a presigned GET",
    async run({ s3, bucket }) {
      const at = { Bucket: await bucket(), Key: "k" };
      const options = { expiresIn: 60 };
      const target = await getSignedUrl(s3, new PutObjectCommand(at), options);
      assert.equal((await fetch(target, { method: "PUT", body: "presigned" })).status, 200);
      const source = await getSignedUrl(s3, new GetObjectCommand(at), options);
      assert.equal(await (await fetch(source)).text(), "presigned");
    },
  },
  {
    name: "a presigned URL that expired is refused",
    async run({ s3, bucket }) {
      const at = { Bucket: await bucket(), Key: "k" };
      await s3.putObject({ ...at, Body: "x" });
      const signingDate = new Date(Date.now() - 10 * 60_000);
      const url = await getSignedUrl(s3, new GetObjectCommand(at), { expiresIn: 60, signingDate });
      assert.equal((await fetch(url)).status, 403);
    },
  },
  {
    name: "many objects are deleted in one call",
    async run({ s3, bucket }) {
      const Bucket = await bucket();
      for (const Key of ["a", "b"]) await s3.putObject({ Bucket, Key, Body: "x" });
      const Objects = [{ Key: "a" }, { Key: "b" }];
      assert.equal((await s3.deleteObjects({ Bucket, Delete: { Objects } })).Deleted?.length, 2);
      assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
    },
  },
  {
    name: "versions are kept",
    async run({ s3, bucket }) {
      const Bucket = await bucket();
      await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Enabled" } });
      for (const Body of ["1", "2"]) await s3.putObject({ Bucket, Key: "k", Body });
      assert.equal((await s3.listObjectVersions({ Bucket })).Versions?.length, 2);
    },
  },
  {
    name: "tags leave the content alone",
    async run(cloud) {
      const Bucket = await cloud.bucket();
      await cloud.s3.putObject({ Bucket, Key: "k", Body: "content" });
      await cloud.s3.putObjectTagging({ Bucket, Key: "k", Tagging: { TagSet: [{ Key: "a", Value: "b" }] } });
      assert.equal(await contentOf(cloud, Bucket, "k"), "content");
    },
  },
  {
    name: "tags of an object come back",
    async run({ s3, bucket }) {
      const at = { Bucket: await bucket(), Key: "k" };
      const TagSet = [{ Key: "a", Value: "b" }];
      await s3.putObject({ ...at, Body: "x" });
      await s3.putObjectTagging({ ...at, Tagging: { TagSet } });
      assert.deepEqual((await s3.getObjectTagging(at)).TagSet, TagSet);
    },
  },
  {
    name: "content that is not what Content-MD5 says is refused",
    async run({ s3, bucket }) {
      const ContentMD5 = createHash("md5").update("another").digest("base64");
      const put = s3.putObject({ Bucket: await bucket(), Key: "k", Body: "content", ContentMD5 });
      await refused(put, "BadDigest");
    },
  },
  {
    name: "a bucket is found by the name of the host",
    async run(cloud) {
      const Bucket = await cloud.bucket();
      await cloud.s3.putObject({ Bucket, Key: "k", Body: "content" });
      const { hostname, port } = new URL(cloud.endpoint);
      const host = `${Bucket}.localhost:${port}`;
      const { credentials } = cloud;
      const { headers } = sign({ method: "GET", path: "/k" }, { credentials, service: "s3", host });
      const answer = await new Promise<string>((resolve, reject) => {
        const call = request({ hostname, port, path: "/k", headers }, (found) => resolve(text(found)));
        call.once("error", reject).end();
      });
      assert.equal(answer, "content");
    },
  },
];
