import { createHash } from "node:crypto";
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestCloud, type TestCloud } from "../testing.ts";
import { newBucket, put, read } from "./testing.ts";

let cloud: TestCloud;
let s3: S3Client;
beforeAll(async () => {
  cloud = await startTestCloud();
  s3 = cloud.client(S3Client);
});
afterAll(() => cloud[Symbol.asyncDispose]());

const hour = 3600_000;
const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });

describe("a conditional read", () => {
  test.each([
    [{ IfNoneMatch: "ETAG" }, 304],
    [{ IfNoneMatch: '"other"' }, 200],
    [{ IfMatch: "ETAG" }, 200],
    [{ IfMatch: '"other"' }, 412],
    [{ IfModifiedSince: new Date(Date.now() + hour) }, 304],
    [{ IfModifiedSince: new Date(Date.now() - hour) }, 200],
    [{ IfUnmodifiedSince: new Date(Date.now() - hour) }, 412],
    [{ IfUnmodifiedSince: new Date(Date.now() + hour) }, 200],
    [{ IfMatch: "ETAG", IfUnmodifiedSince: new Date(Date.now() - hour) }, 200],
    [{ IfNoneMatch: '"other"', IfModifiedSince: new Date(Date.now() + hour) }, 200],
  ])("%j answers %d", async (conditions, expected) => {
    const Bucket = await newBucket(s3);
    const { ETag } = await put(s3, Bucket, "k", "x");
    const real = Object.fromEntries(
      Object.entries(conditions).map(([name, value]) => [name, value === "ETAG" ? ETag : value]),
    );
    for (const Command of [GetObjectCommand, HeadObjectCommand]) {
      const outcome = await s3.send(new Command({ Bucket, Key: "k", ...real }) as HeadObjectCommand).then(
        (answer) => answer.$metadata.httpStatusCode,
        (error) => error.$metadata.httpStatusCode,
      );
      expect(outcome).toBe(expected);
    }
  });
});

describe("a conditional write", () => {
  test("makes an object only where there is none", async () => {
    const Bucket = await newBucket(s3);
    await put(s3, Bucket, "k", "1", { IfNoneMatch: "*" });
    await expect(put(s3, Bucket, "k", "2", { IfNoneMatch: "*" })).rejects.toMatchObject({
      name: "PreconditionFailed",
      ...status(412),
    });
    expect(await read(s3, Bucket, "k")).toBe("1");
  });

  test("replaces only what it knows", async () => {
    const Bucket = await newBucket(s3);
    const { ETag } = await put(s3, Bucket, "k", "1");
    await put(s3, Bucket, "k", "2", { IfMatch: ETag });
    await expect(put(s3, Bucket, "k", "3", { IfMatch: ETag })).rejects.toMatchObject(status(412));
    await expect(put(s3, Bucket, "none", "3", { IfMatch: ETag })).rejects.toMatchObject(status(404));
    await expect(s3.send(new DeleteObjectCommand({ Bucket, Key: "k", IfMatch: ETag }))).rejects.toMatchObject(
      status(412),
    );
  });

  test("has one winner among many at once", async () => {
    const Bucket = await newBucket(s3);
    const bodies = Array.from({ length: 8 }, (_, n) => Buffer.alloc(100_000, String(n)));
    const outcomes = await Promise.allSettled(
      bodies.map((body) => put(s3, Bucket, "k", body, { IfNoneMatch: "*" })),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBe(1);
  });

  test("copies only a source that is as expected", async () => {
    const Bucket = await newBucket(s3);
    const { ETag } = await put(s3, Bucket, "k", "1");
    const copy = { Bucket, Key: "copy", CopySource: `${Bucket}/k` };
    await s3.send(new CopyObjectCommand({ ...copy, CopySourceIfMatch: ETag }));
    await expect(
      s3.send(new CopyObjectCommand({ ...copy, CopySourceIfNoneMatch: ETag })),
    ).rejects.toMatchObject(status(412));
    await expect(
      s3.send(new CopyObjectCommand({ Bucket, Key: "k", CopySource: `${Bucket}/k` })),
    ).rejects.toMatchObject({ name: "InvalidRequest" });
  });
});

describe("a checksum", () => {
  test.each(["CRC32", "CRC32C", "SHA1", "SHA256"] as const)(
    "%s is verified, kept and told",
    async (algorithm) => {
      const Bucket = await newBucket(s3);
      for (const Body of ["small", Buffer.alloc(200_000, "large")]) {
        const member = `Checksum${algorithm}` as const;
        const sent = await put(s3, Bucket, "k", Body, { ChecksumAlgorithm: algorithm });
        expect(sent[member]).toEqual(expect.any(String));
        const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "k", ChecksumMode: "ENABLED" }));
        expect(head[member]).toBe(sent[member]);
      }
    },
  );

  test.each([
    ["ChecksumCRC32", { ChecksumCRC32: "AAAAAA==" }, "BadDigest"],
    ["ChecksumSHA256", { ChecksumSHA256: createHash("sha256").update("no").digest("base64") }, "BadDigest"],
    ["ContentMD5", { ContentMD5: createHash("md5").update("no").digest("base64") }, "BadDigest"],
    ["ContentMD5 of a wrong length", { ContentMD5: "AAAA" }, "InvalidDigest"],
    ["ChecksumCRC32 of a wrong length", { ChecksumCRC32: "AAAA" }, "InvalidRequest"],
  ])("%s that is wrong refuses the write", async (_name, checksum, name) => {
    const Bucket = await newBucket(s3);
    for (const Body of ["small", Buffer.alloc(200_000)]) {
      await expect(
        s3.send(new PutObjectCommand({ Bucket, Key: "k", Body, ...checksum })),
      ).rejects.toMatchObject({ name });
    }
    await expect(read(s3, Bucket, "k")).rejects.toMatchObject({ name: "NoSuchKey" });
  });
});
