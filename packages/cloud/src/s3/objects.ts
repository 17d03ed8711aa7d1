/** PutObject, GetObject, HeadObject. */
import type { Call, Operation } from "../service.ts";
import { objectAccess, writeAccess } from "./access.ts";
import type { Bucket } from "./bucket-store.ts";
import { type Checksum, checksumHeaders, declaredChecksums } from "./checksums.ts";
import { checkRead } from "./conditional.ts";
import type { S3Context } from "./context.ts";
import { demandOpen, encryptionFor, encryptionHeaders } from "./encryption.ts";
import { accessDenied, invalidArgument, methodNotAllowed, noSuchKey, noSuchVersion } from "./errors.ts";
import { bucketArn, type S3Input, type S3Output, s3Operation } from "./input.ts";
import { objectHeaders, overriddenHeaders } from "./object-headers.ts";
import type { ObjectRow } from "./object-row.ts";
import { piecesOf } from "./object-store.ts";
import { wantedBytes } from "./range.ts";
import { discard, receive } from "./receive.ts";
import { tagsOfHeader } from "./tags.ts";
import { checkWriteConditions, writeObject } from "./write.ts";

export function objectOperations(s3: S3Context): Record<string, Operation> {
  const readAccess = (input: S3Input) =>
    objectAccess(s3, input, { current: "s3:GetObject", version: "s3:GetObjectVersion" });
  return {
    PutObject: s3Operation({ access: writeAccess, run: (input, call) => putObject(s3, input, call, "Put") }),
    GetObject: s3Operation({ access: readAccess, run: (input, call) => getObject(s3, input, call) }),
    HeadObject: s3Operation({
      access: readAccess,
      run(input, call) {
        const { status, headers } = describe(s3, input, call);
        return { status, headers };
      },
    }),
  };
}

export async function putObject(
  s3: S3Context,
  input: S3Input,
  call: Call,
  event: "Put" | "Post",
): Promise<S3Output> {
  const { key, headers } = input;
  const bucket = s3.buckets.need(input.bucket);
  const kept = objectHeaders(headers);
  const tags = tagsOfHeader(headers["x-amz-tagging"]);
  const declared = declaredChecksums(headers);
  checkWriteConditions(s3, bucket, key, headers);
  const encrypted = encryptionFor(s3, bucket, key, headers, call);
  if (encrypted) Object.assign(kept, await encrypted);
  const received = await receive(input.body, declared, s3.blobs, { inline: true });
  let versionId: string | undefined;
  try {
    versionId = await writeObject(
      s3,
      call,
      { bucket, key },
      {
        size: received.size,
        etag: received.md5,
        modified: Date.now(),
        headers: kept,
        tags,
        checksum: received.checksum,
        content: received.content,
      },
      { event, conditions: headers },
    );
  } catch (error) {
    discard(received, s3.blobs);
    throw error;
  }
  const answer: Record<string, string> = {
    etag: `"${received.md5}"`,
    ...encryptionHeaders(kept),
    ...checksumHeaders(received.checksum),
  };
  if (versionId !== undefined) answer["x-amz-version-id"] = versionId;
  return { status: 200, headers: answer };
}

/** The version a request names, or the current one; fails as S3 does where it cannot be read. */
export function readableVersion(
  s3: S3Context,
  call: Call,
  source: { readonly bucket: string; readonly key: string; readonly versionId?: string | null },
): { readonly bucket: Bucket; readonly row: ObjectRow } {
  const { key, versionId = null } = source;
  const bucket = s3.buckets.need(source.bucket);
  if (versionId !== null) checkVersionId(versionId);
  const row =
    versionId === null ? s3.objects.current(bucket, key) : s3.objects.version(bucket, key, versionId);
  if (row === undefined) {
    // Who may not list must not learn what is there.
    if (!call.allows({ action: "s3:ListBucket", resource: bucketArn(bucket.name) })) throw accessDenied();
    throw versionId === null ? noSuchKey(key) : noSuchVersion(key, versionId);
  }
  if (row.marker === 1) throw markerError(row, key, versionId);
  return { bucket, row };
}

