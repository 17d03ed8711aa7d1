/** The headers of a write that are kept with an object, and those this S3 must refuse. */
import { AwsError } from "../error.ts";
import { invalidArgument, leftOut } from "./errors.ts";

type Headers = Readonly<Record<string, string>>;

const kept = [
  "cache-control",
  "content-disposition",
  "content-language",
  "content-type",
  "expires",
  "x-amz-website-redirect-location",
] as const;

const storageClasses = new Set([
  "STANDARD",
  "REDUCED_REDUNDANCY",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "GLACIER",
  "DEEP_ARCHIVE",
  "GLACIER_IR",
]);

const maxMetadataBytes = 2048;

/** What GET will answer in headers. */
export function objectHeaders(headers: Headers): Record<string, string> {
  refuse(headers);
  const result: Record<string, string> = { "content-type": "binary/octet-stream" };
  for (const name of kept) {
    const value = headers[name];
    if (value !== undefined && value !== "") result[name] = value;
  }
  const encoding = headers["content-encoding"]
    ?.split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "" && part !== "aws-chunked")
    .join(",");
  if (encoding) result["content-encoding"] = encoding;
  const storageClass = headers["x-amz-storage-class"];
  if (storageClass !== undefined) {
    if (!storageClasses.has(storageClass)) {
      throw new AwsError("InvalidStorageClass", "The storage class you specified is not valid", 400, {
        StorageClassRequested: storageClass,
      });
    }
    if (storageClass !== "STANDARD") result["x-amz-storage-class"] = storageClass;
  }
  let size = 0;
  for (const name in headers) {
    if (!name.startsWith("x-amz-meta-")) continue;
    const value = headers[name] ?? "";
    size += Buffer.byteLength(name) - "x-amz-meta-".length + Buffer.byteLength(value);
    result[name] = value;
  }
  if (size > maxMetadataBytes) {
    throw new AwsError(
      "MetadataTooLarge",
      "Your metadata headers exceed the maximum allowed metadata size",
      400,
      {
        Size: size,
        MaxSizeAllowed: maxMetadataBytes,
      },
    );
  }
  return result;
}

const encryptions = new Set(["AES256", "aws:kms", "aws:kms:dsse"]);

/** Promises this S3 would not keep are refused rather than forgotten. */
function refuse(headers: Headers): void {
  const encryption = headers["x-amz-server-side-encryption"];
  if (encryption !== undefined && !encryptions.has(encryption)) {
    throw new AwsError("InvalidEncryptionAlgorithmError", "The encryption method specified is not supported");
  }
  if (headers["x-amz-server-side-encryption-customer-algorithm"] !== undefined) {
    throw leftOut("Encryption with keys provided by the customer (SSE-C)");
  }
  if (headers["x-amz-server-side-encryption-context"] !== undefined) {
    throw leftOut("An encryption context of one's own (x-amz-server-side-encryption-context)");
  }
  if (headers["x-amz-object-lock-mode"] ?? headers["x-amz-object-lock-legal-hold"]) {
    throw new AwsError("InvalidRequest", "Bucket is missing Object Lock Configuration");
  }
  if (headers["x-amz-write-offset-bytes"] !== undefined) throw leftOut("Appending to objects");
  refuseAcl(headers);
}

/** ACLs are off, as they are in every bucket made since 2023; what changes nothing is accepted. */
export function refuseAcl(headers: Headers): void {
  const acl = headers["x-amz-acl"];
  const grants = Object.keys(headers).find((name) => name.startsWith("x-amz-grant-"));
  if (grants === undefined && (acl === undefined || acl === "private" || acl === "bucket-owner-full-control"))
    return;
  const known =
    /^(public-read|public-read-write|authenticated-read|aws-exec-read|bucket-owner-read|log-delivery-write)$/;
  if (grants === undefined && acl !== undefined && !known.test(acl))
    throw invalidArgument("", "x-amz-acl", acl);
  throw new AwsError(
    "AccessControlListNotSupported",
    "The bucket does not allow ACLs. Grant access with a bucket policy instead.",
  );
}

const overrides: Readonly<Record<string, string>> = {
  "response-cache-control": "cache-control",
  "response-content-disposition": "content-disposition",
  "response-content-encoding": "content-encoding",
  "response-content-language": "content-language",
  "response-content-type": "content-type",
  "response-expires": "expires",
};

/** The headers a GET asks to be answered instead of those kept. */
export function overriddenHeaders(query: URLSearchParams): Record<string, string> {
  const result: Record<string, string> = {};
  if (query.size === 0) return result;
  for (const [parameter, header] of Object.entries(overrides)) {
    const value = query.get(parameter);
    if (value === null) continue;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a header may not carry them
    if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value))
      throw invalidArgument("Header value is invalid", parameter, value);
    result[header] = value;
  }
  return result;
}
