import {
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectTaggingCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestCloud, type TestCloud } from "../testing.ts";
import { newBucket, newVersionedBucket, put, read, setVersioning } from "./testing.ts";

let cloud: TestCloud;
let s3: S3Client;
beforeAll(async () => {
  cloud = await startTestCloud();
  s3 = cloud.client(S3Client);
});
afterAll(() => cloud[Symbol.asyncDispose]());

const versions = async (Bucket: string) => {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  return { versions: Versions, markers: DeleteMarkers };
};

describe("a versioned bucket", () => {
  test("keeps every version, the newest first", async () => {
    const Bucket = await newVersionedBucket(s3);
    const first = await put(s3, Bucket, "k", "1");
    const second = await put(s3, Bucket, "k", "2");
    expect(await read(s3, Bucket, "k")).toBe("2");
    expect(await read(s3, Bucket, "k", first.VersionId)).toBe("1");
    expect((await versions(Bucket)).versions.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual(
      [
        [second.VersionId, true],
        [first.VersionId, false],
      ],
    );
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe("Enabled");
  });

  test("marks what is deleted, and brings it back when the marker goes", async () => {
    const Bucket = await newVersionedBucket(s3);
    const { VersionId } = await put(s3, Bucket, "k", "1");
    const marker = await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
    expect(marker.DeleteMarker).toBe(true);
    await expect(read(s3, Bucket, "k")).rejects.toMatchObject({ name: "NoSuchKey" });
    expect((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
    await expect(
      s3.send(new GetObjectCommand({ Bucket, Key: "k", VersionId: marker.VersionId })),
    ).rejects.toMatchObject({ name: "MethodNotAllowed" });
    expect((await versions(Bucket)).markers).toMatchObject([{ Key: "k", IsLatest: true }]);
    await expect(s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({
      name: "BucketNotEmpty",
    });
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId: marker.VersionId }));
    expect(await read(s3, Bucket, "k")).toBe("1");
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId }));
    await s3.send(new DeleteBucketCommand({ Bucket }));
  });

  test("deletes many versions at once", async () => {
    const Bucket = await newVersionedBucket(s3);
    const { VersionId } = await put(s3, Bucket, "a", "1");
    const { Deleted } = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "a", VersionId }, { Key: "b" }] } }),
    );
    expect(Deleted).toMatchObject([
      { Key: "a", VersionId },
      { Key: "b", DeleteMarker: true, DeleteMarkerVersionId: expect.any(String) },
    ]);
  });

  test("once suspended, replaces its null version only", async () => {
    const Bucket = await newBucket(s3);
    await put(s3, Bucket, "k", "null");
    await setVersioning(s3, Bucket, "Enabled");
    const kept = await put(s3, Bucket, "k", "kept");
    await setVersioning(s3, Bucket, "Suspended");
    expect((await put(s3, Bucket, "k", "new null")).VersionId).toBe("null");
    expect(await read(s3, Bucket, "k")).toBe("new null");
    expect((await versions(Bucket)).versions.map(({ VersionId }) => VersionId)).toEqual([
      "null",
      kept.VersionId,
    ]);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
    const after = await versions(Bucket);
    expect(after.versions.map(({ VersionId }) => VersionId)).toEqual([kept.VersionId]);
    expect(after.markers).toMatchObject([{ VersionId: "null", IsLatest: true }]);
  });

  test("lists versions in pages, without a gap or a repetition", async () => {
    const Bucket = await newVersionedBucket(s3);
    for (const key of ["a", "a", "b", "b", "b", "c/d"]) await put(s3, Bucket, key);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "b" }));
    for (const MaxKeys of [1, 2, 3]) {
      const seen: string[] = [];
      let markers: { KeyMarker?: string; VersionIdMarker?: string } = {};
      for (;;) {
        const page = await s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys, ...markers }));
        for (const { Key, VersionId } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
          seen.push(`${Key} ${VersionId}`);
        }
        if (!page.IsTruncated) break;
        markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
      }
      expect(seen.length).toBe(7);
      expect(new Set(seen).size).toBe(7);
    }
  });

  test("refuses version ids that are none, and misses those that are gone", async () => {
    const Bucket = await newVersionedBucket(s3);
    const { VersionId } = await put(s3, Bucket, "k");
    await expect(read(s3, Bucket, "k", "nonsense")).rejects.toMatchObject({ name: "InvalidArgument" });
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId }));
    await expect(read(s3, Bucket, "k", VersionId)).rejects.toMatchObject({ name: "NoSuchVersion" });
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId }));
  });
});

describe("tags", () => {
  test("of an object leave its body alone, and belong to a version", async () => {
    const Bucket = await newVersionedBucket(s3);
    const first = await put(s3, Bucket, "k", "body", { Tagging: "a=1&b=%C3%BC" });
    await put(s3, Bucket, "k", "body2");
    await s3.send(
      new PutObjectTaggingCommand({ Bucket, Key: "k", Tagging: { TagSet: [{ Key: "c", Value: "3" }] } }),
    );
    expect(await read(s3, Bucket, "k")).toBe("body2");
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: "k" }))).TagCount).toBe(1);
    const old = await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "k", VersionId: first.VersionId }));
    expect(old.TagSet).toEqual([
      { Key: "a", Value: "1" },
      { Key: "b", Value: "ü" },
    ]);
  });

  test.each([
    ["too many", Array.from({ length: 11 }, (_, n) => ({ Key: `k${n}`, Value: "" })), "BadRequest"],
    [
      "repeated",
      [
        { Key: "a", Value: "1" },
        { Key: "a", Value: "2" },
      ],
      "InvalidTag",
    ],
    ["reserved", [{ Key: "aws:a", Value: "1" }], "InvalidTag"],
    ["too long", [{ Key: "a".repeat(129), Value: "1" }], "InvalidTag"],
  ])("that are %s are refused", async (_what, TagSet, name) => {
    const Bucket = await newBucket(s3);
    await put(s3, Bucket, "k");
    await expect(
      s3.send(new PutObjectTaggingCommand({ Bucket, Key: "k", Tagging: { TagSet } })),
    ).rejects.toMatchObject({ name });
  });
});
