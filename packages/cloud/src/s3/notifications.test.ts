import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as sdk from "@aws-sdk/client-s3";
import { SQS } from "@aws-sdk/client-sqs";
import { describe, expect, test } from "vitest";
import { startTestCloud, type TestCloud } from "../testing.ts";
import { newBucket, newVersionedBucket, put } from "./testing.ts";

async function newQueue(cloud: TestCloud, QueueName: string, Bucket?: string) {
  const sqs = cloud.client(SQS);
  const { QueueUrl } = await sqs.createQueue({ QueueName });
  const QueueArn = `arn:aws:sqs:us-east-1:${cloud.cloud.accountId}:${QueueName}`;
  if (Bucket !== undefined) {
    const Statement = {
      Effect: "Allow",
      Principal: { Service: "s3.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: QueueArn,
      Condition: { ArnEquals: { "aws:SourceArn": `arn:aws:s3:::${Bucket}` } },
    };
    await sqs.setQueueAttributes({
      QueueUrl,
      Attributes: { Policy: JSON.stringify({ Version: "2012-10-17", Statement }) },
    });
  }
  return { QueueUrl, QueueArn };
}

interface Message {
  readonly Event?: string;
  readonly Records: readonly {
    readonly eventName: string;
    readonly s3: { readonly object: { readonly key: string; readonly sequencer: string } };
  }[];
}

/** The messages of a queue, until as many came as are expected. */
async function messages(cloud: TestCloud, QueueUrl: string | undefined, expected: number) {
  const sqs = cloud.client(SQS);
  const found: Message[] = [];
  while (found.length < expected) {
    const { Messages = [] } = await sqs.receiveMessage({
      QueueUrl,
      WaitTimeSeconds: 5,
      MaxNumberOfMessages: 10,
    });
    if (Messages.length === 0) break;
    for (const { Body = "", ReceiptHandle } of Messages) {
      found.push(JSON.parse(Body));
      await sqs.deleteMessage({ QueueUrl, ReceiptHandle });
    }
  }
  return found;
}

describe("a bucket tells a queue", () => {
  test("what happens to the objects it asked about", async () => {
    await using cloud = await startTestCloud();
    const s3 = cloud.client(sdk.S3);
    const Bucket = await newVersionedBucket(s3);
    const { QueueUrl, QueueArn } = await newQueue(cloud, "told", Bucket);
    await s3.putBucketNotificationConfiguration({
      Bucket,
      NotificationConfiguration: {
        QueueConfigurations: [
          {
            Id: "mine",
            QueueArn,
            Events: ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
            Filter: {
              Key: {
                FilterRules: [
                  { Name: "prefix", Value: "in/" },
                  { Name: "suffix", Value: ".txt" },
                ],
              },
            },
          },
        ],
      },
    });
    const { QueueConfigurations } = await s3.getBucketNotificationConfiguration({ Bucket });
    expect(QueueConfigurations).toMatchObject([{ Id: "mine", QueueArn }]);
    const [hello] = await messages(cloud, QueueUrl, 1);
    expect(hello).toMatchObject({ Event: "s3:TestEvent", Bucket });
    await put(s3, Bucket, "out/a.txt", "x");
    await put(s3, Bucket, "in/a.png", "x");
    const sent = await put(s3, Bucket, "in/a b+ü.txt", "hello");
    await s3.deleteObject({ Bucket, Key: "in/a b+ü.txt" });
    const told = (await messages(cloud, QueueUrl, 2)).map(({ Records }) => Records[0]);
    expect(told[0]).toMatchObject({
      eventSource: "aws:s3",
      eventName: "ObjectCreated:Put",
      awsRegion: "us-east-1",
      s3: {
        configurationId: "mine",
        bucket: { name: Bucket, arn: `arn:aws:s3:::${Bucket}` },
        object: {
          key: "in/a+b%2B%C3%BC.txt",
          size: 5,
          eTag: sent.ETag?.replaceAll('"', ""),
          versionId: sent.VersionId,
        },
      },
    });
    expect(told[1]?.eventName).toBe("ObjectRemoved:DeleteMarkerCreated");
    expect((told[1]?.s3.object.sequencer ?? "") > (told[0]?.s3.object.sequencer ?? "")).toBe(true);
  });

  test("only where the queue lets it", async () => {
    await using cloud = await startTestCloud();
    const s3 = cloud.client(sdk.S3);
    const Bucket = await newBucket(s3);
    const { QueueArn } = await newQueue(cloud, "closed");
    await expect(
      s3.putBucketNotificationConfiguration({
        Bucket,
        NotificationConfiguration: { QueueConfigurations: [{ QueueArn, Events: ["s3:ObjectCreated:*"] }] },
      }),
    ).rejects.toMatchObject({
      name: "InvalidArgument",
      message: expect.stringContaining("Unable to validate the following destination configurations"),
    });
  });

  test("later, when it could not at once, and after a restart", async () => {
    await using cloud = await startTestCloud();
    const s3 = () => cloud.client(sdk.S3);
    const Bucket = await newBucket(s3());
    const { QueueUrl, QueueArn } = await newQueue(cloud, "late");
    await s3().putBucketNotificationConfiguration({
      Bucket,
      SkipDestinationValidation: true,
      NotificationConfiguration: { QueueConfigurations: [{ QueueArn, Events: ["s3:ObjectCreated:Put"] }] },
    });
    await put(s3(), Bucket, "k", "x");
    await cloud.restart();
    await newQueue(cloud, "late", Bucket);
    const [told] = await messages(cloud, QueueUrl, 1);
    expect(told?.Records[0]?.s3.object.key).toBe("k");
  });

  test("what a cloud of before had still to tell", async () => {
    await using cloud = await startTestCloud();
    const { QueueUrl, QueueArn } = await newQueue(cloud, "before", "old-bucket");
    await cloud.cloud.stop();
    const database = new DatabaseSync(join(cloud.dir, "s3.db"));
    database.exec(`DROP TABLE outbox; CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, bucket TEXT NOT NULL,
      target TEXT NOT NULL, payload TEXT NOT NULL, created INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
      due INTEGER NOT NULL)`);
    const message = JSON.stringify({ Records: [{ s3: { object: { key: "old" } } }] });
    database
      .prepare("INSERT INTO outbox (bucket, target, payload, created, due) VALUES (?, ?, ?, ?, ?)")
      .run("old-bucket", JSON.stringify({ kind: "sqs", arn: QueueArn }), message, Date.now(), Date.now());
    database.close();
    await cloud.restart();
    const [told] = await messages(cloud, QueueUrl, 1);
    expect(told?.Records[0]?.s3.object.key).toBe("old");
  });
});

test.each([
  ["an unknown event", [{ Events: ["s3:Object:*"] }], "not supported"],
  ["a FIFO queue", [{ QueueArn: "arn:aws:sqs:us-east-1:000000000000:q.fifo" }], "FIFO"],
  ["no ARN of a queue", [{ QueueArn: "arn:aws:sns:us-east-1:000000000000:q" }], "ARN"],
  ["rules that overlap", [{}, { Events: ["s3:ObjectCreated:Put"] }], "overlap"],
])("a configuration with %s is refused", async (_what, configurations, message) => {
  await using cloud = await startTestCloud();
  const s3 = cloud.client(sdk.S3);
  const Bucket = await newBucket(s3);
  const base = { QueueArn: "arn:aws:sqs:us-east-1:000000000000:q", Events: ["s3:ObjectCreated:*"] };
  const QueueConfigurations = configurations.map(
    (configuration) => ({ ...base, ...configuration }) as sdk.QueueConfiguration,
  );
  await expect(
    s3.putBucketNotificationConfiguration({
      Bucket,
      SkipDestinationValidation: true,
      NotificationConfiguration: { QueueConfigurations },
    }),
  ).rejects.toMatchObject({ name: "InvalidArgument", message: expect.stringContaining(message) });
});
