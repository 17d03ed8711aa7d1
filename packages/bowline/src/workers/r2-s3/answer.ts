import type { R2Bucket } from "@cloudflare/workers-types";
import type { Call } from "./call.ts";
import { list } from "./list.ts";
import { abortUpload, completeUpload, createUpload, uploadPart } from "./multipart.ts";
import { copyObject, deleteObject, deleteObjects, getObject, headObject, putObject } from "./objects.ts";
import { S3Error } from "./xml.ts";

/** What says that another operation is meant than the plain one of its method. */
const SELECTORS = [
  "acl",
  "attributes",
  "cors",
  "delete",
  "lifecycle",
  "location",
  "object-lock",
  "policy",
  "tagging",
  "uploadId",
  "uploads",
  "versioning",
  "versions",
];

type Operation = (call: Call) => Promise<Response>;

const OF_BUCKETS: Readonly<Record<string, Operation>> = {
  "HEAD ": async () => new Response(null),
  "GET ": list,
  "POST delete": deleteObjects,
};

const OF_OBJECTS: Readonly<Record<string, Operation>> = {
  "GET ": getObject,
  "HEAD ": headObject,
  "PUT ": (call) => (call.request.headers.has("x-amz-copy-source") ? copyObject(call) : putObject(call)),
  "DELETE ": deleteObject,
  "POST uploads": createUpload,
  "PUT uploadId": uploadPart,
  "POST uploadId": completeUpload,
  "DELETE uploadId": abortUpload,
};

export async function answer(
  request: Request,
  bucket: R2Bucket,
  bucketName: string,
  key: string,
): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const selector = SELECTORS.find((name) => query.has(name)) ?? "";
  const operation = (key === "" ? OF_BUCKETS : OF_OBJECTS)[`${request.method} ${selector}`];
  if (operation) return operation({ request, bucket, bucketName, key, query });
  throw new S3Error(
    501,
    "NotImplemented",
    `${request.method}${selector === "" ? "" : ` ?${selector}`} of ${key === "" ? "a bucket" : "an object"} is not there on this machine.`,
  );
}
