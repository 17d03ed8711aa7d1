import * as sdk from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestCloud, type TestCloud } from "../testing.ts";
import { newBucket, put, read } from "./testing.ts";

let cloud: TestCloud;
let s3: sdk.S3;
beforeAll(async () => {
  cloud = await startTestCloud();
  s3 = cloud.client(sdk.S3);
});
afterAll(() => cloud[Symbol.asyncDispose]());

describe("a new bucket", () => {
  test.each([
    ["getBucketCors", "NoSuchCORSConfiguration"],
    ["getBucketLifecycleConfiguration", "NoSuchLifecycleConfiguration"],
    ["getBucketPolicy", "NoSuchBucketPolicy"],
    ["getBucketPolicyStatus", "NoSuchBucketPolicy"],
    ["getBucketReplication", "ReplicationConfigurationNotFoundError"],
    ["getBucketTagging", "NoSuchTagSet"],
    ["getBucketWebsite", "NoSuchWebsiteConfiguration"],
    ["getObjectLockConfiguration", "ObjectLockConfigurationNotFoundError"],
  ] as const)("%s answers %s", async (operation, name) => {
    const Bucket = await newBucket(s3);
    await expect(s3[operation]({ Bucket })).rejects.toMatchObject({ name });
  });

  test.each([
    ["getBucketVersioning", {}],
    ["getBucketLogging", {}],
    ["getBucketAccelerateConfiguration", {}],
    ["getBucketNotificationConfiguration", {}],
    ["getBucketRequestPayment", { Payer: "BucketOwner" }],
    [
      "getBucketEncryption",
      {
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
        },
      },
    ],
    [
      "getBucketOwnershipControls",
      { OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] } },
    ],
    ["getBucketAcl", { Grants: [{ Permission: "FULL_CONTROL", Grantee: { Type: "CanonicalUser" } }] }],
    [
      "getPublicAccessBlock",
      {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          IgnorePublicAcls: true,
          BlockPublicPolicy: true,
          RestrictPublicBuckets: true,
        },
      },
    ],
  ] as const)("%s answers its default", async (operation, expected) => {
    const Bucket = await newBucket(s3);
    const { $metadata: _, ...answer } = await s3[operation]({ Bucket });
    expect(answer).toMatchObject(expected);
    if (Object.keys(expected).length === 0) expect(answer).toEqual({});
  });
});

