/** Who sends a request: checks its signature and arms the checks of its body. */
import { hash } from "node:crypto";
import { AwsError } from "../error.ts";
import type { Principal } from "../service.ts";
import type { Credentialing } from "../sts/credentials.ts";
import type { IncomingRequest } from "./request.ts";
import {
  type ChunkSigner,
  checkSignature,
  checkSignedHeaders,
  checkTime,
  type SignatureClaim,
  type SignedRequest,
} from "./signature.ts";

import { checkLegacySignature, readLegacyClaim } from "./signature-v2.ts";

const anonymous: Principal = { kind: "anonymous" };
const unsigned = "UNSIGNED-PAYLOAD";

/** The principal of a request. `sent` is the request as it was signed, before any rewriting of its path. */
export async function authenticate(
  claim: SignatureClaim | undefined,
  request: IncomingRequest,
  sent: SignedRequest,
  credentials: Credentialing,
  now: number,
): Promise<Principal> {
  if (!claim) {
    const legacy = readLegacyClaim(request.query);
    const owner = legacy && credentials.owner(legacy.accessKeyId, legacy.sessionToken, now);
    if (legacy && owner) checkLegacySignature(legacy, owner.secretAccessKey, request, now);
    armBody(request, request.headers["x-amz-content-sha256"] ?? unsigned, undefined);
    return owner?.principal ?? anonymous;
  }
  checkTime(claim, now);
  checkSignedHeaders(claim, request.headers);
  const owner = credentials.owner(claim.scope.accessKeyId, claim.sessionToken, now);
  const payload = await payloadHash(claim, request);
  const signer = checkSignature(claim, owner.secretAccessKey, sent, payload);
  armBody(request, payload, signer);
  return owner.principal;
}

async function payloadHash(claim: SignatureClaim, request: IncomingRequest): Promise<string> {
  if (claim.payloadHash !== undefined) return claim.payloadHash;
  if (claim.scope.service !== "s3") return hash("sha256", await request.body.bytes());
  if (claim.expires !== undefined) return unsigned;
  throw new AwsError("InvalidRequest", "Missing required header for this request: x-amz-content-sha256", 400);
}

function armBody(request: IncomingRequest, declared: string, signer: ChunkSigner | undefined): void {
  const { body } = request;
  if (declared === unsigned || body.used) return;
  if (/^[0-9a-f]{64}$/i.test(declared)) {
    body.expect({ sha256: declared.toLowerCase() });
    return;
  }
  const streaming = /^STREAMING-(UNSIGNED-PAYLOAD-TRAILER|AWS4-HMAC-SHA256-PAYLOAD(?:-TRAILER)?)$/.exec(
    declared,
  );
  if (!streaming) {
    throw new AwsError(
      "InvalidRequest",
      `x-amz-content-sha256 must be a SHA-256 in hex, ${unsigned} or a STREAMING form this cloud knows, not “${declared.slice(0, 80)}”.`,
      400,
    );
  }
  const signed = streaming[1]?.startsWith("AWS4");
  body.expect({
    chunked: {
      signer: signed ? signer : undefined,
      trailer: declared.endsWith("TRAILER"),
      length: decodedLength(request),
    },
  });
}

function decodedLength(request: IncomingRequest): number {
  const text = request.headers["x-amz-decoded-content-length"];
  if (text === undefined || !/^\d{1,15}$/.test(text)) {
    throw new AwsError("MissingContentLength", "A streamed body needs x-amz-decoded-content-length.", 411);
  }
  return Number(text);
}
