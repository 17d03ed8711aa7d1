import { createHash } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  type ChecksumAlgorithm,
  type ChecksumType,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
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

const MiB = 1 << 20;
const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest();

async function begin(Bucket: string, Key: string, more = {}) {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
  const upload = { Bucket, Key, UploadId };
  return {
    ...upload,
    part: async (PartNumber: number, Body: string | Uint8Array) => {
      const answer = await s3.send(new UploadPartCommand({ ...upload, PartNumber, Body }));
      return { PartNumber, ETag: answer.ETag, ChecksumCRC32: answer.ChecksumCRC32 };
    },
    complete: (Parts: { PartNumber: number; ETag: string | undefined }[]) =>
      s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } })),
  };
}

describe("an upload in parts", () => {
  test("becomes an object whose ETag tells of its parts", async () => {
    const Bucket = await newBucket(s3);
    const bodies = [Buffer.alloc(5 * MiB, 1), Buffer.alloc(5 * MiB, 2), Buffer.from("tail")];
    const upload = await begin(Bucket, "k", { ContentType: "text/x", Metadata: { a: "b" }, Tagging: "t=1" });
    const parts = [];
    for (const [index, body] of bodies.entries()) parts.push(await upload.part(index + 1, body));
    const { ETag } = await upload.complete(parts);
    expect(ETag).toBe(`"${md5(Buffer.concat(bodies.map(md5))).toString("hex")}-3"`);
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "k" }));
    expect(head).toMatchObject({ ContentLength: 10 * MiB + 4, ContentType: "text/x", Metadata: { a: "b" } });
    const whole = await s3.send(new GetObjectCommand({ Bucket, Key: "k" }));
    const bytes = Buffer.from((await whole.Body?.transformToByteArray()) ?? []);
    expect(bytes.equals(Buffer.concat(bodies))).toBe(true);
    const across = await s3.send(
      new GetObjectCommand({ Bucket, Key: "k", Range: `bytes=${5 * MiB - 1}-${5 * MiB}` }),
    );
    expect([...((await across.Body?.transformToByteArray()) ?? [])]).toEqual([1, 2]);
    const last = await s3.send(new GetObjectCommand({ Bucket, Key: "k", PartNumber: 3 }));
    expect(last).toMatchObject({ PartsCount: 3, ContentLength: 4 });
    expect(await last.Body?.transformToString()).toBe("tail");
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: "k", PartNumber: 4 }))).rejects.toMatchObject({
      name: "InvalidPartNumber",
    });
  });

  test("is listed while it lasts, and gone when aborted", async () => {
    const Bucket = await newBucket(s3);
    const uploads = [await begin(Bucket, "a"), await begin(Bucket, "a"), await begin(Bucket, "b/c")];
    await uploads[0]?.part(2, "two");
    await uploads[0]?.part(1, "one");
    await uploads[0]?.part(2, "second");
    const parts = await s3.send(
      new ListPartsCommand({ Bucket, Key: "a", UploadId: uploads[0]?.UploadId, MaxParts: 1 }),
    );
    expect(parts.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([1]);
    expect(parts).toMatchObject({ IsTruncated: true, NextPartNumberMarker: "1" });
    const rest = await s3.send(
      new ListPartsCommand({ Bucket, Key: "a", UploadId: uploads[0]?.UploadId, PartNumberMarker: "1" }),
    );
    expect(rest.Parts?.map(({ Size }) => Size)).toEqual([6]);
    const seen: (string | undefined)[] = [];
    let marker: { KeyMarker?: string; UploadIdMarker?: string } = {};
    for (;;) {
      const page = await s3.send(new ListMultipartUploadsCommand({ Bucket, MaxUploads: 1, ...marker }));
      seen.push(...(page.Uploads ?? []).map(({ UploadId }) => UploadId));
      if (!page.IsTruncated) break;
      marker = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    }
    expect(seen.length).toBe(3);
    expect(new Set(seen)).toEqual(new Set(uploads.map(({ UploadId }) => UploadId)));
    const rolled = await s3.send(new ListMultipartUploadsCommand({ Bucket, Delimiter: "/" }));
    expect(rolled.CommonPrefixes).toEqual([{ Prefix: "b/" }]);
    const { UploadId } = uploads[0] ?? {};
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: "a", UploadId }));
    await expect(s3.send(new ListPartsCommand({ Bucket, Key: "a", UploadId }))).rejects.toMatchObject({
      name: "NoSuchUpload",
    });
  });

  test("takes copies of objects as parts", async () => {
    const Bucket = await newBucket(s3);
    await put(s3, Bucket, "small", "0123456789");
    await put(s3, Bucket, "large", Buffer.alloc(6 * MiB, "x"));
    const upload = await begin(Bucket, "joined");
    const copy = async (PartNumber: number, Key: string, CopySourceRange?: string) => {
      const { CopyPartResult } = await s3.send(
        new UploadPartCopyCommand({
          Bucket,
          Key: "joined",
          UploadId: upload.UploadId,
          PartNumber,
          CopySource: `${Bucket}/${Key}`,
          CopySourceRange,
        }),
      );
      return { PartNumber, ETag: CopyPartResult?.ETag };
    };
    const parts = [await copy(1, "large"), await copy(2, "small", "bytes=2-4")];
    await upload.complete(parts);
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "joined" }));
    expect(head.ContentLength).toBe(6 * MiB + 3);
    expect((await read(s3, Bucket, "joined")).slice(-4)).toBe("x234");
    await expect(copy(3, "small", "bytes=5-10")).rejects.toMatchObject({ name: "NoSuchUpload" });
  });

  test("is refused when its parts are wrong", async () => {
    const Bucket = await newBucket(s3);
    const upload = await begin(Bucket, "k");
    const one = await upload.part(1, "too small");
    const two = await upload.part(2, "the last may be small");
    await expect(upload.complete([one, two])).rejects.toMatchObject({ name: "EntityTooSmall" });
    await expect(upload.complete([two, one])).rejects.toMatchObject({ name: "InvalidPartOrder" });
    await expect(upload.complete([{ ...one, ETag: two.ETag }])).rejects.toMatchObject({
      name: "InvalidPart",
    });
    await expect(upload.complete([])).rejects.toMatchObject({ name: "MalformedXML" });
    await expect(upload.part(10_001, "")).rejects.toMatchObject({ name: "InvalidArgument" });
    const first = await upload.complete([one]);
    const { $metadata: _, ...again } = await upload.complete([one]);
    expect(first).toMatchObject(again);
    expect(await read(s3, Bucket, "k")).toBe("too small");
  });

  test.each([
    ["CRC32", "FULL_OBJECT"],
    ["CRC32", "COMPOSITE"],
    ["CRC32C", "FULL_OBJECT"],
    ["CRC64NVME", "FULL_OBJECT"],
    ["SHA256", "COMPOSITE"],
    ["SHA1", "COMPOSITE"],
  ] as [ChecksumAlgorithm, ChecksumType][])(
    "carries a checksum: %s %s",
    async (ChecksumAlgorithm, ChecksumType) => {
      const Bucket = await newBucket(s3);
      const upload = { Bucket, Key: "k" };
      const { UploadId } = await s3.send(
        new CreateMultipartUploadCommand({ ...upload, ChecksumAlgorithm, ChecksumType }),
      );
      const bodies = [Buffer.alloc(5 * MiB, "q"), Buffer.from("end")];
      const Parts = [];
      for (const [index, Body] of bodies.entries()) {
        const PartNumber = index + 1;
        // The client of the SDK has no CRC-64 of its own; the cloud then computes it.
        const algorithm = ChecksumAlgorithm === "CRC64NVME" ? {} : { ChecksumAlgorithm };
        const client = ChecksumAlgorithm === "CRC64NVME" ? withoutChecksums() : s3;
        const answer = await client.send(
          new UploadPartCommand({ ...upload, UploadId, PartNumber, Body, ...algorithm }),
        );
        Parts.push({
          PartNumber,
          ETag: answer.ETag,
          [`Checksum${ChecksumAlgorithm}`]: answer[`Checksum${ChecksumAlgorithm}` as "ChecksumCRC32"],
        });
      }
      const done = await s3.send(
        new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts } }),
      );
      expect(done.ChecksumType).toBe(ChecksumType);
      const value = done[`Checksum${ChecksumAlgorithm}` as "ChecksumCRC32"];
      expect(value?.endsWith("-2")).toBe(ChecksumType === "COMPOSITE");
      if (ChecksumType === "COMPOSITE") return;
      // The same bytes in one PUT have the same checksum.
      const answer = await s3.send(new GetObjectCommand({ ...upload, ChecksumMode: "ENABLED" }));
      await answer.Body?.transformToByteArray();
      expect(answer[`Checksum${ChecksumAlgorithm}` as "ChecksumCRC32"]).toBe(value);
    },
  );

  function withoutChecksums() {
    const { endpoint, region, credentials } = cloud.cloud;
    return new S3Client({ endpoint, region, credentials, requestChecksumCalculation: "WHEN_REQUIRED" });
  }

  test("comes through lib-storage from a stream", async () => {
    const Bucket = await newBucket(s3);
    const Body = Buffer.alloc(11 * MiB, "stream");
    await new Upload({ client: s3, params: { Bucket, Key: "k", Body } }).done();
    const answer = await s3.send(new GetObjectCommand({ Bucket, Key: "k" }));
    expect(Buffer.from((await answer.Body?.transformToByteArray()) ?? []).equals(Body)).toBe(true);
  });

  test("survives a restart", async () => {
    await using own = await startTestCloud();
    const client = () => own.client(S3Client);
    const Bucket = await newBucket(client());
    const upload = { Bucket, Key: "k" };
    const { UploadId } = await client().send(new CreateMultipartUploadCommand(upload));
    const part = { ...upload, UploadId, PartNumber: 1 };
    const { ETag } = await client().send(new UploadPartCommand({ ...part, Body: "kept" }));
    await own.restart();
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await client().send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload }));
    await own.restart();
    expect(await read(client(), Bucket, "k")).toBe("kept");
  });
});
