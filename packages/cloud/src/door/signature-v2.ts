/**
 * Signature Version 2 in the query: what boto3 makes of `generate_presigned_url` for S3 unless told otherwise.
 * Nothing else is still signed this way.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { AwsError } from "../error.ts";
import type { SignedRequest } from "./signature.ts";

export interface LegacyClaim {
  readonly accessKeyId: string;
  readonly sessionToken: string | undefined;
  readonly signature: string;
  /** Seconds since the epoch, as sent. */
  readonly expires: string;
}

export function readLegacyClaim(query: URLSearchParams): LegacyClaim | undefined {
  const accessKeyId = query.get("AWSAccessKeyId");
  const signature = query.get("Signature");
  const expires = query.get("Expires");
  if (!accessKeyId || !signature || !expires) return undefined;
  return { accessKeyId, signature, expires, sessionToken: query.get("x-amz-security-token") ?? undefined };
}

/** The query parameters that say what is asked for, and therefore are signed. */
const signedParameters = new Set(
  `accelerate acl analytics cors defaultObjectAcl delete inventory lifecycle location logging metrics notification
  object-lock partNumber policy replication requestPayment response-cache-control response-content-disposition
  response-content-encoding response-content-language response-content-type response-expires restore select
  select-type storageClass tagging torrent uploadId uploads versionId versioning versions website`.split(
    /\s+/,
  ),
);

function canonicalResource(path: string, query: URLSearchParams): string {
  const signed = [...query]
    .filter(([name]) => signedParameters.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const parameters = signed.map(([name, value]) => (value === "" ? name : `${name}=${value}`));
  return parameters.length > 0 ? `${path}?${parameters.join("&")}` : path;
}

/** Checks such a signature. `path` begins with the bucket, also where the host names it. */
export function checkLegacySignature(
  claim: LegacyClaim,
  secret: string,
  { method, path, query, headers }: SignedRequest,
  now: number,
): void {
  if (!(Number(claim.expires) * 1000 >= now)) throw new AwsError("AccessDenied", "Request has expired", 403);
  // Parameters of these names stand for headers.
  const fields = new Map(Object.entries(headers).filter(([name]) => name.startsWith("x-amz-")));
  for (const [name, value] of query) if (name.startsWith("x-amz-")) fields.set(name, value);
  const amz = [...fields]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value.trim()}\n`);
  const text = [
    method,
    query.get("content-md5") ?? headers["content-md5"] ?? "",
    query.get("content-type") ?? headers["content-type"] ?? "",
    claim.expires,
    `${amz.join("")}${canonicalResource(path, query)}`,
  ].join("\n");
  const expected = createHmac("sha1", secret).update(text).digest();
  const given = Buffer.from(claim.signature, "base64");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new AwsError(
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
      403,
    );
  }
}
