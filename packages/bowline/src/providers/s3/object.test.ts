import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../testing.ts";

let aws: LocalAws;
let s3: S3Client;
let Bucket: string;
beforeAll(async () => {
  aws = await startLocalAws();
  s3 = aws.client(S3Client);
  const bucket = aws.resource("aws:s3/bucket:Bucket", "Objects");
  await bucket.up({ versioning: { enabled: true } });
  Bucket = bucket.id;
});
afterAll(() => aws?.[Symbol.asyncDispose]());

const textOf = async (Key: string) =>
  (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
const textAsset = (text: string) => ({
  "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17",
  text,
  hash: text,
});

test("an object is put with all it carries, changed, and deleted with its versions", async () => {
  const object = aws.resource("aws:s3/bucketObjectv2:BucketObjectv2");
  const inputs = {
    bucket: Bucket,
    key: "a folder/käse+1.json",
    content: "{}",
    contentType: "application/json",
    cacheControl: "no-store",
    metadata: { one: "1" },
    tags: { team: "a" },
  };
  const Key = inputs.key;
  expect(await object.up(inputs)).toBe("create");
  expect(object.outputs).toMatchObject({
    arn: `arn:aws:s3:::${Bucket}/${Key}`,
    etag: "99914b932bd37a50b983c5e7c90ae93b",
  });
  expect(object.outputs.versionId).not.toBe("");
  expect(await s3.send(new HeadObjectCommand({ Bucket, Key }))).toMatchObject({
    ContentType: "application/json",
    CacheControl: "no-store",
    Metadata: { one: "1" },
  });
  expect((await s3.send(new GetObjectTaggingCommand({ Bucket, Key }))).TagSet).toEqual([
    { Key: "team", Value: "a" },
  ]);
  expect(await object.up({ ...inputs, content: '{"a":1}' })).toBe("update");
  expect(await textOf(Key)).toBe('{"a":1}');
  await s3.send(new PutObjectCommand({ Bucket, Key: `${Key}.bak`, Body: "not ours" }));
  await object.delete();
  expect(await object.refresh()).toBe(false);
  const { Versions, DeleteMarkers } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }));
  expect(Versions?.map((version) => version.Key)).toEqual([`${Key}.bak`]);
  expect(DeleteMarkers).toBeUndefined();
});

test.each(["aws:s3/bucketObject:BucketObject", "aws:s3/bucketObjectv2:BucketObjectv2"])(
  "%s takes an asset as it is",
  async (type) => {
    const object = aws.resource(type, "Asset");
    await object.up({ bucket: Bucket, key: "from-asset", source: textAsset("hello") });
    expect(await textOf("from-asset")).toBe("hello");
    expect(await object.up({ bucket: Bucket, key: "from-asset", source: textAsset("hello") })).toBe("same");
    expect(await object.up({ bucket: Bucket, key: "elsewhere", contentBase64: "aGk=" })).toBe("replace");
    expect(await textOf("elsewhere")).toBe("hi");
    await expect(textOf("from-asset")).rejects.toThrow();
  },
);

test("a bucket's notifications are put, changed and removed", async () => {
  const bucket = aws.resource("aws:s3/bucket:Bucket", "Notifying");
  await bucket.up({});
  const queue = aws.resource("aws:sqs/queue:Queue", "Uploads");
  await queue.up({});
  await aws.resource("aws:sqs/queuePolicy:QueuePolicy").up({
    queueUrl: String(queue.outputs.url),
    policy: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "s3.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: queue.outputs.arn ?? "",
        },
      ],
    },
  });
  const notification = aws.resource("aws:s3/bucketNotification:BucketNotification");
  const queues = [
    {
      queueArn: queue.outputs.arn ?? "",
      events: ["s3:ObjectCreated:*"],
      filterPrefix: "in/",
      filterSuffix: ".txt",
    },
  ];
  expect(await notification.up({ bucket: bucket.id, queues })).toBe("create");
  expect(
    await notification.up({
      bucket: bucket.id,
      queues: queues.map((one) => ({ ...one, filterPrefix: "out/" })),
    }),
  ).toBe("update");
  const { GetBucketNotificationConfigurationCommand } = await import("@aws-sdk/client-s3");
  const configuration = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket.id }));
  expect(configuration.QueueConfigurations).toMatchObject([
    {
      QueueArn: queue.outputs.arn,
      Events: ["s3:ObjectCreated:*"],
      Filter: { Key: { FilterRules: [{ Value: "out/" }, { Value: ".txt" }] } },
    },
  ]);
  await notification.delete();
  const after = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket.id }));
  expect(after.QueueConfigurations).toBeUndefined();
});
