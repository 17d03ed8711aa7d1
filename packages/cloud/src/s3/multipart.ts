/** Multipart uploads, from their creation to the object, or to nothing. */
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import type { AccessRequest, Call, Operation } from "../service.ts";
import { sourceAccess, writeAccess } from "./access.ts";
import type { Piece } from "./blobs.ts";
import type { Bucket } from "./bucket-store.ts";
import { checksumMembers, type Declared, declaredChecksums, wantedAlgorithm } from "./checksums.ts";
import { readCompletion } from "./completion.ts";
import { checkCopySource } from "./conditional.ts";
import type { S3Context } from "./context.ts";
import { demandOpen, encryptionFor, encryptionHeaders } from "./encryption.ts";
import { invalidArgument, invalidRequest } from "./errors.ts";
import { objectArn, readDocument, type S3Input, type S3Output, s3Operation } from "./input.ts";
import { listedTime } from "./list.ts";
import { parseCopySource } from "./location.ts";
import { objectHeaders } from "./object-headers.ts";
import { piecesOf, type Tags } from "./object-store.ts";
import { readableVersion } from "./objects.ts";
import { principalId } from "./owner.ts";
import {
  checkDeclared,
  checksumType,
  declaredForPart,
  objectChecksum,
  partChecksumHeaders,
  partChecksumMembers,
} from "./part-checksums.ts";
import { document, noContent } from "./protocol.ts";
import { type Received, receive } from "./receive.ts";
import { tagsOfHeader } from "./tags.ts";
import type { Part, Upload } from "./upload-store.ts";
import { checkWriteConditions, writeObject } from "./write.ts";

export const maxPartNumber = 10_000;

