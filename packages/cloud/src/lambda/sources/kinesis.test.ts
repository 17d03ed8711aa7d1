import { randomUUID } from "node:crypto";
import { KinesisClient, PutRecordsCommand, SplitShardCommand } from "@aws-sdk/client-kinesis";
import {
  CreateEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PolicyStatement } from "../../iam/policy.ts";
import { newStream } from "../../kinesis/testing.ts";
import { type LambdaCloud, startLambdaCloud } from "../testing.ts";

let cloud: LambdaCloud;
beforeAll(async () => {
  cloud = await startLambdaCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());

const read = (stream: string): PolicyStatement => ({
  Effect: "Allow",
  Action: ["kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator"],
  Resource: stream,
});

type More = Partial<ConstructorParameters<typeof CreateEventSourceMappingCommand>[0]>;

/** A function that prints each batch as `batch a,b`, and then does what `body` says. */
async function mapped(
  arn: string,
  body = "",
  more: More = {},
  statements: readonly PolicyStatement[] = [],
  on = cloud,
) {
  const name = await on.create(
    {
      "index.mjs": `let calls = 0; export const handler = async ({ Records }) => {
        const texts = Records.map(({ kinesis }) => Buffer.from(kinesis.data, "base64").toString()); calls++;
        console.log("batch " + texts.join(","));
        ${body}
      };`,
    },
    { statements: [read(arn), ...statements] },
  );
  const { UUID } = await on.lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionName: name,
      EventSourceArn: arn,
      StartingPosition: "TRIM_HORIZON",
      ...more,
    }),
  );
  return { name, UUID };
}

function send(StreamName: string, texts: readonly string[], key?: string, on = cloud) {
  return on.client(KinesisClient).send(
    new PutRecordsCommand({
      StreamName,
      Records: texts.map((text) => ({
        PartitionKey: key ?? text,
        Data: Buffer.from(text),
      })),
    }),
  );
}

const lines = (name: string, on = cloud) =>
  on.events.flatMap((one) => (one.type === "function.log" && one.functionName === name ? [one.line] : []));
const printed = (name: string, line: string, on = cloud) => on.event(() => lines(name, on).includes(line));
const seen = (name: string, on = cloud) =>
  lines(name, on)
    .filter((line) => line.startsWith("batch "))
    .flatMap((line) => line.slice("batch ".length).split(","));

/** A queue for what a mapping gives up. */
async function failureQueue() {
  const QueueName = `failed-${randomUUID().slice(0, 8)}`;
  const sqs = cloud.client(SQSClient);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName }));
  const arn = `arn:aws:sqs:us-east-1:000000000000:${QueueName}`;
  const statement: PolicyStatement = { Effect: "Allow", Action: "sqs:SendMessage", Resource: arn };
  return {
    destination: { OnFailure: { Destination: arn } },
    statement,
    async next(): Promise<unknown> {
      const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
      return JSON.parse(Messages?.[0]?.Body ?? "null");
    },
  };
}

