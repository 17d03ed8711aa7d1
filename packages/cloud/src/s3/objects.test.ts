import { createHash } from "node:crypto";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestCloud, type TestCloud } from "../testing.ts";

let cloud: TestCloud;
let s3: S3Client;
let count = 0;

beforeAll(async () => {
  cloud = await startTestCloud();
  s3 = cloud.client(S3Client);
});
afterAll(() => cloud[Symbol.asyncDispose]());

async function newBucket(): Promise<string> {
  const Bucket = `bucket-${++count}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}

const put = (Bucket: string, Key: string, Body: string | Uint8Array = "") =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body }));

const read = async (Bucket: string, Key: string) => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return Body?.transformToString();
};

describe("buckets", () => {
  test("are made, found, listed and deleted", async () => {
    const Bucket = await newBucket();
    expect((await s3.send(new HeadBucketCommand({ Bucket }))).BucketRegion).toBe("us-east-1");
    expect((await s3.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBeUndefined();
    const { Buckets } = await s3.send(new ListBucketsCommand({ Prefix: Bucket }));
    expect(Buckets?.map(({ Name }) => Name)).toEqual([Bucket]);
    await s3.send(new DeleteBucketCommand({ Bucket }));
    await expect(s3.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({ name: "NotFound" });
  });

  test("with objects are not deleted", async () => {
    const Bucket = await newBucket();
    await put(Bucket, "a");
    await expect(s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({
      name: "BucketNotEmpty",
    });
  });

  test.each(["ab", "Upper", "under_score", "192.168.0.1", "a..b", "-a-", "xn--abc"])(
    "are not called %s",
    async (Bucket) => {
      await expect(s3.send(new CreateBucketCommand({ Bucket }))).rejects.toMatchObject({
        name: "InvalidBucketName",
      });
    },
  );
});

describe("objects", () => {
  test("come back with their headers and metadata", async () => {
    const Bucket = await newBucket();
    const given = {
      ContentType: "text/plain",
      CacheControl: "max-age=1",
      ContentDisposition: "inline",
      ContentLanguage: "de",
      ContentEncoding: "identity",
      Metadata: { colour: "blue" },
    };
    const Key = "a/b c+é.txt";
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: "hello", ...given }));
    const answer = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(answer).toMatchObject({ ...given, ContentLength: 5, AcceptRanges: "bytes" });
    expect(answer.ETag).toBe(`"${createHash("md5").update("hello").digest("hex")}"`);
    expect(answer.ChecksumCRC32).toBe("NhCmhg==");
    expect(await answer.Body?.transformToString()).toBe("hello");
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key }))).toMatchObject({
      ...given,
      ContentLength: 5,
    });
  });

  test.each([0, 1, 65_536, 65_537, 3_000_000])("of %d bytes come back whole", async (size) => {
    const Bucket = await newBucket();
    const Body = Buffer.alloc(size, "0123456789");
    await put(Bucket, "body", Body);
    const answer = await s3.send(new GetObjectCommand({ Bucket, Key: "body" }));
    const bytes = Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
    expect(bytes.equals(Body)).toBe(true);
    await put(Bucket, "body", "short");
    expect(await read(Bucket, "body")).toBe("short");
  });

  test.each([
    ["bytes=1-3", "123", "bytes 1-3/70000"],
    ["bytes=69998-", "89", "bytes 69998-69999/70000"],
    ["bytes=-3", "789", "bytes 69997-69999/70000"],
    ["bytes=69999-99999", "9", "bytes 69999-69999/70000"],
  ])("are read in ranges: %s", async (Range, content, ContentRange) => {
    const Bucket = await newBucket();
    await put(Bucket, "digits", Buffer.alloc(70_000, "0123456789"));
    const answer = await s3.send(new GetObjectCommand({ Bucket, Key: "digits", Range }));
    expect(answer.ContentRange).toBe(ContentRange);
    expect(await answer.Body?.transformToString()).toBe(content);
  });

  test("have no range behind their end", async () => {
    const Bucket = await newBucket();
    await put(Bucket, "five", "12345");
    await expect(
      s3.send(new GetObjectCommand({ Bucket, Key: "five", Range: "bytes=5-" })),
    ).rejects.toMatchObject({ name: "InvalidRange", $metadata: { httpStatusCode: 416 } });
  });

  test("that are not there are named as missing", async () => {
    const Bucket = await newBucket();
    await expect(read(Bucket, "nope")).rejects.toMatchObject({ name: "NoSuchKey", Key: "nope" });
    await expect(read("no-such-bucket", "nope")).rejects.toMatchObject({ name: "NoSuchBucket" });
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: "nope" }))).rejects.toMatchObject({
      name: "NotFound",
    });
  });

  test("are copied, with their metadata or with other", async () => {
    const Bucket = await newBucket();
    await s3.send(new PutObjectCommand({ Bucket, Key: "a ü/1", Body: "x", Metadata: { a: "1" } }));
    const CopySource = `${Bucket}/${encodeURIComponent("a ü/1")}`;
    await s3.send(new CopyObjectCommand({ Bucket, Key: "b", CopySource }));
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: "b" }))).toMatchObject({
      Metadata: { a: "1" },
    });
    await s3.send(
      new CopyObjectCommand({
        Bucket,
        Key: "c",
        CopySource,
        MetadataDirective: "REPLACE",
        Metadata: { b: "2" },
      }),
    );
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: "c" }))).Metadata).toEqual({ b: "2" });
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "a ü/1" }));
    expect(await read(Bucket, "b")).toBe("x");
  });

  test("too large for a row are copied and outlive their source", async () => {
    const Bucket = await newBucket();
    const Body = Buffer.alloc(200_000, "abc");
    await put(Bucket, "a", Body);
    await s3.send(new CopyObjectCommand({ Bucket, Key: "b", CopySource: `${Bucket}/a` }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
    expect(await read(Bucket, "b")).toBe(Body.toString());
  });

  test("are deleted by the list, each answered for", async () => {
    const Bucket = await newBucket();
    await put(Bucket, "a");
    const { Deleted, Errors } = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "a" }, { Key: "never <was>" }] } }),
    );
    expect(Deleted?.map(({ Key }) => Key)).toEqual(["a", "never <was>"]);
    expect(Errors).toBeUndefined();
    await expect(read(Bucket, "a")).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  test.each([
    "../../etc/passwd",
    "..",
    "a//b",
    "/lead",
    "nul\u0000byte",
    "🙂/\u{10FFFF}",
    "%2e%2e%2f",
    "a?b#c",
    "~",
  ])("may be called %j", async (Key) => {
    const Bucket = await newBucket();
    await put(Bucket, Key, Key);
    await put(Bucket, `${Key}2`, Buffer.alloc(100_000));
    expect(await read(Bucket, Key)).toBe(Key);
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, EncodingType: "url" }));
    expect(Contents?.map((object) => decodeURIComponent(object.Key ?? ""))).toEqual([Key, `${Key}2`]);
  });
});

describe("listings", () => {
  test("roll up common prefixes and page through", async () => {
    const Bucket = await newBucket();
    const keys = ["a", "p/0/z", "p/1/y", "p/1/z", "p/2", "q/"];
    for (const key of keys) await put(Bucket, key);
    const rolled = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "p/", Delimiter: "/" }));
    expect(rolled.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(["p/0/", "p/1/"]);
    expect(rolled.Contents?.map(({ Key }) => Key)).toEqual(["p/2"]);
    expect(rolled.KeyCount).toBe(3);
    for (const Delimiter of [undefined, "/"]) {
      const seen: (string | undefined)[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await s3.send(
          new ListObjectsV2Command({ Bucket, Delimiter, MaxKeys: 1, ContinuationToken }),
        );
        seen.push(...(page.Contents ?? []).map(({ Key }) => Key));
        seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken);
      expect(seen).toEqual(Delimiter ? ["a", "p/", "q/"] : keys);
    }
    const first = await s3.send(new ListObjectsCommand({ Bucket, Delimiter: "/", MaxKeys: 2 }));
    expect(first).toMatchObject({ IsTruncated: true, NextMarker: "p/" });
    const second = await s3.send(
      new ListObjectsCommand({ Bucket, Delimiter: "/", Marker: first.NextMarker }),
    );
    expect(second.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(["q/"]);
    const after = await s3.send(new ListObjectsV2Command({ Bucket, StartAfter: "p/1/y" }));
    expect(after.Contents?.map(({ Key }) => Key)).toEqual(["p/1/z", "p/2", "q/"]);
  });

  test("sort by bytes, not by UTF-16", async () => {
    const Bucket = await newBucket();
    for (const key of ["\u{1F600}", "\uFF5E", "é", "z"]) await put(Bucket, key);
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents?.map(({ Key }) => Key)).toEqual(["z", "é", "\uFF5E", "\u{1F600}"]);
  });
});

describe("without permission", () => {
  test("an object is neither read nor written, and what is missing looks the same", async () => {
    const Bucket = await newBucket();
    await put(Bucket, "a", "1");
    const reader = cloud.client(
      S3Client,
      await cloud.roleWith([
        { Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::${Bucket}/*` },
      ]),
    );
    const answer = await reader.send(new GetObjectCommand({ Bucket, Key: "a" }));
    expect(await answer.Body?.transformToString()).toBe("1");
    const denied = { name: "AccessDenied", $metadata: { httpStatusCode: 403 } };
    await expect(
      reader.send(new PutObjectCommand({ Bucket, Key: "a", Body: Buffer.alloc(1 << 20) })),
    ).rejects.toMatchObject(denied);
    await expect(reader.send(new GetObjectCommand({ Bucket, Key: "b" }))).rejects.toMatchObject(denied);
    const { Errors } = await reader.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "a" }] } }),
    );
    expect(Errors).toMatchObject([{ Key: "a", Code: "AccessDenied" }]);
    await expect(
      reader.send(new CopyObjectCommand({ Bucket, Key: "b", CopySource: `${Bucket}/a` })),
    ).rejects.toMatchObject(denied);
    expect(await read(Bucket, "a")).toBe("1");
  });
});

test("everything is still there after a restart", async () => {
  await using own = await startTestCloud();
  const client = () => own.client(S3Client);
  await client().send(new CreateBucketCommand({ Bucket: "kept" }));
  const Body = Buffer.alloc(100_000, "k");
  await client().send(new PutObjectCommand({ Bucket: "kept", Key: "small", Body: "s" }));
  await client().send(new PutObjectCommand({ Bucket: "kept", Key: "large", Body }));
  await own.restart();
  for (const [Key, content] of [
    ["small", "s"],
    ["large", Body.toString()],
  ]) {
    const answer = await client().send(new GetObjectCommand({ Bucket: "kept", Key }));
    expect(await answer.Body?.transformToString()).toBe(content);
  }
});
