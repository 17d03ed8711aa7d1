import type { R2GetOptions, R2Object, R2PutOptions } from "@cloudflare/workers-types";
import { bodyOf } from "./body.ts";
import type { Call } from "./call.ts";
import { S3Error, textsOf, xml } from "./xml.ts";

const META = "x-amz-meta-";

export async function getObject({ request, bucket, key }: Call): Promise<Response> {
  const { headers } = request;
  const object = await bucket.get(key, { onlyIf: headers, range: headers } as unknown as R2GetOptions);
  if (!object) throw noSuchKey();
  if (!("body" in object)) {
    if (headers.has("if-none-match") || headers.has("if-modified-since"))
      return new Response(null, { status: 304, headers: headersOf(object) });
    throw new S3Error(412, "PreconditionFailed", "The object is not as it was asked for.");
  }
  const answered = headersOf(object);
  const body = object.body as unknown as ReadableStream;
  const ranged = headers.has("range") ? rangeOf(object) : undefined;
  if (!ranged) {
    answered.set("content-length", String(object.size));
    return new Response(body, { headers: answered });
  }
  answered.set("content-length", String(ranged.length));
  answered.set("content-range", `bytes ${ranged.offset}-${ranged.offset + ranged.length - 1}/${object.size}`);
  return new Response(body, { status: 206, headers: answered });
}

export async function headObject({ bucket, key }: Call): Promise<Response> {
  const object = await bucket.head(key);
  if (!object) throw noSuchKey();
  const headers = headersOf(object);
  headers.set("content-length", String(object.size));
  return new Response(null, { headers });
}

export async function putObject({ request, bucket, key }: Call): Promise<Response> {
  const { stream, sha256 } = bodyOf(request);
  const object = await bucket.put(key, stream as Parameters<typeof bucket.put>[1], {
    ...metadataOf(request.headers),
    ...conditionOf(request.headers),
    ...(sha256 === undefined ? {} : { sha256 }),
  });
  if (!object) throw new S3Error(412, "PreconditionFailed", "The object is there, or is another.");
  return new Response(null, { headers: { etag: object.httpEtag } });
}

/** A copy within the bucket, or from none other: a key is for its buckets. */
export async function copyObject({ request, bucket, bucketName, key }: Call): Promise<Response> {
  const [from = "", ...path] = decodeURIComponent(request.headers.get("x-amz-copy-source") ?? "")
    .replace(/^\//, "")
    .split("/");
  if (from !== bucketName)
    throw new S3Error(501, "NotImplemented", "Copies from another bucket are not there on this machine.");
  const source = await bucket.get(path.join("/"));
  if (!source) throw noSuchKey();
  const replaced = request.headers.get("x-amz-metadata-directive") === "REPLACE";
  const object = await bucket.put(key, source.body, {
    ...(replaced
      ? metadataOf(request.headers)
      : { httpMetadata: source.httpMetadata ?? {}, customMetadata: source.customMetadata ?? {} }),
  });
  return xml("CopyObjectResult", [
    ["ETag", object.httpEtag],
    ["LastModified", object.uploaded.toISOString()],
  ]);
}

export async function deleteObject({ bucket, key }: Call): Promise<Response> {
  await bucket.delete(key);
  return new Response(null, { status: 204 });
}

export async function deleteObjects({ request, bucket }: Call): Promise<Response> {
  const document = await request.text();
  const keys = textsOf(document, "Key");
  await bucket.delete(keys);
  const quiet = textsOf(document, "Quiet")[0] === "true";
  return xml("DeleteResult", quiet ? [] : keys.map((key) => ["Deleted", [["Key", key]]] as const));
}

/** What is kept with an object: the headers HTTP knows, and the user's own. */
export function metadataOf(headers: Headers): Pick<R2PutOptions, "httpMetadata" | "customMetadata"> {
  const encoding = (headers.get("content-encoding") ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "" && one !== "aws-chunked")
    .join(", ");
  const given = (name: string) => headers.get(name) ?? undefined;
  const known = {
    contentType: given("content-type"),
    contentLanguage: given("content-language"),
    contentDisposition: given("content-disposition"),
    cacheControl: given("cache-control"),
    contentEncoding: encoding === "" ? undefined : encoding,
  };
  return {
    httpMetadata: Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
    customMetadata: Object.fromEntries(
      [...headers].flatMap(([name, value]) =>
        name.startsWith(META) ? [[name.slice(META.length), value] as const] : [],
      ),
    ),
  };
}

function conditionOf(headers: Headers): Pick<R2PutOptions, "onlyIf"> {
  const unquoted = (name: string) => headers.get(name)?.replace(/^"|"$/g, "");
  const matches = unquoted("if-match");
  const matchesNot = unquoted("if-none-match");
  if (matches === undefined && matchesNot === undefined) return {};
  return {
    onlyIf: {
      ...(matches === undefined ? {} : { etagMatches: matches }),
      ...(matchesNot === undefined ? {} : { etagDoesNotMatch: matchesNot }),
    },
  };
}

function headersOf(object: R2Object): Headers {
  const { contentType, contentLanguage, contentDisposition, cacheControl, contentEncoding } =
    object.httpMetadata ?? {};
  const known = {
    "content-type": contentType ?? "application/octet-stream",
    "content-language": contentLanguage,
    "content-disposition": contentDisposition,
    "cache-control": cacheControl,
    "content-encoding": contentEncoding,
    "accept-ranges": "bytes",
    etag: object.httpEtag,
    "last-modified": object.uploaded.toUTCString(),
  };
  const headers = new Headers();
  for (const [name, value] of Object.entries(known)) if (value !== undefined) headers.set(name, value);
  for (const [name, value] of Object.entries(object.customMetadata ?? {})) headers.set(META + name, value);
  return headers;
}

function rangeOf({ range, size }: R2Object): { offset: number; length: number } | undefined {
  if (!range) return undefined;
  if ("suffix" in range && range.suffix !== undefined) {
    const length = Math.min(range.suffix, size);
    return { offset: size - length, length };
  }
  const { offset = 0, length = size } = range as { offset?: number; length?: number };
  return { offset, length: Math.min(length, size - offset) };
}

function noSuchKey(): S3Error {
  return new S3Error(404, "NoSuchKey", "There is no such object.");
}