test("a record reaches the function in Lambda's shape", async () => {
  const { StreamName, arn } = await newStream(cloud);
  const { name } = await mapped(arn, "console.log(JSON.stringify(Records[0]))");
  await send(StreamName, ["hello"], "key");
  await cloud.event(() => lines(name).length >= 2);
  expect(JSON.parse(lines(name)[1] ?? "")).toEqual({
    kinesis: {
      kinesisSchemaVersion: "1.0",
      partitionKey: "key",
      sequenceNumber: expect.stringMatching(/^\d{56}$/),
      data: Buffer.from("hello").toString("base64"),
      approximateArrivalTimestamp: expect.any(Number),
    },
    eventSource: "aws:kinesis",
    eventVersion: "1.0",
    eventID: expect.stringMatching(/^shardId-000000000000:\d{56}$/),
    eventName: "aws:kinesis:record",
    invokeIdentityArn: expect.stringMatching(/^arn:aws:iam::000000000000:role\//),
    awsRegion: "us-east-1",
    eventSourceARN: arn,
  });
});

test("LATEST and AT_TIMESTAMP skip what was before, TRIM_HORIZON does not", async () => {
  const { StreamName, arn } = await newStream(cloud);
  await send(StreamName, ["before"]);
  const StartingPositionTimestamp = new Date(Date.now() + 1);
  while (Date.now() <= StartingPositionTimestamp.getTime()) await new Promise(setImmediate);
  const late = await mapped(arn, "", { StartingPosition: "LATEST" });
  const early = await mapped(arn);
  await printed(early.name, "batch before");
  await cloud.event(
    (one) => one.type === "audit" && one.action === "kinesis:GetRecords" && one.resource === arn,
  );
  await send(StreamName, ["after"]);
  const timed = await mapped(arn, "", { StartingPosition: "AT_TIMESTAMP", StartingPositionTimestamp });
  await printed(late.name, "batch after");
  await printed(timed.name, "batch after");
  expect([...seen(late.name), ...seen(timed.name)]).toEqual(["after", "after"]);
  const described = await cloud.lambda.send(new GetEventSourceMappingCommand({ UUID: timed.UUID }));
  expect(described.StartingPositionTimestamp?.getTime()).toBe(StartingPositionTimestamp.getTime());
});

test("the children of a split are read after their parent, each record once", async () => {
  const { StreamName, arn } = await newStream(cloud);
  const { name } = await mapped(
    arn,
    "if (calls === 1 && texts[0] === 'p1') throw new Error('hold the parent up')",
    {
      StartingPosition: "LATEST",
      BatchSize: 1,
    },
  );
  await cloud.event(
    (one) => one.type === "audit" && one.action === "kinesis:GetRecords" && one.resource === arn,
  );
  await send(StreamName, ["p1", "p2", "p3"]);
  await cloud.client(KinesisClient).send(
    new SplitShardCommand({
      StreamName,
      ShardToSplit: "shardId-000000000000",
      NewStartingHashKey: String(2n ** 127n),
    }),
  );
  const children = Array.from({ length: 8 }, (_, index) => `c${index}`);
  await send(StreamName, children);
  await cloud.event(() => children.every((child) => seen(name).includes(child)));
  expect(seen(name).slice(0, 4)).toEqual(["p1", "p1", "p2", "p3"]);
  expect(seen(name).slice(4).sort()).toEqual(children);
});

test("bisecting finds the poisoned record, which goes to the destination; the stream goes on", async () => {
  const { StreamName, arn } = await newStream(cloud);
  const failed = await failureQueue();
  await send(StreamName, ["1", "2", "bad", "4"]);
  const { name } = await mapped(
    arn,
    "if (texts.includes('bad')) throw new Error('poison')",
    {
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 1,
      DestinationConfig: failed.destination,
    },
    [failed.statement],
  );
  await printed(name, "batch 4");
  expect(await failed.next()).toMatchObject({
    requestContext: { condition: "RetryAttemptsExhausted", approximateInvokeCount: 2 },
    KinesisBatchInfo: { batchSize: 1, shardId: "shardId-000000000000", streamArn: arn },
  });
});

test("a reported item is where the shard is read on", async () => {
  const { StreamName, arn } = await newStream(cloud);
  await send(StreamName, ["1", "2", "3"]);
  const { name } = await mapped(
    arn,
    "if (calls === 1) return { batchItemFailures: [{ itemIdentifier: Records[1].kinesis.sequenceNumber }] }",
    { FunctionResponseTypes: ["ReportBatchItemFailures"] },
  );
  await printed(name, "batch 2,3");
  expect(lines(name)[0]).toBe("batch 1,2,3");
});

test("filters look into JSON data and at the key", async () => {
  const { StreamName, arn } = await newStream(cloud);
  await send(StreamName, ['{"kind":"boring"}', "no JSON", '{"kind":"wanted"}']);
  await send(StreamName, ["by key"], "wanted-key");
  const { name } = await mapped(arn, "", {
    BatchSize: 1,
    FilterCriteria: {
      Filters: [{ Pattern: '{"data":{"kind":["wanted"]}}' }, { Pattern: '{"partitionKey":["wanted-key"]}' }],
    },
  });
  await printed(name, "batch by key");
  expect(lines(name)).toEqual(['batch {"kind":"wanted"}', "batch by key"]);
});

test("records older than the mapping allows are given up", async () => {
  const { StreamName, arn } = await newStream(cloud);
  const failed = await failureQueue();
  await send(StreamName, ["1"]);
  const { name, UUID } = await mapped(
    arn,
    "if (texts[0] === '1') throw new Error('never')",
    { BatchSize: 1, MaximumRecordAgeInSeconds: 60, DestinationConfig: failed.destination },
    [failed.statement],
  );
  await printed(name, "batch 1");
  const { MaximumRecordAgeInSeconds } = await cloud.lambda.send(
    new UpdateEventSourceMappingCommand({ UUID, MaximumRecordAgeInSeconds: 0 }),
  );
  expect(MaximumRecordAgeInSeconds).toBe(0);
  expect(await failed.next()).toMatchObject({ requestContext: { condition: "RecordAgeExceeded" } });
  await cloud.lambda.send(new UpdateEventSourceMappingCommand({ UUID, MaximumRecordAgeInSeconds: -1 }));
  await send(StreamName, ["3"]);
  await printed(name, "batch 3");
});

test("with a parallelization factor keys keep their order, and others do not wait for them", async () => {
  const { StreamName, arn } = await newStream(cloud);
  const keys = Array.from({ length: 12 }, (_, index) => `k${index}`);
  for (const round of ["a", "b"]) {
    await cloud.client(KinesisClient).send(
      new PutRecordsCommand({
        StreamName,
        Records: keys.map((key) => ({ PartitionKey: key, Data: Buffer.from(`${key}${round}`) })),
      }),
    );
  }
  const { name } = await mapped(arn, "await new Promise((done) => setTimeout(done, 20))", {
    BatchSize: 2,
    ParallelizationFactor: 4,
  });
  await cloud.event(() => seen(name).length >= 24);
  for (const key of keys) {
    expect(seen(name).filter((text) => text.startsWith(key) && text.length === key.length + 1)).toEqual([
      `${key}a`,
      `${key}b`,
    ]);
  }
  const environments = cloud.events.filter(
    (one) => one.type === "function.invocation" && one.functionName === name && one.coldStart,
  );
  expect(environments.length).toBeGreaterThan(1);
});

test("a restart reads on behind what was handled", async () => {
  await using other = await startLambdaCloud();
  const { StreamName, arn } = await newStream(other, 2);
  const { name } = await mapped(arn, "", { StartingPosition: "LATEST", BatchSize: 1 }, [], other);
  await other.event((one) => one.type === "audit" && one.action === "kinesis:GetRecords");
  await send(StreamName, ["1", "2", "3"], undefined, other);
  await other.event(() => seen(name, other).length === 3);
  await other.event(() => other.events.filter(({ type }) => type === "function.invocation").length === 3);
  await other.restart();
  await send(StreamName, ["4"], undefined, other);
  await other.event(() => seen(name, other).includes("4"));
  expect(seen(name, other).sort()).toEqual(["1", "2", "3", "4"]);
});

test("a mapping needs a role that may read the stream", async () => {
  const { arn } = await newStream(cloud);
  const name = await cloud.create({ "index.mjs": "export const handler = async () => {}" });
  await expect(
    cloud.lambda.send(
      new CreateEventSourceMappingCommand({
        FunctionName: name,
        EventSourceArn: arn,
        StartingPosition: "LATEST",
      }),
    ),
  ).rejects.toMatchObject({
    name: "InvalidParameterValueException",
    message: expect.stringContaining("on Kinesis"),
  });
});
