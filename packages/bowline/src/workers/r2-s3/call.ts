import type { R2Bucket } from "@cloudflare/workers-types";

/** An operation on an object, or on the bucket where the key is empty. */
export interface Call {
  readonly request: Request;
  readonly bucket: R2Bucket;
  readonly bucketName: string;
  readonly key: string;
  readonly query: URLSearchParams;
}