describe("a setting", () => {
  test("is kept through a restart and given back, then deleted", async () => {
    await using own = await startTestCloud();
    const client = () => own.client(sdk.S3);
    const Bucket = await newBucket(client());
    const cors = {
      AllowedMethods: ["GET", "PUT"],
      AllowedOrigins: ["https://a.example", "*"],
      MaxAgeSeconds: 60,
    };
    const lifecycle = {
      ID: "x",
      Status: "Enabled",
      Filter: { Prefix: "a" },
      Expiration: { Days: 1 },
    } as const;
    await client().putBucketCors({ Bucket, CORSConfiguration: { CORSRules: [cors] } });
    await client().putBucketLifecycleConfiguration({
      Bucket,
      LifecycleConfiguration: { Rules: [lifecycle] },
    });
    await client().putBucketWebsite({
      Bucket,
      WebsiteConfiguration: { IndexDocument: { Suffix: "i.html" } },
    });
    await client()
      .putBucketTagging({ Bucket, Tagging: { TagSet: [{ Key: "a", Value: "<b>" }] } })
      .catch(() => {});
    await client().putBucketTagging({ Bucket, Tagging: { TagSet: [{ Key: "a", Value: "b" }] } });
    await client().putPublicAccessBlock({
      Bucket,
      PublicAccessBlockConfiguration: { BlockPublicAcls: true },
    });
    await own.restart();
    expect((await client().getBucketCors({ Bucket })).CORSRules).toEqual([cors]);
    expect((await client().getBucketLifecycleConfiguration({ Bucket })).Rules).toEqual([lifecycle]);
    expect((await client().getBucketWebsite({ Bucket })).IndexDocument).toEqual({ Suffix: "i.html" });
    expect((await client().getBucketTagging({ Bucket })).TagSet).toEqual([{ Key: "a", Value: "b" }]);
    expect((await client().getPublicAccessBlock({ Bucket })).PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: false,
      IgnorePublicAcls: false,
      RestrictPublicBuckets: false,
    });
    await client().deleteBucketCors({ Bucket });
    await client().deletePublicAccessBlock({ Bucket });
    await expect(client().getBucketCors({ Bucket })).rejects.toMatchObject({
      name: "NoSuchCORSConfiguration",
    });
    await expect(client().getPublicAccessBlock({ Bucket })).rejects.toMatchObject({
      name: "NoSuchPublicAccessBlockConfiguration",
    });
  });

  test("of every kind is given back as it was put", async () => {
    await using own = await startTestCloud();
    const client = () => own.client(sdk.S3);
    const Bucket = await newBucket(client());
    const Rules: sdk.LifecycleRule[] = [
      {
        ID: "all of it",
        Status: "Enabled",
        Filter: {
          And: {
            Prefix: "logs/",
            Tags: [
              { Key: "a", Value: "1" },
              { Key: "b", Value: "<2>" },
            ],
            ObjectSizeGreaterThan: 10,
            ObjectSizeLessThan: 1000,
          },
        },
        Transitions: [
          { Days: 30, StorageClass: "STANDARD_IA" },
          { Days: 90, StorageClass: "GLACIER" },
        ],
        Expiration: { Days: 365 },
        NoncurrentVersionTransitions: [
          { NoncurrentDays: 30, StorageClass: "STANDARD_IA", NewerNoncurrentVersions: 2 },
        ],
        NoncurrentVersionExpiration: { NoncurrentDays: 60, NewerNoncurrentVersions: 3 },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      },
      {
        ID: "markers",
        Status: "Disabled",
        Filter: { Prefix: "" },
        Expiration: { ExpiredObjectDeleteMarker: true },
      },
      {
        ID: "on a day",
        Status: "Enabled",
        Filter: { Tag: { Key: "a", Value: "b" } },
        Expiration: { Date: new Date("2030-01-01T00:00:00Z") },
      },
    ];
    const CORSRules = [
      {
        ID: "one",
        AllowedHeaders: ["*"],
        AllowedMethods: ["PUT"],
        AllowedOrigins: ["https://*.example"],
        ExposeHeaders: ["ETag", "x-amz-meta-a"],
        MaxAgeSeconds: 5,
      },
      { AllowedMethods: ["GET"], AllowedOrigins: ["*"] },
    ];
    const WebsiteConfiguration: sdk.WebsiteConfiguration = {
      IndexDocument: { Suffix: "index.html" },
      ErrorDocument: { Key: "error.html" },
      RoutingRules: [
        { Condition: { KeyPrefixEquals: "docs/" }, Redirect: { ReplaceKeyPrefixWith: "documents/" } },
      ],
    };
    const OwnershipControls: sdk.OwnershipControls = { Rules: [{ ObjectOwnership: "BucketOwnerPreferred" }] };
    const ServerSideEncryptionConfiguration: sdk.ServerSideEncryptionConfiguration = {
      Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" }, BucketKeyEnabled: true }],
    };
    const TagSet = [{ Key: "team", Value: "ä + b" }];
    await client().putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: { Rules } });
    await client().putBucketCors({ Bucket, CORSConfiguration: { CORSRules } });
    await client().putBucketWebsite({ Bucket, WebsiteConfiguration });
    await client().putBucketOwnershipControls({ Bucket, OwnershipControls });
    await client().putBucketEncryption({ Bucket, ServerSideEncryptionConfiguration });
    await client().putBucketTagging({ Bucket, Tagging: { TagSet } });
    await client().putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Suspended" } });
    await client().putBucketAccelerateConfiguration({
      Bucket,
      AccelerateConfiguration: { Status: "Suspended" },
    });
    await client().putBucketRequestPayment({
      Bucket,
      RequestPaymentConfiguration: { Payer: "BucketOwner" },
    });
    await own.restart();
    expect((await client().getBucketLifecycleConfiguration({ Bucket })).Rules).toEqual(Rules);
    expect((await client().getBucketCors({ Bucket })).CORSRules).toEqual(CORSRules);
    expect(await client().getBucketWebsite({ Bucket })).toMatchObject(WebsiteConfiguration);
    expect(await client().getBucketOwnershipControls({ Bucket })).toMatchObject({ OwnershipControls });
    expect(await client().getBucketEncryption({ Bucket })).toMatchObject({
      ServerSideEncryptionConfiguration,
    });
    expect((await client().getBucketTagging({ Bucket })).TagSet).toEqual(TagSet);
    expect((await client().getBucketVersioning({ Bucket })).Status).toBe("Suspended");
    expect((await client().getBucketAccelerateConfiguration({ Bucket })).Status).toBe("Suspended");
    expect((await client().getBucketRequestPayment({ Bucket })).Payer).toBe("BucketOwner");
    await client().deleteBucketLifecycle({ Bucket });
    await client().deleteBucketWebsite({ Bucket });
    await client().deleteBucketOwnershipControls({ Bucket });
    await client().deleteBucketEncryption({ Bucket });
    await client().deleteBucketTagging({ Bucket });
    const gone = [
      client().getBucketLifecycleConfiguration({ Bucket }),
      client().getBucketWebsite({ Bucket }),
      client().getBucketOwnershipControls({ Bucket }),
      client().getBucketTagging({ Bucket }),
    ];
    const answers = await Promise.allSettled(gone);
    expect(answers.map((answer) => answer.status === "rejected" && answer.reason.name)).toEqual([
      "NoSuchLifecycleConfiguration",
      "NoSuchWebsiteConfiguration",
      "OwnershipControlsNotFoundError",
      "NoSuchTagSet",
    ]);
  });

  test("that makes no sense, or would not be kept, is refused", async () => {
    const Bucket = await newBucket(s3);
    await expect(
      s3.putBucketCors({
        Bucket,
        CORSConfiguration: { CORSRules: [{ AllowedMethods: ["FETCH"], AllowedOrigins: ["*"] }] },
      }),
    ).rejects.toMatchObject({ name: "InvalidRequest" });
    await expect(
      s3.putBucketEncryption({
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256", KMSMasterKeyID: "k" } }],
        },
      }),
    ).rejects.toMatchObject({ name: "InvalidArgument" });
    await expect(s3.putBucketAcl({ Bucket, ACL: "public-read" })).rejects.toMatchObject({
      name: "AccessControlListNotSupported",
    });
    await s3.putBucketAcl({ Bucket, ACL: "private" });
    await put(s3, Bucket, "k", "body");
    for (const call of [
      () => s3.putObjectRetention({ Bucket, Key: "k", Retention: { Mode: "GOVERNANCE" } }),
      () => s3.restoreObject({ Bucket, Key: "k", RestoreRequest: { Days: 1 } }),
      () => s3.getObjectTorrent({ Bucket, Key: "k" }),
    ]) {
      await expect(call()).rejects.toMatchObject({ name: "NotImplemented" });
    }
    expect(await read(s3, Bucket, "k")).toBe("body");
  });
});

