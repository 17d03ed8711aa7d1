/** CopyObject: the source is read and the target written with a permission each. */
import { createHash } from "node:crypto";
import type { Call, Operation } from "../service.ts";
import { sourceAccess, writeAccess } from "./access.ts";
import { type Checksum, checksumMembers, startChecksum, wantedAlgorithm } from "./checksums.ts";
import { checkCopySource } from "./conditional.ts";
import type { S3Context } from "./context.ts";
import { demandOpen, encryptionFor, encryptionHeaders, withoutEncryption } from "./encryption.ts";
import { invalidArgument, invalidRequest } from "./errors.ts";
import { objectArn, type S3Input, type S3Output, s3Operation } from "./input.ts";
import { listedTime } from "./list.ts";
import { parseCopySource } from "./location.ts";
import { objectHeaders } from "./object-headers.ts";
import type { ObjectRow } from "./object-row.ts";
import { type Content, piecesOf, type Tags } from "./object-store.ts";
import { readableVersion } from "./objects.ts";
import { document } from "./protocol.ts";
import { maxObjectSize } from "./receive.ts";
import { tagsOfHeader } from "./tags.ts";
import { checkWriteConditions, writeObject } from "./write.ts";

type Directive = "COPY" | "REPLACE";

export function copyOperations(s3: S3Context): Record<string, Operation> {
  return {
    CopyObject: s3Operation({
      access: (input) => [
        sourceAccess(s3, parseCopySource(input.headers["x-amz-copy-source"] ?? "")),
        ...writeAccess(input),
      ],
      run: (input, call) => copyObject(s3, input, call),
    }),
  };
}

function directive(headers: S3Input["headers"], name: string): Directive {
  const value = headers[name] ?? "COPY";
  if (value !== "COPY" && value !== "REPLACE") {
    throw invalidArgument(
      `Unknown ${name.includes("tagging") ? "tagging" : "metadata"} directive.`,
      name,
      value,
    );
  }
  return value;
}

async function copyObject(s3: S3Context, input: S3Input, call: Call): Promise<S3Output> {
  const { key, headers } = input;
  const bucket = s3.buckets.need(input.bucket);
  const source = parseCopySource(headers["x-amz-copy-source"] ?? "");
  const encrypted = await encryptionFor(s3, bucket, key, headers, call);
  await demandOpen(s3, source, JSON.parse(readableVersion(s3, call, source).row.headers), call);
  const { bucket: sourceBucket, row } = readableVersion(s3, call, source);
  checkCopySource(headers, row);
  if (row.size > maxObjectSize) {
    throw invalidRequest(
      "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120",
    );
  }
  const metadata = directive(headers, "x-amz-metadata-directive");
  const tagging = directive(headers, "x-amz-tagging-directive");
  if (changesNothing(input, source, metadata)) {
    throw invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const tags = copiedTags(s3, row, input, call, tagging, source);
  const kept = { ...withoutEncryption(copiedHeaders(row, headers, metadata)), ...encrypted };
  checkWriteConditions(s3, bucket, key, headers);
  const content = await duplicate(s3, row);
  let versionId: string | undefined;
  const modified = Date.now();
  try {
    const { etag, checksum } = await copiedDigests(s3, row, headers);
    versionId = await writeObject(
      s3,
      call,
      { bucket, key },
      { size: row.size, etag, modified, headers: kept, tags, checksum, content },
      { event: "Copy", conditions: headers },
    );
    const answer = encryptionHeaders(kept);
    if (versionId !== undefined) answer["x-amz-version-id"] = versionId;
    if (sourceBucket.versioning !== undefined) answer["x-amz-copy-source-version-id"] = row.version;
    return document(
      "CopyObjectResult",
      { ETag: `"${etag}"`, LastModified: listedTime(modified), ...checksumMembers(checksum) },
      answer,
    );
  } catch (error) {
    if (content.pieces !== undefined) s3.blobs.remove(content.pieces);
    throw error;
  }
}

function changesNothing(
  input: S3Input,
  source: ReturnType<typeof parseCopySource>,
  metadata: Directive,
): boolean {
  const { headers } = input;
  return (
    source.bucket === input.bucket &&
    source.key === input.key &&
    source.versionId === undefined &&
    metadata === "COPY" &&
    headers["x-amz-storage-class"] === undefined &&
    headers["x-amz-website-redirect-location"] === undefined &&
    headers["x-amz-server-side-encryption"] === undefined &&
    headers["x-amz-checksum-algorithm"] === undefined
  );
}

function copiedHeaders(
  row: ObjectRow,
  headers: S3Input["headers"],
  metadata: Directive,
): Record<string, string> {
  const given = objectHeaders(headers);
  if (metadata === "REPLACE") return given;
  const kept = JSON.parse(row.headers) as Record<string, string>;
  // Storage class and redirect are the copy's own, never the source's.
  for (const name of ["x-amz-storage-class", "x-amz-website-redirect-location"]) {
    delete kept[name];
    const value = given[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

/** Tags are copied with permissions of their own. */
function copiedTags(
  s3: S3Context,
  row: ObjectRow,
  input: S3Input,
  call: Call,
  tagging: Directive,
  source: ReturnType<typeof parseCopySource>,
): Tags | undefined {
  if (tagging === "REPLACE") return tagsOfHeader(input.headers["x-amz-tagging"]);
  if (row.tags === null) return undefined;
  call.authorize(
    {
      ...sourceAccess(s3, source),
      action: source.versionId === undefined ? "s3:GetObjectTagging" : "s3:GetObjectVersionTagging",
    },
    { action: "s3:PutObjectTagging", resource: objectArn(input.bucket, input.key) },
  );
  return JSON.parse(row.tags) as Tags;
}

async function duplicate(s3: S3Context, row: ObjectRow): Promise<Content> {
  if (row.data !== null) return { data: row.data };
  return { pieces: await s3.blobs.duplicate(piecesOf(row)) };
}

/**
 * The source's ETag and checksum where they hold for the copy. An object that came in parts becomes one whole, and a
 * request may ask for a checksum of another kind: then the bytes are read once.
 */
async function copiedDigests(
  s3: S3Context,
  row: ObjectRow,
  headers: S3Input["headers"],
): Promise<{ readonly etag: string; readonly checksum: Checksum | undefined }> {
  const kept = row.checksum === null ? undefined : (JSON.parse(row.checksum) as Checksum);
  const algorithm = wantedAlgorithm(headers["x-amz-checksum-algorithm"]) ?? kept?.algorithm;
  const fits = algorithm === undefined || (algorithm === kept?.algorithm && kept.type === "FULL_OBJECT");
  if (fits && !row.etag.includes("-")) return { etag: row.etag, checksum: kept };
  const md5 = createHash("md5");
  const running = algorithm === undefined ? undefined : startChecksum(algorithm);
  for await (const chunk of bytesOf(s3, row)) {
    md5.update(chunk);
    running?.update(chunk);
  }
  return {
    etag: md5.digest("hex"),
    checksum:
      algorithm === undefined || running === undefined
        ? undefined
        : { algorithm, type: "FULL_OBJECT", value: running.digest().toString("base64") },
  };
}

function bytesOf(s3: S3Context, row: ObjectRow): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (row.data !== null) return [row.data];
  return row.size === 0 ? [] : s3.blobs.read(piecesOf(row), 0, row.size - 1);
}
