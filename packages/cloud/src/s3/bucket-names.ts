/** What a bucket may be called. */
import { AwsError } from "../error.ts";

const reserved = /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/;

export function isBucketName(name: string): boolean {
  return (
    name.length >= 3 &&
    name.length <= 63 &&
    /^[a-z0-9]([a-z0-9.-]*[a-z0-9])$/.test(name) &&
    !name.includes("..") &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
    !reserved.test(name)
  );
}

export function checkBucketName(name: string): void {
  if (isBucketName(name)) return;
  throw new AwsError("InvalidBucketName", "The specified bucket is not valid.", 400, { BucketName: name });
}