export function checkVersionId(versionId: string): void {
  if (versionId === "") {
    throw invalidArgument("Version id cannot be the empty string", "versionId", versionId);
  }
  if (versionId !== "null" && !/^[\w.-]{32}$/.test(versionId)) {
    throw invalidArgument("Invalid version id specified", "versionId", versionId);
  }
}

function markerError(row: ObjectRow, key: string, versionId: string | null): Error {
  const $headers = { "x-amz-delete-marker": "true", "x-amz-version-id": row.version };
  if (versionId === null) return Object.assign(noSuchKey(key), { fields: { Key: key, $headers } });
  return Object.assign(methodNotAllowed("GET", "DeleteMarker"), {
    fields: { Method: "GET", ResourceType: "DeleteMarker", $headers: { ...$headers, allow: "DELETE" } },
  });
}

function getObject(s3: S3Context, input: S3Input, call: Call): S3Output | Promise<S3Output> {
  const description = describe(s3, input, call);
  if (description.status === 304) return { status: 304, headers: description.headers };
  const asked = demandOpen(s3, input, fixedHeaders(description.row).stored, call);
  return asked ? asked.then(() => content(s3, description)) : content(s3, description);
}

function content(s3: S3Context, { status, headers, row, start, end }: Description): S3Output {
  if (end < start) return { status, headers, body: new Uint8Array(0) };
  if (row.data !== null) {
    const whole = start === 0 && end === row.size - 1;
    return { status, headers, body: whole ? row.data : row.data.subarray(start, end + 1) };
  }
  return { status, headers, body: s3.blobs.read(piecesOf(row), start, end) };
}

interface Description extends S3Output {
  readonly headers: Record<string, string>;
  readonly row: ObjectRow;
  readonly start: number;
  /** Inclusive; before `start` where there is nothing. */
  readonly end: number;
}

interface FixedHeaders {
  /** Also answered where nothing was modified. */
  readonly always: Readonly<Record<string, string>>;
  readonly stored: Readonly<Record<string, string>>;
}

const fixedHeadersOf = new WeakMap<ObjectRow, FixedHeaders>();

/** The headers that no request changes. */
function fixedHeaders(row: ObjectRow): FixedHeaders {
  let fixed = fixedHeadersOf.get(row);
  if (!fixed) {
    const stored = JSON.parse(row.headers) as Record<string, string>;
    const always = {
      "accept-ranges": "bytes",
      "last-modified": new Date(row.modified).toUTCString(),
      etag: `"${row.etag}"`,
      ...encryptionHeaders(stored),
    };
    fixed = { always, stored };
    fixedHeadersOf.set(row, fixed);
  }
  return fixed;
}

/** All that GET and HEAD say but the bytes. */
function describe(s3: S3Context, input: S3Input, call: Call): Description {
  const { query, headers } = input;
  const versionId = query.size === 0 ? null : query.get("versionId");
  const { bucket, row } = readableVersion(s3, call, { bucket: input.bucket, key: input.key, versionId });
  const fixed = fixedHeaders(row);
  const answer: Record<string, string> = { ...fixed.always };
  if (bucket.versioning !== undefined) answer["x-amz-version-id"] = row.version;
  if (checkRead(headers, row) === "not-modified") {
    return { status: 304, headers: answer, row, start: 0, end: -1 };
  }
  Object.assign(answer, fixed.stored);
  if (query.size > 0) Object.assign(answer, overriddenHeaders(query));
  if (row.tags !== null) answer["x-amz-tagging-count"] = String(Object.keys(JSON.parse(row.tags)).length);
  const wanted = wantedBytes(row, headers.range, query.size === 0 ? null : query.get("partNumber"));
  answer["content-length"] = String(wanted.end - wanted.start + 1);
  if (wanted.partial) answer["content-range"] = `bytes ${wanted.start}-${wanted.end}/${row.size}`;
  if (wanted.parts !== undefined) answer["x-amz-mp-parts-count"] = String(wanted.parts);
  const whole = wanted.start === 0 && wanted.end === row.size - 1;
  if (whole && row.checksum !== null && headers["x-amz-checksum-mode"]?.toUpperCase() === "ENABLED") {
    Object.assign(answer, checksumHeaders(JSON.parse(row.checksum) as Checksum));
  }
  return { status: wanted.partial ? 206 : 200, headers: answer, row, start: wanted.start, end: wanted.end };
}
