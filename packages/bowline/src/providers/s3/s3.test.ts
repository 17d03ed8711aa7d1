import {
  GetBucketCorsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../testing.ts";

let aws: LocalAws;
let s3: S3Client;
beforeAll(async () => {
  aws = await startLocalAws();
  s3 = aws.client(S3Client);
});
afterAll(() => aws?.[Symbol.asyncDispose]());

describe("a bucket", () => {
  test("gets a lower-case name of its own, and the outputs of @pulumi/aws", async () => {
    const bucket = aws.resource("aws:s3/bucket:Bucket", "Up_Loads");
    const preview = await bucket.preview({ tags: { team: "a" } });
    expect(await bucket.up({ tags: { team: "a" } })).toBe("create");
    expect(bucket.id).toMatch(/^shop-test-up-loads-[0-9a-f]{7}$/);
    expect(bucket.outputs).toMatchObject({
      bucket: bucket.id,
      arn: `arn:aws:s3:::${bucket.id}`,
      bucketDomainName: `${bucket.id}.s3.amazonaws.com`,
      bucketRegionalDomainName: `${bucket.id}.s3.us-east-1.amazonaws.com`,
      hostedZoneId: "Z3AQBSTGFJSTF",
      region: "us-east-1",
      forceDestroy: false,
      tagsAll: { team: "a" },
    });
    expect(preview).toMatchObject({ bucket: bucket.id, arn: bucket.outputs.arn });
    const { TagSet } = await s3.send(new GetBucketTaggingCommand({ Bucket: bucket.id }));
    expect(TagSet).toEqual([{ Key: "team", Value: "a" }]);
    expect(await bucket.up({ tags: { team: "a" } })).toBe("same");
  });

  test("keeps what hangs on it in step with its inputs", async () => {
    const bucket = aws.resource("aws:s3/bucket:Bucket", "Inline");
    await bucket.up({
      versioning: { enabled: true },
      corsRules: [{ allowedMethods: ["GET", "PUT"], allowedOrigins: ["*"], maxAgeSeconds: 60 }],
    });
    const Bucket = bucket.id;
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe("Enabled");
    expect((await s3.send(new GetBucketCorsCommand({ Bucket }))).CORSRules).toMatchObject([
      { AllowedMethods: ["GET", "PUT"], AllowedOrigins: ["*"], MaxAgeSeconds: 60 },
    ]);
    expect(await bucket.up({ tags: { a: "b+c @1" } })).toBe("update");
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe("Suspended");
    await expect(s3.send(new GetBucketCorsCommand({ Bucket }))).rejects.toThrow();
    expect((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual([
      { Key: "a", Value: "b+c @1" },
    ]);
    expect(await bucket.up({})).toBe("update");
    await expect(s3.send(new GetBucketTaggingCommand({ Bucket }))).rejects.toThrow();
  });

  test("that holds objects is deleted only with forceDestroy", async () => {
    const bucket = aws.resource("aws:s3/bucket:Bucket", "Full");
    await bucket.up({ versioning: { enabled: true } });
    for (const Key of ["a", "b/c d+e&f.txt", "a"])
      await s3.send(new PutObjectCommand({ Bucket: bucket.id, Key, Body: "x" }));
    await expect(bucket.delete()).rejects.toThrow(`The bucket ${bucket.id} still holds objects`);
    await bucket.up({ versioning: { enabled: true }, forceDestroy: true });
    await bucket.delete();
    expect(await bucket.refresh()).toBe(false);
    await bucket.delete();
  });

  test("that a crash left behind is taken up again", async () => {
    const bucket = aws.resource("aws:s3/bucket:Bucket", "Crashed");
    await bucket.up({});
    await bucket.createAgain({ versioning: { enabled: true } });
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket: bucket.id }))).Status).toBe("Enabled");
  });

  test("is replaced when its name changes", async () => {
    const bucket = aws.resource("aws:s3/bucket:Bucket", "Renamed");
    await bucket.up({ bucket: "first-name" });
    expect(await bucket.up({ bucket: "second-name" })).toBe("replace");
    await expect(s3.send(new HeadBucketCommand({ Bucket: "first-name" }))).rejects.toThrow();
    await s3.send(new HeadBucketCommand({ Bucket: "second-name" }));
  });

  test("says which inputs mean nothing here", async () => {
    const bucket = aws.resource("aws:s3/bucket:Bucket", "Accelerated");
    await bucket.up({ accelerationStatus: "Enabled" });
    expect(bucket.warnings).toEqual(["Accelerated: accelerationStatus has no effect on the local cloud."]);
  });

  test("of the deprecated class is the same bucket", async () => {
    const bucket = aws.resource("aws:s3/bucketV2:BucketV2", "Old");
    await bucket.up({ versionings: [{ enabled: true }] });
    expect(bucket.outputs).toMatchObject({
      arn: `arn:aws:s3:::${bucket.id}`,
      versionings: [{ enabled: true }],
    });
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket: bucket.id }))).Status).toBe("Enabled");
    expect(await bucket.up({ versionings: [{ enabled: false }] })).toBe("update");
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket: bucket.id }))).Status).toBe("Suspended");
  });
});