describe("a bucket policy", () => {
  const publicRead = (Bucket: string) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: `arn:aws:s3:::${Bucket}/*` },
      ],
    });
  const opened = {
    BlockPublicAcls: false,
    BlockPublicPolicy: false,
    IgnorePublicAcls: false,
    RestrictPublicBuckets: false,
  };

  test("that opens a bucket needs its public access block to be lifted, and ends with it", async () => {
    const Bucket = await newBucket(s3);
    await put(s3, Bucket, "k", "public");
    const url = `${cloud.cloud.endpoint}/${Bucket}/k`;
    const Policy = publicRead(Bucket);
    await expect(s3.putBucketPolicy({ Bucket, Policy })).rejects.toMatchObject({ name: "AccessDenied" });
    await s3.putPublicAccessBlock({ Bucket, PublicAccessBlockConfiguration: opened });
    expect((await fetch(url)).status).toBe(403);
    await s3.putBucketPolicy({ Bucket, Policy });
    expect((await s3.getBucketPolicy({ Bucket })).Policy).toBe(Policy);
    expect((await s3.getBucketPolicyStatus({ Bucket })).PolicyStatus?.IsPublic).toBe(true);
    expect(await (await fetch(url)).text()).toBe("public");
    expect((await fetch(url, { method: "PUT", body: "mine" })).status).toBe(403);
    const restricted = { ...opened, RestrictPublicBuckets: true };
    await s3.putPublicAccessBlock({ Bucket, PublicAccessBlockConfiguration: restricted });
    expect((await fetch(url)).status).toBe(403);
    const role = cloud.client(sdk.S3, await cloud.roleWith([]));
    expect(await read(role, Bucket, "k")).toBe("public");
    await s3.deleteBucketPolicy({ Bucket });
    await expect(read(role, Bucket, "k")).rejects.toMatchObject({ name: "AccessDenied" });
  });

  test.each([
    ["no JSON", "{", "MalformedPolicy"],
    [
      "another bucket",
      '{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::other/*"}}',
      "MalformedPolicy",
    ],
    [
      "another service",
      '{"Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}}',
      "MalformedPolicy",
    ],
    ["nobody", '{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}', "MalformedPolicy"],
  ])("about %s is refused", async (_what, Policy, name) => {
    const Bucket = await newBucket(s3);
    await expect(s3.putBucketPolicy({ Bucket, Policy })).rejects.toMatchObject({ name });
  });

  test("denies what an identity policy allows", async () => {
    const Bucket = await newBucket(s3);
    await put(s3, Bucket, "secret/k", "x");
    const Policy = JSON.stringify({
      Statement: [
        {
          Effect: "Deny",
          Principal: "*",
          Action: "s3:GetObject",
          Resource: `arn:aws:s3:::${Bucket}/secret/*`,
        },
      ],
    });
    await s3.putBucketPolicy({ Bucket, Policy });
    const role = cloud.client(
      sdk.S3,
      await cloud.roleWith([{ Effect: "Allow", Action: "s3:*", Resource: "*" }]),
    );
    await expect(read(role, Bucket, "secret/k")).rejects.toMatchObject({ name: "AccessDenied" });
  });
});