export function multipartOperations(s3: S3Context): Record<string, Operation> {
  const { buckets, uploads, blobs } = s3;

  const uploadOf = (input: S3Input): { bucket: Bucket; upload: Upload } => {
    const bucket = buckets.need(input.bucket);
    return { bucket, upload: uploads.need(bucket, input.key, input.query.get("uploadId") ?? "") };
  };

  async function create(input: S3Input, call: Call): Promise<S3Output> {
    const { key, headers } = input;
    const encrypted = await encryptionFor(s3, buckets.need(input.bucket), key, headers, call);
    const bucket = buckets.need(input.bucket);
    const kept = { ...objectHeaders(headers), ...encrypted };
    const tags = tagsOfHeader(headers["x-amz-tagging"]);
    const algorithm = wantedAlgorithm(headers["x-amz-checksum-algorithm"]);
    const type = checksumType(headers["x-amz-checksum-type"], algorithm);
    const id = randomBytes(48).toString("base64url");
    uploads.begin({
      id,
      bucket: bucket.id,
      key,
      initiated: call.time,
      initiator: principalId(call.principal),
      headers: JSON.stringify(kept),
      tags: tags === undefined ? null : JSON.stringify(tags),
      algorithm: algorithm ?? null,
      checksum_type: type ?? null,
    });
    const answer = encryptionHeaders(kept);
    if (algorithm !== undefined) answer["x-amz-checksum-algorithm"] = algorithm;
    if (type !== undefined) answer["x-amz-checksum-type"] = type;
    return document("InitiateMultipartUploadResult", { Bucket: bucket.name, Key: key, UploadId: id }, answer);
  }

  /** Keeps a part, unless the upload went while it came in. */
  function keepPart(input: S3Input, number: number, received: Received): Part {
    const [piece] = received.content.pieces ?? [];
    if (piece === undefined) throw new Error("A part is always received to a file.");
    try {
      const { upload } = uploadOf(input);
      const part: Part = {
        number,
        blob: piece.blob,
        size: received.size,
        etag: received.md5,
        modified: Date.now(),
        algorithm: received.checksum?.algorithm ?? null,
        checksum: received.checksum?.value ?? null,
      };
      uploads.putPart(upload, part);
      return part;
    } catch (error) {
      blobs.remove([piece]);
      throw error;
    }
  }

  async function uploadPart(input: S3Input, call: Call): Promise<S3Output> {
    const { upload } = uploadOf(input);
    const kept = JSON.parse(upload.headers) as Record<string, string>;
    await demandOpen(s3, input, kept, call);
    const number = partNumberOf(input);
    const declared = declaredForPart(declaredChecksums(input.headers), upload);
    const received = await receive(input.body, declared, blobs, { inline: false });
    keepPart(input, number, received);
    return {
      status: 200,
      headers: {
        etag: `"${received.md5}"`,
        ...encryptionHeaders(kept),
        ...partChecksumHeaders(received.checksum),
      },
    };
  }

  async function uploadPartCopy(input: S3Input, call: Call): Promise<S3Output> {
    const { headers } = input;
    const { upload } = uploadOf(input);
    const number = partNumberOf(input);
    const source = parseCopySource(headers["x-amz-copy-source"] ?? "");
    await demandOpen(s3, source, JSON.parse(readableVersion(s3, call, source).row.headers), call);
    const { bucket: sourceBucket, row } = readableVersion(s3, call, source);
    checkCopySource(headers, row);
    const { start, end } = copyRange(headers["x-amz-copy-source-range"], row.size);
    const stream =
      row.data !== null
        ? Readable.from([Buffer.from(row.data.subarray(start, end + 1))], { objectMode: false })
        : blobs.read(piecesOf(row), start, end);
    const length = end - start + 1;
    const body = { length, stream: () => stream, bytes: async () => Buffer.alloc(0), trailers: () => ({}) };
    const declared: Declared = upload.algorithm === null ? {} : { algorithm: upload.algorithm };
    const received = await receive(body, declared, blobs, { inline: false });
    const part = keepPart(input, number, received);
    return document(
      "CopyPartResult",
      {
        ETag: `"${part.etag}"`,
        LastModified: listedTime(part.modified),
        ...partChecksumMembers(received.checksum),
      },
      {
        ...encryptionHeaders(JSON.parse(upload.headers)),
        ...(sourceBucket.versioning === undefined
          ? undefined
          : { "x-amz-copy-source-version-id": row.version }),
      },
    );
  }

  async function complete(input: S3Input, call: Call): Promise<S3Output> {
    const { key, headers } = input;
    const text = await readDocument({ body: input.body, headers: {} });
    const before = uploads.answerOf(buckets.need(input.bucket), key, input.query.get("uploadId") ?? "");
    if (before !== undefined) return JSON.parse(before) as S3Output;
    const { bucket, upload } = uploadOf(input);
    checkWriteConditions(s3, bucket, key, headers);
    const parts = readCompletion(text, uploads.parts(upload));
    const size = parts.reduce((sum, part) => sum + part.size, 0);
    const expected = headers["x-amz-mp-object-size"];
    if (expected !== undefined && Number(expected) !== size) {
      throw invalidRequest(
        `The provided 'x-amz-mp-object-size' header value ${expected} does not match what was computed: ${size}`,
      );
    }
    const etag = multipartEtag(parts);
    const checksum = objectChecksum(upload, parts);
    checkDeclared(declaredChecksums(headers), checksum);
    const pieces: Piece[] = parts.map((part) => ({ blob: part.blob, size: part.size }));
    const answer = (versionId: string | undefined) =>
      document(
        "CompleteMultipartUploadResult",
        {
          Location: `${call.endpoint}/${bucket.name}/${encodeURIComponent(key)}`,
          Bucket: bucket.name,
          Key: key,
          ETag: `"${etag}"`,
          ...checksumMembers(checksum),
        },
        {
          ...encryptionHeaders(JSON.parse(upload.headers)),
          ...(versionId === undefined ? undefined : { "x-amz-version-id": versionId }),
        },
      );
    const versionId = await writeObject(
      s3,
      call,
      { bucket, key },
      {
        size,
        etag,
        modified: Date.now(),
        headers: JSON.parse(upload.headers) as Record<string, string>,
        tags: upload.tags === null ? undefined : (JSON.parse(upload.tags) as Tags),
        checksum,
        content: { pieces },
      },
      {
        event: "CompleteMultipartUpload",
        conditions: headers,
        also(versionId) {
          uploads.finish(upload, new Set(pieces.map(({ blob }) => blob)));
          uploads.keepAnswer(upload, JSON.stringify(answer(versionId)), call.time);
        },
      },
    );
    return answer(versionId);
  }

  return {
    CreateMultipartUpload: s3Operation({ access: writeAccess, run: create }),
    UploadPart: s3Operation({ access: partAccess, run: uploadPart }),
    UploadPartCopy: s3Operation({
      access: (input) => [
        sourceAccess(s3, parseCopySource(input.headers["x-amz-copy-source"] ?? "")),
        ...partAccess(input),
      ],
      run: uploadPartCopy,
    }),
    CompleteMultipartUpload: s3Operation({ access: partAccess, run: complete }),
    AbortMultipartUpload: s3Operation({
      access: ({ bucket, key }) => [{ action: "s3:AbortMultipartUpload", resource: objectArn(bucket, key) }],
      run(input) {
        uploads.finish(uploadOf(input).upload, new Set());
        return noContent;
      },
    }),
  };
}

/** Tags and ACLs came with the creation of the upload; its parts take the one permission. */
function partAccess({ bucket, key, headers }: S3Input): AccessRequest[] {
  const { "if-match": ifMatch, "if-none-match": ifNoneMatch } = headers;
  const conditions: Record<string, string> = {};
  if (ifMatch !== undefined) conditions["if-match"] = ifMatch;
  if (ifNoneMatch !== undefined) conditions["if-none-match"] = ifNoneMatch;
  return writeAccess({ bucket, key, headers: conditions });
}

function partNumberOf({ query }: S3Input): number {
  const text = query.get("partNumber") ?? "";
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > maxPartNumber) {
    throw invalidArgument(
      `Part number must be an integer between 1 and ${maxPartNumber}, inclusive`,
      "partNumber",
      text,
    );
  }
  return number;
}

function copyRange(header: string | undefined, size: number): { start: number; end: number } {
  if (header === undefined) return { start: 0, end: size - 1 };
  const match = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(header);
  const [start, end] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || start > end) {
    throw invalidArgument(
      "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
      "x-amz-copy-source-range",
      header,
    );
  }
  if (end >= size) {
    throw invalidArgument(
      `Range specified is not valid for source object of size: ${size}`,
      "x-amz-copy-source-range",
      header,
    );
  }
  return { start, end };
}

function multipartEtag(parts: readonly Part[]): string {
  const digests = Buffer.concat(parts.map((part) => Buffer.from(part.etag, "hex")));
  return `${createHash("md5").update(digests).digest("hex")}-${parts.length}`;
}
