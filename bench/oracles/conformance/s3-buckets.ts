import assert from "node:assert/strict";
import type { Check, Cloud } from "./check.ts";

/** A setting of a bucket comes back as it was put. */
function setting(
  name: string,
  put: (cloud: Cloud, Bucket: string) => Promise<unknown>,
  get: (cloud: Cloud, Bucket: string) => Promise<unknown>,
  expected: unknown,
): Check {
  return {
    name,
    async run(cloud) {
      const Bucket = await cloud.bucket();
      await put(cloud, Bucket);
      assert.deepEqual(await get(cloud, Bucket), expected);
    },
  };
}

const publicRead = (Bucket: string) => ({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: `arn:aws:s3:::${Bucket}/public/*` },
  ],
});
const tags = [{ Key: "a", Value: "b" }];

export const bucketChecks: readonly Check[] = [
  {
    name: "a bucket is created",
    async run({ s3, name }) {
      const Bucket = name("bucket");
      await s3.createBucket({ Bucket });
      const { Buckets = [] } = await s3.listBuckets();
      assert.ok(Buckets.some(({ Name }) => Name === Bucket));
    },
  },
  {
    name: "a bucket answers HEAD",
    async run({ s3, bucket }) {
      assert.equal((await s3.headBucket({ Bucket: await bucket() })).$metadata.httpStatusCode, 200);
    },
  },
  {
    name: "a bucket's location is its location, not a list",
    async run({ s3, bucket }) {
      const { $metadata, ...answer } = await s3.getBucketLocation({ Bucket: await bucket() });
      assert.deepEqual(answer.LocationConstraint ?? "us-east-1", "us-east-1");
      assert.ok(!("Contents" in answer));
    },
  },
  setting(
    "versioning",
    ({ s3 }, Bucket) => s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Enabled" } }),
    async ({ s3 }, Bucket) => (await s3.getBucketVersioning({ Bucket })).Status,
    "Enabled",
  ),
  setting(
    "CORS",
    ({ s3 }, Bucket) =>
      s3.putBucketCors({
        Bucket,
        CORSConfiguration: {
          CORSRules: [{ AllowedMethods: ["GET"], AllowedOrigins: ["https://a.example"] }],
        },
      }),
    async ({ s3 }, Bucket) =>
      (await s3.getBucketCors({ Bucket })).CORSRules?.map((rule) => rule.AllowedOrigins),
    [["https://a.example"]],
  ),
  {
    name: "a bucket policy",
    async run({ s3, bucket }) {
      const Bucket = await bucket();
      // A new bucket blocks public policies since 2023.
      await s3.deletePublicAccessBlock({ Bucket });
      await s3.putBucketPolicy({ Bucket, Policy: JSON.stringify(publicRead(Bucket)) });
      const { Policy = "{}" } = await s3.getBucketPolicy({ Bucket });
      assert.deepEqual(JSON.parse(Policy), publicRead(Bucket));
    },
  },
  setting(
    "encryption",
    ({ s3 }, Bucket) =>
      s3.putBucketEncryption({
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
        },
      }),
    async ({ s3 }, Bucket) => {
      const { ServerSideEncryptionConfiguration } = await s3.getBucketEncryption({ Bucket });
      return ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm;
    },
    "AES256",
  ),
  setting(
    "a website",
    ({ s3 }, Bucket) =>
      s3.putBucketWebsite({ Bucket, WebsiteConfiguration: { IndexDocument: { Suffix: "index.html" } } }),
    async ({ s3 }, Bucket) => (await s3.getBucketWebsite({ Bucket })).IndexDocument?.Suffix,
    "index.html",
  ),
  setting(
    "tags of a bucket",
    ({ s3 }, Bucket) => s3.putBucketTagging({ Bucket, Tagging: { TagSet: tags } }),
    async ({ s3 }, Bucket) => (await s3.getBucketTagging({ Bucket })).TagSet,
    tags,
  ),
  setting(
    "the public access block",
    ({ s3 }, Bucket) =>
      s3.putPublicAccessBlock({ Bucket, PublicAccessBlockConfiguration: { BlockPublicAcls: true } }),
    async ({ s3 }, Bucket) =>
      (await s3.getPublicAccessBlock({ Bucket })).PublicAccessBlockConfiguration?.BlockPublicAcls,
    true,
  ),
  setting(
    "a lifecycle",
    ({ s3 }, Bucket) =>
      s3.putBucketLifecycleConfiguration({
        Bucket,
        LifecycleConfiguration: {
          Rules: [{ ID: "old", Status: "Enabled", Filter: { Prefix: "logs/" }, Expiration: { Days: 1 } }],
        },
      }),
    async ({ s3 }, Bucket) =>
      (await s3.getBucketLifecycleConfiguration({ Bucket })).Rules?.map(({ ID, Expiration }) => [
        ID,
        Expiration?.Days,
      ]),
    [["old", 1]],
  ),
  {
    name: "a put tells a queue",
    async run(cloud) {
      const Bucket = await cloud.bucket();
      const queue = await cloud.queueFor("s3");
      await cloud.s3.putBucketNotificationConfiguration({
        Bucket,
        NotificationConfiguration: {
          QueueConfigurations: [{ QueueArn: queue.arn, Events: ["s3:ObjectCreated:*"] }],
        },
      });
      await cloud.s3.putObject({ Bucket, Key: "told", Body: "x" });
      const bodies: string[] = [];
      // The first message may be the test event that S3 sends when it is configured.
      for (let tries = 0; tries < 3 && !bodies.some((body) => body.includes("told")); tries++) {
        bodies.push(...(await cloud.take(queue, 2)));
      }
      assert.ok(bodies.some((body) => body.includes("told")));
    },
  },
];
