import type { ResourceHandler } from "@bowline/engine";
import type { Aws } from "../aws.ts";
import { bucket } from "./bucket.ts";
import {
  bucketCorsConfiguration,
  bucketLifecycleConfiguration,
  bucketOwnershipControls,
  bucketPolicy,
  bucketPublicAccessBlock,
  bucketServerSideEncryptionConfiguration,
  bucketVersioning,
} from "./bucket-settings.ts";
import { bucketV2 } from "./bucket-v2.ts";
import { bucketNotification } from "./notification.ts";
import { bucketObject, bucketObjectV2 } from "./object.ts";

export function s3(aws: Aws): Readonly<Record<string, ResourceHandler>> {
  return {
    "aws:s3/bucketNotification:BucketNotification": bucketNotification(aws),
    "aws:s3/bucketObject:BucketObject": bucketObject(aws),
    "aws:s3/bucketObjectv2:BucketObjectv2": bucketObjectV2(aws),
    "aws:s3/bucket:Bucket": bucket(aws),
    "aws:s3/bucketV2:BucketV2": bucketV2(aws),
    "aws:s3/bucketVersioning:BucketVersioning": bucketVersioning(aws),
    "aws:s3/bucketVersioningV2:BucketVersioningV2": bucketVersioning(aws),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": bucketPublicAccessBlock(aws),
    "aws:s3/bucketPolicy:BucketPolicy": bucketPolicy(aws),
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": bucketCorsConfiguration(aws),
    "aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2": bucketCorsConfiguration(aws),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration":
      bucketServerSideEncryptionConfiguration(aws),
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2":
      bucketServerSideEncryptionConfiguration(aws),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": bucketOwnershipControls(aws),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": bucketLifecycleConfiguration(aws),
    "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": bucketLifecycleConfiguration(aws),
  };
}
