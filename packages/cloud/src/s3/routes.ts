/** Method and sub-resource to operation, as data. What is listed here and not implemented answers NotImplemented. */
import type { HttpRequest } from "../service.ts";

type Level = "service" | "bucket" | "object";
type Methods = Readonly<Record<string, string>>;

/** What a request without a sub-resource means. */
const plain: Readonly<Record<Level, Methods>> = {
  service: { GET: "ListBuckets" },
  bucket: {
    GET: "ListObjects",
    PUT: "CreateBucket",
    DELETE: "DeleteBucket",
    HEAD: "HeadBucket",
    POST: "PostObject",
  },
  object: { GET: "GetObject", HEAD: "HeadObject", PUT: "PutObject", DELETE: "DeleteObject" },
};

const configuration = (name: string, put = true, remove = true): Methods => ({
  GET: `Get${name}`,
  ...(put ? { PUT: `Put${name}` } : undefined),
  ...(remove ? { DELETE: `Delete${name}` } : undefined),
});

/**
 * Every sub-resource S3 knows. One that is missing here would make `PUT /bucket/key?retention` overwrite the object,
 * so the list is S3's own, not only what is implemented.
 */
const subresources: Readonly<Record<Exclude<Level, "service">, Readonly<Record<string, Methods>>>> = {
  bucket: {
    accelerate: configuration("BucketAccelerateConfiguration", true, false),
    acl: configuration("BucketAcl", true, false),
    abac: configuration("BucketAbac", true, false),
    analytics: configuration("BucketAnalyticsConfiguration"),
    cors: configuration("BucketCors"),
    delete: { POST: "DeleteObjects" },
    encryption: configuration("BucketEncryption"),
    "intelligent-tiering": configuration("BucketIntelligentTieringConfiguration"),
    inventory: configuration("BucketInventoryConfiguration"),
    lifecycle: {
      GET: "GetBucketLifecycleConfiguration",
      PUT: "PutBucketLifecycleConfiguration",
      DELETE: "DeleteBucketLifecycle",
    },
    location: configuration("BucketLocation", false, false),
    logging: configuration("BucketLogging", true, false),
    metadataConfiguration: {
      GET: "GetBucketMetadataConfiguration",
      POST: "CreateBucketMetadataConfiguration",
    },
    metadataTable: {
      GET: "GetBucketMetadataTableConfiguration",
      POST: "CreateBucketMetadataTableConfiguration",
    },
    metrics: configuration("BucketMetricsConfiguration"),
    notification: configuration("BucketNotificationConfiguration", true, false),
    "object-lock": configuration("ObjectLockConfiguration", true, false),
    ownershipControls: configuration("BucketOwnershipControls"),
    policy: configuration("BucketPolicy"),
    policyStatus: configuration("BucketPolicyStatus", false, false),
    publicAccessBlock: configuration("PublicAccessBlock"),
    replication: configuration("BucketReplication"),
    requestPayment: configuration("BucketRequestPayment", true, false),
    session: { GET: "CreateSession" },
    tagging: configuration("BucketTagging"),
    uploads: { GET: "ListMultipartUploads" },
    versioning: configuration("BucketVersioning", true, false),
    versions: { GET: "ListObjectVersions" },
    website: configuration("BucketWebsite"),
  },
  object: {
    acl: configuration("ObjectAcl", true, false),
    attributes: { GET: "GetObjectAttributes" },
    "legal-hold": configuration("ObjectLegalHold", true, false),
    renameObject: { PUT: "RenameObject" },
    restore: { POST: "RestoreObject" },
    retention: configuration("ObjectRetention", true, false),
    select: { POST: "SelectObjectContent" },
    tagging: configuration("ObjectTagging"),
    torrent: { GET: "GetObjectTorrent" },
    uploads: { POST: "CreateMultipartUpload" },
    uploadId: {
      GET: "ListParts",
      PUT: "UploadPart",
      POST: "CompleteMultipartUpload",
      DELETE: "AbortMultipartUpload",
    },
  },
};

/** The operation a request asks for; `undefined` where the method does not go with the resource. */
export function routeOf(
  level: Level,
  request: Pick<HttpRequest, "method" | "query" | "headers">,
): string | undefined {
  const { method, query } = request;
  if (method === "OPTIONS") return "PreflightRequest";
  if (level === "service") return plain.service[method];
  if (query.size > 0) {
    const known = subresources[level];
    for (const name of query.keys()) {
      const methods = Object.hasOwn(known, name) ? known[name] : undefined;
      if (methods === undefined) continue;
      const operation = methods[method];
      return operation === "UploadPart" && copies(request) ? "UploadPartCopy" : operation;
    }
    if (level === "bucket" && method === "GET" && query.get("list-type") === "2") return "ListObjectsV2";
  }
  const operation = plain[level][method];
  return operation === "PutObject" && copies(request) ? "CopyObject" : operation;
}

const copies = (request: Pick<HttpRequest, "headers">) => request.headers["x-amz-copy-source"] !== undefined;

/** Every operation a request can be routed to. */
export function routedOperations(): ReadonlySet<string> {
  const all = [plain.service, plain.bucket, plain.object];
  all.push(...Object.values(subresources.bucket), ...Object.values(subresources.object));
  return new Set([
    ...all.flatMap((methods) => Object.values(methods)),
    "ListObjectsV2",
    "CopyObject",
    "UploadPartCopy",
  ]);
}