describe("conditions of IAM", () => {
  test("see prefixes, tags and versions", async () => {
    const Bucket = await newBucket(s3);
    await put(s3, Bucket, "open", "x", { Tagging: "team=red" });
    await put(s3, Bucket, "closed", "x", { Tagging: "team=blue" });
    const role = cloud.client(
      sdk.S3,
      await cloud.roleWith([
        {
          Effect: "Allow",
          Action: "s3:ListBucket",
          Resource: "*",
          Condition: { StringLike: { "s3:prefix": "home/*" } },
        },
        {
          Effect: "Allow",
          Action: "s3:GetObject",
          Resource: "*",
          Condition: { StringEquals: { "s3:ExistingObjectTag/team": "red" } },
        },
        {
          Effect: "Allow",
          Action: ["s3:PutObject", "s3:PutObjectTagging"],
          Resource: "*",
          Condition: { StringEquals: { "s3:RequestObjectTag/team": "red" } },
        },
      ]),
    );
    const denied = { name: "AccessDenied" };
    await role.listObjectsV2({ Bucket, Prefix: "home/a" });
    await expect(role.listObjectsV2({ Bucket })).rejects.toMatchObject(denied);
    expect(await read(role, Bucket, "open")).toBe("x");
    await expect(read(role, Bucket, "closed")).rejects.toMatchObject(denied);
    await put(role, Bucket, "new", "x", { Tagging: "team=red" });
    await expect(put(role, Bucket, "new", "x", { Tagging: "team=blue" })).rejects.toMatchObject(denied);
    await expect(put(role, Bucket, "new", "x")).rejects.toMatchObject(denied);
  });
});
