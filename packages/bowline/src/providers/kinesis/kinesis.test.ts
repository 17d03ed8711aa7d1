import {
  DescribeStreamSummaryCommand,
  KinesisClient,
  ListTagsForStreamCommand,
} from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../testing.ts";

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws?.[Symbol.asyncDispose]());

async function summary(StreamName: string) {
  const answer = await aws.client(KinesisClient).send(new DescribeStreamSummaryCommand({ StreamName }));
  return answer.StreamDescriptionSummary;
}

test("a stream is made, changed in place, and removed", async () => {
  const stream = aws.resource("aws:kinesis/stream:Stream", "Clicks");
  const preview = await stream.preview({ shardCount: 1 });
  expect(preview.arn).toMatch(/^arn:aws:kinesis:us-east-1:000000000000:stream\/.*Clicks/i);
  await stream.up({ shardCount: 1, tags: { team: "a" } });
  const name = String(stream.outputs.name);
  expect(stream.id).toBe(stream.outputs.arn);
  expect(stream.outputs).toMatchObject({
    shardCount: 1,
    retentionPeriod: 24,
    encryptionType: "NONE",
    streamModeDetails: { streamMode: "PROVISIONED" },
    tagsAll: { team: "a" },
  });
  const changed = {
    shardCount: 5,
    retentionPeriod: 48,
    encryptionType: "KMS",
    kmsKeyId: "alias/aws/kinesis",
    shardLevelMetrics: ["IncomingBytes"],
    tags: { team: "b" },
  };
  expect(await stream.up(changed)).toBe("update");
  expect(await summary(name)).toMatchObject({
    OpenShardCount: 5,
    RetentionPeriodHours: 48,
    KeyId: "alias/aws/kinesis",
    EnhancedMonitoring: [{ ShardLevelMetrics: ["IncomingBytes"] }],
  });
  const { Tags } = await aws.client(KinesisClient).send(new ListTagsForStreamCommand({ StreamName: name }));
  expect(Tags).toEqual([{ Key: "team", Value: "b" }]);
  expect(await stream.up(changed)).toBe("same");
  expect(await stream.up({ streamModeDetails: { streamMode: "ON_DEMAND" } })).toBe("update");
  expect(stream.outputs).toMatchObject({ shardCount: 0, retentionPeriod: 24, encryptionType: "NONE" });
  expect(await stream.refresh()).toBe(true);
  await stream.delete();
  expect(await stream.refresh()).toBe(false);
  await stream.delete();
});

test("a creation that was cut short is finished, a foreign stream is left alone", async () => {
  const stream = aws.resource("aws:kinesis/stream:Stream", "Again");
  await stream.up({ shardCount: 1 });
  await stream.createAgain({ shardCount: 2, name: String(stream.outputs.name) });
  expect(stream.outputs.shardCount).toBe(2);
  const mine = aws.resource("aws:kinesis/stream:Stream", "Mine");
  await mine.up({ shardCount: 1, name: "taken" });
  const other = aws.resource("aws:kinesis/stream:Stream", "Other");
  await expect(other.up({ shardCount: 1, name: "taken" })).rejects.toThrow("already exists");
  await expect(other.up({})).rejects.toThrow("shardCount is required");
});

test("consumers and policies of a stream come and go", async () => {
  const stream = aws.resource("aws:kinesis/stream:Stream", "Events");
  await stream.up({ shardCount: 1 });
  const streamArn = String(stream.outputs.arn);
  const consumer = aws.resource("aws:kinesis/streamConsumer:StreamConsumer", "Reader");
  await consumer.up({ streamArn, tags: { a: "b" } });
  expect(consumer.id).toContain(`${streamArn}/consumer/`);
  expect((await summary(String(stream.outputs.name)))?.ConsumerCount).toBe(1);
  const policy = aws.resource("aws:kinesis/resourcePolicy:ResourcePolicy", "Policy");
  const statement = (Action: string) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::111111111111:root" },
          Action,
          Resource: streamArn,
        },
      ],
    });
  await policy.up({ resourceArn: streamArn, policy: statement("kinesis:PutRecord") });
  expect(await policy.up({ resourceArn: streamArn, policy: statement("kinesis:PutRecords") })).toBe("update");
  for (const one of [policy, consumer, stream]) {
    await one.delete();
    expect(await one.refresh()).toBe(false);
  }
});
