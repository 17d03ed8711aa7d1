import { S3Error } from "./xml.ts";

/** The parts of a signature of version 4, from the header or from a presigned URL. */
interface Claim {
  readonly keyId: string;
  /** `<day>/<region>/s3/aws4_request`. */
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly time: string;
  readonly payload: string;
  /** Seconds it is good for. */
  readonly expires: number;
}

const ALGORITHM = "AWS4-HMAC-SHA256";
/** How far clocks may be apart. */
const SKEW = 15 * 60;
const SIGNATURE = "X-Amz-Signature";

/** Who signed the request; fails where nobody did, or what was signed is not what came. */
export async function checkSignature(
  request: Request,
  secretOf: (keyId: string) => string | undefined,
): Promise<string> {
  const url = new URL(request.url);
  const claim = readClaim(request.headers, url.searchParams);
  if (!claim) throw new S3Error(403, "AccessDenied", "The request is not signed.");
  const secret = secretOf(claim.keyId);
  if (secret === undefined) throw new S3Error(403, "InvalidAccessKeyId", "There is no such access key.");
  const age = (Date.now() - timeOf(claim.time)) / 1000;
  if (!(age > -SKEW && age < claim.expires))
    throw new S3Error(403, "RequestTimeTooSkewed", "It was not signed just now.");
  const canonical = [
    request.method,
    url.pathname,
    canonicalQuery(url.search),
    ...claim.signedHeaders.map((name) => `${name}:${headerOf(request.headers, name)}`),
    "",
    claim.signedHeaders.join(";"),
    claim.payload,
  ].join("\n");
  const text = [ALGORITHM, claim.time, claim.scope, hex(await sha256(canonical))].join("\n");
  let key: Uint8Array = bytes(`AWS4${secret}`);
  for (const part of claim.scope.split("/")) key = await hmac(key, part);
  if (!same(await hmac(key, text), claim.signature)) {
    throw new S3Error(403, "SignatureDoesNotMatch", "The signature is not that of this request.");
  }
  return claim.keyId;
}

function readClaim(headers: Headers, query: URLSearchParams): Claim | undefined {
  const header = headers.get("authorization");
  if (header?.startsWith(ALGORITHM)) {
    const part = (name: string) => new RegExp(`${name}=([^,\\s]+)`).exec(header)?.[1] ?? "";
    return {
      ...credential(part("Credential")),
      signedHeaders: part("SignedHeaders").split(";"),
      signature: part("Signature"),
      time: headers.get("x-amz-date") ?? "",
      payload: headers.get("x-amz-content-sha256") ?? "UNSIGNED-PAYLOAD",
      expires: SKEW,
    };
  }
  if (!query.has(SIGNATURE)) return undefined;
  const part = (name: string) => query.get(`X-Amz-${name}`) ?? "";
  return {
    ...credential(part("Credential")),
    signedHeaders: part("SignedHeaders").split(";"),
    signature: part("Signature"),
    time: part("Date"),
    payload: query.get("X-Amz-Content-Sha256") ?? "UNSIGNED-PAYLOAD",
    expires: Number(part("Expires")),
  };
}

function credential(text: string): Pick<Claim, "keyId" | "scope"> {
  const [keyId = "", ...scope] = text.split("/");
  return { keyId, scope: scope.join("/") };
}

/** `20260131T120000Z`. */
function timeOf(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

function canonicalQuery(search: string): string {
  return search
    .slice(1)
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const [name = "", ...value] = pair.split("=");
      return [encode(name), encode(value.join("="))] as const;
    })
    .filter(([name]) => name !== SIGNATURE)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join("&");
}

/** As AWS writes it: everything but letters, digits and four others. */
function encode(text: string): string {
  return encodeURIComponent(decodeURIComponent(text)).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function headerOf(headers: Headers, name: string): string {
  return (headers.get(name) ?? "").trim().replace(/ +/g, " ");
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text));
}

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes(text)));
}

async function hmac(key: Uint8Array, text: string): Promise<Uint8Array> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", new Uint8Array(key), algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, bytes(text)));
}

function hex(data: Uint8Array): string {
  return [...data].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Takes as long wherever they differ. */
function same(data: Uint8Array, text: string): boolean {
  const own = hex(data);
  let difference = own.length ^ text.length;
  for (let at = 0; at < own.length; at++) difference |= own.charCodeAt(at) ^ text.charCodeAt(at);
  return difference === 0;
}
