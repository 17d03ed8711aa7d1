/** Signature Version 4: reading what a request claims, and checking the claim. */
import { createHmac, hash, timingSafeEqual } from "node:crypto";
import { AwsError } from "../error.ts";
import { type Hmac, hmacSha256 } from "./hmac.ts";
import { remember } from "./remember.ts";

/** What a signed request claims, from its Authorization header or its presigned query. */
export interface SignatureClaim {
  readonly scope: CredentialScope;
  readonly sessionToken: string | undefined;
  readonly signedHeaders: SignedHeaders;
  readonly signature: string;
  /** `20260101T000000Z` */
  readonly date: string;
  /** Seconds a presigned request is valid for. */
  readonly expires: number | undefined;
  /** The declared payload hash, if there is one. */
  readonly payloadHash: string | undefined;
}

/** Whose key signed, and for what. */
export interface CredentialScope {
  readonly accessKeyId: string;
  readonly day: string;
  readonly region: string;
  readonly service: string;
  /** `20260101/us-east-1/s3/aws4_request` */
  readonly text: string;
}

export interface SignedHeaders {
  readonly names: readonly string[];
  /** `host;x-amz-date` */
  readonly text: string;
}

type Headers = Readonly<Record<string, string>>;

const algorithm = "AWS4-HMAC-SHA256";
const maximumSkew = 15 * 60_000;

function malformed(message: string): AwsError {
  return new AwsError("AuthorizationHeaderMalformed", message, 400);
}

/** The claim of a request; undefined when it is not signed at all. */
export function readClaim(headers: Headers, query: URLSearchParams): SignatureClaim | undefined {
  const authorization = headers.authorization;
  if (authorization?.startsWith("AWS4-")) return readHeaderClaim(authorization, headers);
  if (query.has("X-Amz-Algorithm") || query.has("X-Amz-Signature")) return readQueryClaim(headers, query);
  return undefined;
}

function readHeaderClaim(authorization: string, headers: Headers): SignatureClaim {
  if (!authorization.startsWith(`${algorithm} `)) {
    throw malformed(`Only ${algorithm} signatures are understood by the local cloud.`);
  }
  const credential = parameterOf(authorization, "Credential");
  const signedHeaders = parameterOf(authorization, "SignedHeaders");
  const signature = parameterOf(authorization, "Signature");
  if (!credential || !signedHeaders || !signature) {
    throw malformed("The Authorization header needs Credential, SignedHeaders and Signature.");
  }
  return {
    scope: readScope(credential),
    signedHeaders: readSignedHeaders(signedHeaders),
    sessionToken: headers["x-amz-security-token"],
    signature,
    date: headers["x-amz-date"] ?? isoDate(headers.date),
    expires: undefined,
    payloadHash: headers["x-amz-content-sha256"],
  };
}

/** One of the parameters of an Authorization header: `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`. */
function parameterOf(authorization: string, name: string): string | undefined {
  const sign = `${name}=`;
  let at = authorization.indexOf(sign, algorithm.length);
  // A name may end in another's.
  while (at > 0 && !" ,".includes(authorization.charAt(at - 1))) at = authorization.indexOf(sign, at + 1);
  if (at < 0) return undefined;
  const end = authorization.indexOf(",", at);
  return authorization.slice(at + sign.length, end < 0 ? undefined : end).trim();
}

function readQueryClaim(headers: Headers, query: URLSearchParams): SignatureClaim {
  const parameter = (name: string) => {
    const value = query.get(name);
    if (!value) throw new AwsError("AuthorizationQueryParametersError", `The query has no ${name}.`, 400);
    return value;
  };
  if (parameter("X-Amz-Algorithm") !== algorithm) {
    throw new AwsError("AuthorizationQueryParametersError", `X-Amz-Algorithm must be ${algorithm}.`, 400);
  }
  const expires = Number(query.get("X-Amz-Expires") ?? "300");
  if (!Number.isInteger(expires) || expires < 0 || expires > 604_800) {
    throw new AwsError(
      "AuthorizationQueryParametersError",
      "X-Amz-Expires must be between 0 and 604800.",
      400,
    );
  }
  return {
    scope: readScope(parameter("X-Amz-Credential")),
    sessionToken: query.get("X-Amz-Security-Token") ?? headers["x-amz-security-token"],
    signedHeaders: readSignedHeaders(parameter("X-Amz-SignedHeaders")),
    signature: parameter("X-Amz-Signature"),
    date: parameter("X-Amz-Date"),
    expires,
    payloadHash: query.get("X-Amz-Content-Sha256") ?? headers["x-amz-content-sha256"],
  };
}

/** A client sends the same credential, and the same few lists of headers, all day: each is read once. */
const readScope = remember((credential: string): CredentialScope => {
  const parts = credential.split("/");
  const [service, region, day] = [parts.at(-2), parts.at(-3), parts.at(-4)];
  const accessKeyId = parts.slice(0, -4).join("/");
  if (
    !accessKeyId ||
    !day ||
    !region ||
    !service ||
    parts.at(-1) !== "aws4_request" ||
    !/^\d{8}$/.test(day)
  ) {
    throw malformed("A credential reads AccessKeyId/yyyymmdd/region/service/aws4_request.");
  }
  return { accessKeyId, day, region, service, text: `${day}/${region}/${service}/aws4_request` };
});

const readSignedHeaders = remember((sent: string): SignedHeaders => {
  const text = sent.toLowerCase();
  return { names: text.split(";"), text };
});

/** A plain `Date` header, as old clients sign it. */
function isoDate(header: string | undefined): string {
  const time = header ? Date.parse(header) : Number.NaN;
  if (Number.isNaN(time)) throw malformed("A signed request needs an X-Amz-Date or Date header.");
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, "");
}

