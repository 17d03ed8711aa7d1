/** Sample calls of S3's operations. */
import * as sdk from "@aws-sdk/client-s3";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import type { PolicyStatement } from "../iam/policy.ts";
import { type SampleCall, sampleCalls } from "../samples.ts";

interface Fixture {
  readonly unique: string;
  readonly Bucket: string;
  readonly bucket: string;
  readonly object: string;
  readonly UploadId: string;
  readonly ETag: string;
}

type Sample = SampleCall<sdk.S3, Fixture>;

const Key = "folder/object";

const only = (action: string, resource: string): PolicyStatement => ({
  Effect: "Allow",
  Action: `s3:${action}`,
  Resource: resource,
});

/** A call that takes one permission on the bucket. */
const onBucket = (action: string, call: Sample["call"], endsIn?: string): Sample => ({
  call,
  allow: ({ bucket }) => [only(action, bucket)],
  endsIn,
});

/** A call that takes one permission on the object. */
const onObject = (action: string, call: Sample["call"], endsIn?: string): Sample => ({
  call,
  allow: ({ object }) => [only(action, object)],
  endsIn,
});

/** A call that takes one permission on an object beside the one that is there. */
const onCopy = (call: Sample["call"]): Sample => ({
  call,
  allow: ({ object, bucket }) => [only("GetObject", object), only("PutObject", `${bucket}/copy`)],
});

const form = async (s3: sdk.S3, { Bucket }: Fixture) => {
  const { url, fields } = await createPresignedPost(s3, { Bucket, Key });
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  body.set("file", new Blob(["posted"]));
  const answer = await fetch(url, { method: "POST", body });
  if (!answer.ok)
    throw Object.assign(new Error(await answer.text()), { $metadata: { httpStatusCode: answer.status } });
};

const preflight = async (s3: sdk.S3, { Bucket }: Fixture) => {
  const { protocol, hostname, port } = (await s3.config.endpoint?.()) ?? {};
  const answer = await fetch(`${protocol}//${hostname}:${port}/${Bucket}/${Key}`, {
    method: "OPTIONS",
    headers: { origin: "https://a.example", "access-control-request-method": "GET" },
  });
  if (!answer.ok) throw new Error(await answer.text());
};

const corsRules = [{ AllowedMethods: ["GET"], AllowedOrigins: ["*"] }];
const lifecycle: sdk.BucketLifecycleConfiguration = {
  Rules: [{ ID: "a", Status: "Enabled", Filter: {}, Expiration: { Days: 1 } }],
};
const encryption: sdk.ServerSideEncryptionConfiguration = {
  Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
};
const website = { IndexDocument: { Suffix: "index.html" } };
const TagSet = [{ Key: "team", Value: "red" }];