describe("a resource that sets one thing on a bucket", () => {
  const policy = (bucket: string, Action: string) => ({
    Version: "2012-10-17",
    Statement: [{ Effect: "Deny", Principal: { AWS: "*" }, Action, Resource: `arn:aws:s3:::${bucket}/*` }],
  });

  test.each([
    [
      "aws:s3/bucketVersioning:BucketVersioning",
      { versioningConfiguration: { status: "Enabled" } },
      { versioningConfiguration: { status: "Suspended" } },
    ],
    [
      "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
      { corsRules: [{ allowedMethods: ["GET"], allowedOrigins: ["*"] }] },
      { corsRules: [{ id: "a", allowedMethods: ["PUT"], allowedOrigins: ["*"], allowedHeaders: ["*"] }] },
    ],
    [
      "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
      { blockPublicAcls: true },
      { blockPublicPolicy: true },
    ],
    [
      "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
      { rule: { objectOwnership: "BucketOwnerEnforced" } },
      { rule: { objectOwnership: "BucketOwnerPreferred" } },
    ],
    [
      "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
      { rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
      { rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" }, bucketKeyEnabled: true }] },
    ],
    [
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
      { rules: [{ id: "old", status: "Enabled", filter: { prefix: "tmp/" }, expiration: { days: 1 } }] },
      {
        rules: [
          {
            id: "old",
            status: "Enabled",
            filter: { and: { prefix: "tmp/", tags: { keep: "no" } } },
            noncurrentVersionExpiration: { noncurrentDays: 3 },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
          },
        ],
      },
    ],
  ])("%s is put, changed and removed", async (type, first, second) => {
    const bucket = aws.resource("aws:s3/bucket:Bucket", `B${type.split(":").at(-1)}`);
    await bucket.up({});
    const setting = aws.resource(type);
    expect(await setting.up({ bucket: bucket.id, ...first })).toBe("create");
    expect(setting.id).toBe(bucket.id);
    expect(await setting.up({ bucket: bucket.id, ...first })).toBe("same");
    expect(await setting.up({ bucket: bucket.id, ...second })).toBe("update");
    expect(await setting.refresh()).toBe(true);
    await setting.delete();
    await bucket.delete();
    expect(await setting.refresh()).toBe(false);
    await setting.delete();
  });

  test("a bucket policy", async () => {
    const bucket = aws.resource("aws:s3/bucket:Bucket", "Guarded");
    await bucket.up({});
    const setting = aws.resource("aws:s3/bucketPolicy:BucketPolicy");
    await setting.up({ bucket: bucket.id, policy: policy(bucket.id, "s3:DeleteObject") });
    expect(await setting.up({ bucket: bucket.id, policy: policy(bucket.id, "s3:PutObject") })).toBe("update");
    const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket: bucket.id }));
    expect(JSON.parse(Policy ?? "")).toEqual(policy(bucket.id, "s3:PutObject"));
    await setting.delete();
    expect(await setting.refresh()).toBe(false);
    await setting.delete();
  });

  test("the public access block says all four", async () => {
    const bucket = aws.resource("aws:s3/bucket:Bucket", "Private");
    await bucket.up({});
    await aws
      .resource("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
      .up({ bucket: bucket.id, blockPublicAcls: true });
    const found = await s3.send(new GetPublicAccessBlockCommand({ Bucket: bucket.id }));
    expect(found.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      IgnorePublicAcls: false,
      BlockPublicPolicy: false,
      RestrictPublicBuckets: false,
    });
  });
});