/** Milliseconds since the epoch of `20260101T000000Z`. */
const timeOf = remember((date: string): number => {
  const m = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date);
  if (!m) throw malformed("X-Amz-Date must look like 20260101T000000Z.");
  return Date.UTC(Number(m[1]), Number(m[2]) - 1, Number(m[3]), Number(m[4]), Number(m[5]), Number(m[6]));
});

/** Refuses signatures of another time, and presigned requests past their expiry. */
export function checkTime(claim: SignatureClaim, now: number): void {
  const time = timeOf(claim.date);
  if (claim.scope.day !== claim.date.slice(0, 8)) {
    throw malformed("The date of the credential scope differs from the date of the request.");
  }
  if (claim.expires !== undefined) {
    if (now > time + claim.expires * 1000) throw new AwsError("AccessDenied", "Request has expired", 403);
    if (now < time - maximumSkew) throw new AwsError("AccessDenied", "Request is not valid yet", 403);
    return;
  }
  if (Math.abs(now - time) > maximumSkew) {
    throw new AwsError(
      "RequestTimeTooSkewed",
      `The difference between the request time (${claim.date}) and the current time is too large.`,
      403,
    );
  }
}

const keys = new Map<string, Hmac>();

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function signingKey(claim: SignatureClaim, secret: string): Hmac {
  const name = `${secret}/${claim.scope.text}`;
  let key = keys.get(name);
  if (!key) {
    if (keys.size > 1000) keys.clear();
    const steps = [claim.scope.day, claim.scope.region, claim.scope.service, "aws4_request"];
    key = hmacSha256(steps.reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`)));
    keys.set(name, key);
  }
  return key;
}

/** Percent-encoding as SigV4 wants it: everything but unreserved characters. */
function encode(text: string): string {
  if (/^[\w.~-]*$/.test(text)) return text;
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function canonicalQuery(query: URLSearchParams): string {
  if (query.size === 0) return "";
  const pairs: [string, string][] = [];
  for (const [name, value] of query) {
    if (name !== "X-Amz-Signature") pairs.push([encode(name), encode(value)]);
  }
  pairs.sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0));
  return pairs.map(([name, value]) => `${name}=${value}`).join("&");
}

/** Compares in a time that does not tell where two texts differ. */
function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a, "latin1"), Buffer.from(b, "latin1"));
}

export interface SignedRequest {
  readonly method: string;
  /** The path as it was sent. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
}

function matches(
  claim: SignatureClaim,
  key: Hmac,
  request: SignedRequest,
  path: string,
  payloadHash: string,
): boolean {
  let headers = "";
  for (const name of claim.signedHeaders.names) {
    const value = request.headers[name] ?? "";
    headers += `${name}:${value.includes(" ") ? value.trim().replace(/ {2,}/g, " ") : value.trim()}\n`;
  }
  const canonical = `${request.method}\n${path}\n${canonicalQuery(request.query)}\n${headers}\n${claim.signedHeaders.text}\n${payloadHash}`;
  const expected = key(`${algorithm}\n${claim.date}\n${claim.scope.text}\n${hash("sha256", canonical)}`);
  return sameText(claim.signature, expected);
}

/** Signs what follows a signed request: the chunks of a streamed body, each over the signature before it. */
export interface ChunkSigner {
  chunk(payloadHash: string): string;
  trailer(payloadHash: string): string;
}

const emptyHash = hash("sha256", "");

/**
 * Checks a signature; gives the signer for the chunks of the body. `payloadHash` is the declared hash, or that of
 * the body where the client declared none.
 */
export function checkSignature(
  claim: SignatureClaim,
  secret: string,
  request: SignedRequest,
  payloadHash: string,
): ChunkSigner {
  const key = signingKey(claim, secret);
  const s3 = claim.scope.service === "s3";
  // S3 signs the path as it is sent; every other service encodes it once more. Clients disagree only in corners.
  const path = s3 ? request.path : request.path.split("/").map(encode).join("/");
  const valid =
    matches(claim, key, request, path, payloadHash) ||
    (!s3 && path !== request.path && matches(claim, key, request, request.path, payloadHash));
  if (!valid) {
    throw new AwsError(
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your AWS secret access key and signing method.",
      403,
    );
  }
  const scope = claim.scope.text;
  let previous = claim.signature;
  return {
    chunk(chunkHash) {
      previous = key(
        `AWS4-HMAC-SHA256-PAYLOAD\n${claim.date}\n${scope}\n${previous}\n${emptyHash}\n${chunkHash}`,
      );
      return previous;
    },
    trailer(trailerHash) {
      previous = key(`AWS4-HMAC-SHA256-TRAILER\n${claim.date}\n${scope}\n${previous}\n${trailerHash}`);
      return previous;
    },
  };
}

/** The claim must cover what decides the request's meaning: its host and every `x-amz-*` header it carries. */
export function checkSignedHeaders(claim: SignatureClaim, headers: Headers): void {
  const { names } = claim.signedHeaders;
  // What HTTP/2 has in place of it; no HTTP/1.1 client can send a header of that name.
  if (!names.includes("host") && !names.includes(":authority"))
    throw malformed("The signature must cover the host header.");
  if (claim.expires !== undefined) return;
  for (const name in headers) {
    if (name.startsWith("x-amz-") && !claim.signedHeaders.names.includes(name) && !unsignable.has(name)) {
      throw new AwsError(
        "AccessDenied",
        `There were headers present in the request which were not signed: ${name}`,
        403,
      );
    }
  }
}

/** Headers that signers leave out by convention. */
const unsignable = new Set([
  "x-amz-content-sha256",
  "x-amz-security-token",
  "x-amzn-trace-id",
  "x-amz-date",
  "x-amz-user-agent",
]);