export const samples = sampleCalls<sdk.S3, Fixture>({
  service: "s3",
  client: (test, credentials) => test.client(sdk.S3, credentials),
  async prepare(test, unique) {
    const s3 = test.client(sdk.S3);
    const Bucket = unique;
    await s3.createBucket({ Bucket });
    await s3.putObject({ Bucket, Key, Body: "sample" });
    await s3.putBucketCors({ Bucket, CORSConfiguration: { CORSRules: corsRules } });
    await s3.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: lifecycle });
    await s3.putBucketWebsite({ Bucket, WebsiteConfiguration: website });
    await s3.putBucketTagging({ Bucket, Tagging: { TagSet } });
    const bucket = `arn:aws:s3:::${Bucket}`;
    const statement = {
      Effect: "Allow",
      Principal: { AWS: "arn:aws:iam::000000000000:root" },
      Action: "s3:GetObject",
      Resource: `${bucket}/nothing`,
    };
    await s3.putBucketPolicy({
      Bucket,
      Policy: JSON.stringify({ Version: "2012-10-17", Statement: statement }),
    });
    const { UploadId = "" } = await s3.createMultipartUpload({ Bucket, Key });
    const { ETag = "" } = await s3.uploadPart({ Bucket, Key, UploadId, PartNumber: 1, Body: "part" });
    return { unique, Bucket, bucket, object: `${bucket}/${Key}`, UploadId, ETag };
  },
  calls: {
    CreateBucket: {
      call: (s3, { unique }) => s3.createBucket({ Bucket: `${unique}-new` }),
      allow: ({ bucket }) => [only("CreateBucket", `${bucket}-new`)],
    },
    DeleteBucket: onBucket("DeleteBucket", (s3, { Bucket }) => s3.deleteBucket({ Bucket }), "BucketNotEmpty"),
    HeadBucket: onBucket("ListBucket", (s3, { Bucket }) => s3.headBucket({ Bucket })),
    ListBuckets: {
      call: (s3) => s3.listBuckets({}),
      allow: () => [only("ListAllMyBuckets", "*")],
    },
    GetBucketLocation: onBucket("GetBucketLocation", (s3, { Bucket }) => s3.getBucketLocation({ Bucket })),

    PutObject: onObject("PutObject", (s3, { Bucket }) => s3.putObject({ Bucket, Key, Body: "new" })),
    GetObject: onObject("GetObject", (s3, { Bucket }) => s3.getObject({ Bucket, Key })),
    HeadObject: onObject("GetObject", (s3, { Bucket }) => s3.headObject({ Bucket, Key })),
    DeleteObject: onObject("DeleteObject", (s3, { Bucket }) => s3.deleteObject({ Bucket, Key })),
    DeleteObjects: {
      call: (s3, { Bucket }) => s3.deleteObjects({ Bucket, Delete: { Objects: [{ Key }] } }),
      allow: ({ object }) => [only("DeleteObject", object)],
      denied: (answer) => (answer as sdk.DeleteObjectsCommandOutput).Errors?.[0]?.Code === "AccessDenied",
    },
    CopyObject: onCopy((s3, { Bucket }) =>
      s3.copyObject({ Bucket, Key: "copy", CopySource: `${Bucket}/${Key}` }),
    ),
    PostObject: onObject("PutObject", form),
    PostedObject: onObject("PutObject", form),
    PreflightRequest: { call: preflight, allow: "anyone" },

    ListObjects: onBucket("ListBucket", (s3, { Bucket }) => s3.listObjects({ Bucket })),
    ListObjectsV2: onBucket("ListBucket", (s3, { Bucket }) => s3.listObjectsV2({ Bucket })),
    ListObjectVersions: onBucket("ListBucketVersions", (s3, { Bucket }) => s3.listObjectVersions({ Bucket })),

    CreateMultipartUpload: onObject("PutObject", (s3, { Bucket }) =>
      s3.createMultipartUpload({ Bucket, Key }),
    ),
    UploadPart: onObject("PutObject", (s3, { Bucket, UploadId }) =>
      s3.uploadPart({ Bucket, Key, UploadId, PartNumber: 2, Body: "two" }),
    ),
    UploadPartCopy: {
      call: (s3, { Bucket, UploadId }) =>
        s3.uploadPartCopy({ Bucket, Key, UploadId, PartNumber: 2, CopySource: `${Bucket}/${Key}` }),
      allow: ({ object }) => [only("GetObject", object), only("PutObject", object)],
    },
    CompleteMultipartUpload: onObject("PutObject", (s3, { Bucket, UploadId, ETag }) =>
      s3.completeMultipartUpload({
        Bucket,
        Key,
        UploadId,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
      }),
    ),
    AbortMultipartUpload: onObject("AbortMultipartUpload", (s3, { Bucket, UploadId }) =>
      s3.abortMultipartUpload({ Bucket, Key, UploadId }),
    ),
    ListParts: onObject("ListMultipartUploadParts", (s3, { Bucket, UploadId }) =>
      s3.listParts({ Bucket, Key, UploadId }),
    ),
    ListMultipartUploads: onBucket("ListBucketMultipartUploads", (s3, { Bucket }) =>
      s3.listMultipartUploads({ Bucket }),
    ),

    GetObjectTagging: onObject("GetObjectTagging", (s3, { Bucket }) => s3.getObjectTagging({ Bucket, Key })),
    PutObjectTagging: onObject("PutObjectTagging", (s3, { Bucket }) =>
      s3.putObjectTagging({ Bucket, Key, Tagging: { TagSet } }),
    ),
    DeleteObjectTagging: onObject("DeleteObjectTagging", (s3, { Bucket }) =>
      s3.deleteObjectTagging({ Bucket, Key }),
    ),
    GetBucketTagging: onBucket("GetBucketTagging", (s3, { Bucket }) => s3.getBucketTagging({ Bucket })),
    PutBucketTagging: onBucket("PutBucketTagging", (s3, { Bucket }) =>
      s3.putBucketTagging({ Bucket, Tagging: { TagSet } }),
    ),
    DeleteBucketTagging: onBucket("PutBucketTagging", (s3, { Bucket }) => s3.deleteBucketTagging({ Bucket })),

    GetBucketVersioning: onBucket("GetBucketVersioning", (s3, { Bucket }) =>
      s3.getBucketVersioning({ Bucket }),
    ),
    PutBucketVersioning: onBucket("PutBucketVersioning", (s3, { Bucket }) =>
      s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Enabled" } }),
    ),

    GetBucketCors: onBucket("GetBucketCORS", (s3, { Bucket }) => s3.getBucketCors({ Bucket })),
    PutBucketCors: onBucket("PutBucketCORS", (s3, { Bucket }) =>
      s3.putBucketCors({ Bucket, CORSConfiguration: { CORSRules: corsRules } }),
    ),
    DeleteBucketCors: onBucket("PutBucketCORS", (s3, { Bucket }) => s3.deleteBucketCors({ Bucket })),
    GetBucketLifecycleConfiguration: onBucket("GetLifecycleConfiguration", (s3, { Bucket }) =>
      s3.getBucketLifecycleConfiguration({ Bucket }),
    ),
    PutBucketLifecycleConfiguration: onBucket("PutLifecycleConfiguration", (s3, { Bucket }) =>
      s3.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: lifecycle }),
    ),
    DeleteBucketLifecycle: onBucket("PutLifecycleConfiguration", (s3, { Bucket }) =>
      s3.deleteBucketLifecycle({ Bucket }),
    ),
    GetBucketEncryption: onBucket("GetEncryptionConfiguration", (s3, { Bucket }) =>
      s3.getBucketEncryption({ Bucket }),
    ),
    PutBucketEncryption: onBucket("PutEncryptionConfiguration", (s3, { Bucket }) =>
      s3.putBucketEncryption({ Bucket, ServerSideEncryptionConfiguration: encryption }),
    ),
    DeleteBucketEncryption: onBucket("PutEncryptionConfiguration", (s3, { Bucket }) =>
      s3.deleteBucketEncryption({ Bucket }),
    ),
    GetBucketWebsite: onBucket("GetBucketWebsite", (s3, { Bucket }) => s3.getBucketWebsite({ Bucket })),
    PutBucketWebsite: onBucket("PutBucketWebsite", (s3, { Bucket }) =>
      s3.putBucketWebsite({ Bucket, WebsiteConfiguration: website }),
    ),
    DeleteBucketWebsite: onBucket("DeleteBucketWebsite", (s3, { Bucket }) =>
      s3.deleteBucketWebsite({ Bucket }),
    ),
    GetBucketOwnershipControls: onBucket("GetBucketOwnershipControls", (s3, { Bucket }) =>
      s3.getBucketOwnershipControls({ Bucket }),
    ),
    PutBucketOwnershipControls: onBucket("PutBucketOwnershipControls", (s3, { Bucket }) =>
      s3.putBucketOwnershipControls({
        Bucket,
        OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
      }),
    ),
    DeleteBucketOwnershipControls: onBucket("PutBucketOwnershipControls", (s3, { Bucket }) =>
      s3.deleteBucketOwnershipControls({ Bucket }),
    ),
    GetPublicAccessBlock: onBucket("GetBucketPublicAccessBlock", (s3, { Bucket }) =>
      s3.getPublicAccessBlock({ Bucket }),
    ),
    PutPublicAccessBlock: onBucket("PutBucketPublicAccessBlock", (s3, { Bucket }) =>
      s3.putPublicAccessBlock({ Bucket, PublicAccessBlockConfiguration: { BlockPublicAcls: true } }),
    ),
    DeletePublicAccessBlock: onBucket("PutBucketPublicAccessBlock", (s3, { Bucket }) =>
      s3.deletePublicAccessBlock({ Bucket }),
    ),
    GetBucketLogging: onBucket("GetBucketLogging", (s3, { Bucket }) => s3.getBucketLogging({ Bucket })),
    PutBucketLogging: onBucket("PutBucketLogging", (s3, { Bucket }) =>
      s3.putBucketLogging({ Bucket, BucketLoggingStatus: {} }),
    ),
    GetBucketAccelerateConfiguration: onBucket("GetAccelerateConfiguration", (s3, { Bucket }) =>
      s3.getBucketAccelerateConfiguration({ Bucket }),
    ),
    PutBucketAccelerateConfiguration: onBucket("PutAccelerateConfiguration", (s3, { Bucket }) =>
      s3.putBucketAccelerateConfiguration({ Bucket, AccelerateConfiguration: { Status: "Suspended" } }),
    ),
    GetBucketRequestPayment: onBucket("GetBucketRequestPayment", (s3, { Bucket }) =>
      s3.getBucketRequestPayment({ Bucket }),
    ),
    PutBucketRequestPayment: onBucket("PutBucketRequestPayment", (s3, { Bucket }) =>
      s3.putBucketRequestPayment({ Bucket, RequestPaymentConfiguration: { Payer: "BucketOwner" } }),
    ),

    GetBucketPolicy: onBucket("GetBucketPolicy", (s3, { Bucket }) => s3.getBucketPolicy({ Bucket })),
    PutBucketPolicy: onBucket("PutBucketPolicy", (s3, { Bucket }) =>
      s3.putBucketPolicy({ Bucket, Policy: '{"Version":"2012-10-17","Statement":[]}' }),
    ),
    DeleteBucketPolicy: onBucket("DeleteBucketPolicy", (s3, { Bucket }) => s3.deleteBucketPolicy({ Bucket })),
    GetBucketPolicyStatus: onBucket("GetBucketPolicyStatus", (s3, { Bucket }) =>
      s3.getBucketPolicyStatus({ Bucket }),
    ),

    GetBucketAcl: onBucket("GetBucketAcl", (s3, { Bucket }) => s3.getBucketAcl({ Bucket })),
    PutBucketAcl: onBucket("PutBucketAcl", (s3, { Bucket }) => s3.putBucketAcl({ Bucket, ACL: "private" })),
    GetObjectAcl: onObject("GetObjectAcl", (s3, { Bucket }) => s3.getObjectAcl({ Bucket, Key })),
    PutObjectAcl: onObject("PutObjectAcl", (s3, { Bucket }) =>
      s3.putObjectAcl({ Bucket, Key, ACL: "bucket-owner-full-control" }),
    ),

    GetBucketReplication: onBucket(
      "GetReplicationConfiguration",
      (s3, { Bucket }) => s3.getBucketReplication({ Bucket }),
      "ReplicationConfigurationNotFoundError",
    ),
    GetObjectLockConfiguration: onBucket(
      "GetBucketObjectLockConfiguration",
      (s3, { Bucket }) => s3.getObjectLockConfiguration({ Bucket }),
      "ObjectLockConfigurationNotFoundError",
    ),
    GetObjectLegalHold: onObject(
      "GetObjectLegalHold",
      (s3, { Bucket }) => s3.getObjectLegalHold({ Bucket, Key }),
      "InvalidRequest",
    ),
    GetObjectRetention: onObject(
      "GetObjectRetention",
      (s3, { Bucket }) => s3.getObjectRetention({ Bucket, Key }),
      "InvalidRequest",
    ),

    GetBucketNotificationConfiguration: onBucket("GetBucketNotification", (s3, { Bucket }) =>
      s3.getBucketNotificationConfiguration({ Bucket }),
    ),
    PutBucketNotificationConfiguration: onBucket("PutBucketNotification", (s3, { Bucket }) =>
      s3.putBucketNotificationConfiguration({ Bucket, NotificationConfiguration: {} }),
    ),
  },
});
