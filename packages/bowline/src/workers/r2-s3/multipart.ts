import type { R2MultipartUpload } from "@cloudflare/workers-types";
import { bodyOf } from "./body.ts";
import type { Call } from "./call.ts";
import { metadataOf } from "./objects.ts";
import { textsOf, xml } from "./xml.ts";

export async function createUpload({ request, bucket, bucketName, key }: Call): Promise<Response> {
  const { uploadId } = await bucket.createMultipartUpload(key, metadataOf(request.headers));
  return xml("InitiateMultipartUploadResult", [
    ["Bucket", bucketName],
    ["Key", key],
    ["UploadId", uploadId],
  ]);
}

export async function uploadPart(call: Call): Promise<Response> {
  const upload = uploadOf(call);
  const { stream } = bodyOf(call.request);
  const { etag } = await upload.uploadPart(
    Number(call.query.get("partNumber")),
    stream as Parameters<typeof upload.uploadPart>[1],
  );
  return new Response(null, { headers: { etag: `"${etag}"` } });
}

export async function completeUpload(call: Call): Promise<Response> {
  const document = await call.request.text();
  const etags = textsOf(document, "ETag");
  const parts = textsOf(document, "PartNumber").map((number, index) => ({
    partNumber: Number(number),
    etag: (etags[index] ?? "").replace(/^"|"$/g, ""),
  }));
  const object = await uploadOf(call).complete(parts);
  return xml("CompleteMultipartUploadResult", [
    ["Bucket", call.bucketName],
    ["Key", call.key],
    ["ETag", object.httpEtag],
  ]);
}

export async function abortUpload(call: Call): Promise<Response> {
  await uploadOf(call).abort();
  return new Response(null, { status: 204 });
}

function uploadOf({ bucket, key, query }: Call): R2MultipartUpload {
  return bucket.resumeMultipartUpload(key, query.get("uploadId") ?? "");
}
