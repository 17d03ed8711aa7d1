/** What a bucket answers about features this S3 has not: they are not configured. */
import { AwsError } from "../error.ts";
import type { Operation } from "../service.ts";
import { bucketAccess, objectAccess } from "./access.ts";
import type { S3Context } from "./context.ts";
import { s3Operation } from "./input.ts";

export function unconfiguredOperations(s3: S3Context): Record<string, Operation> {
  const notFound = (action: string, code: string, message: string) =>
    s3Operation({
      access: bucketAccess(action),
      run({ bucket }) {
        s3.buckets.need(bucket);
        throw new AwsError(code, message, 404, { BucketName: bucket });
      },
    });
  const unlocked = (action: string) =>
    s3Operation({
      access: (input) => objectAccess(s3, input, { current: action }),
      run({ bucket }) {
        s3.buckets.need(bucket);
        throw new AwsError("InvalidRequest", "Bucket is missing Object Lock Configuration");
      },
    });
  return {
    GetBucketReplication: notFound(
      "s3:GetReplicationConfiguration",
      "ReplicationConfigurationNotFoundError",
      "The replication configuration was not found",
    ),
    GetObjectLockConfiguration: notFound(
      "s3:GetBucketObjectLockConfiguration",
      "ObjectLockConfigurationNotFoundError",
      "Object Lock configuration does not exist for this bucket",
    ),
    GetObjectLegalHold: unlocked("s3:GetObjectLegalHold"),
    GetObjectRetention: unlocked("s3:GetObjectRetention"),
  };
}
