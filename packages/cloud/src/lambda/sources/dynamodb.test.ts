import { randomUUID } from "node:crypto";
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { CreateEventSourceMappingCommand, GetEventSourceMappingCommand } from "@aws-sdk/client-lambda";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LambdaCloud, startLambdaCloud } from "../testing.ts";

let cloud: LambdaCloud;
beforeAll(async () => {
  cloud = await startLambdaCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());

async function table(on = cloud) {
  const TableName = `table-${randomUUID().slice(0, 8)}`;
  const { TableDescription } = await on.client(DynamoDBClient).send(
    new CreateTableCommand({
      TableName,
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      BillingMode: "PAY_PER_REQUEST",
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
    }),
  );
  return { TableName, stream: TableDescription?.LatestStreamArn ?? "" };
}

const read = (stream: string) => [
  {
    Effect: "Allow" as const,
    Action: [
      "dynamodb:DescribeStream",
      "dynamodb:GetRecords",
      "dynamodb:GetShardIterator",
      "dynamodb:ListStreams",
    ],
    Resource: stream,
  },
];

type More = Partial<ConstructorParameters<typeof CreateEventSourceMappingCommand>[0]>;

async function mapped(
  stream: string,
  body: string,
  more: More = {},
  statements: ReturnType<typeof read> = [],
) {
  const name = await cloud.create(
    {
      "index.mjs": `let calls = 0; export const handler = async ({ Records }) => {
        const ids = Records.map(({ dynamodb }) => dynamodb.Keys.id.S); calls++;
        console.log("batch " + ids.join(","));
        ${body}
      };`,
    },
    { statements: [...read(stream), ...statements] },
  );
  const { UUID } = await cloud.lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionName: name,
      EventSourceArn: stream,
      StartingPosition: "TRIM_HORIZON",
      ...more,
    }),
  );
  return { name, UUID };
}

const put = (TableName: string, id: string, kind = "x") =>
  cloud
    .client(DynamoDBClient)
    .send(new PutItemCommand({ TableName, Item: { id: { S: id }, kind: { S: kind } } }));

const lines = (name: string) =>
  cloud.events.flatMap((one) => (one.type === "function.log" && one.functionName === name ? [one.line] : []));

const printed = (name: string, line: string) => cloud.event(() => lines(name).includes(line));

test("a change reaches the function in Lambda's shape", async () => {
  const { TableName, stream } = await table();
  const { name } = await mapped(stream, "console.log(JSON.stringify(Records[0]))");
  await put(TableName, "a");
  await cloud.event(() => lines(name).length >= 2);
  expect(JSON.parse(lines(name)[1] ?? "")).toEqual({
    eventID: expect.any(String),
    eventName: "INSERT",
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    awsRegion: "us-east-1",
    dynamodb: {
      ApproximateCreationDateTime: expect.any(Number),
      Keys: { id: { S: "a" } },
      NewImage: { id: { S: "a" }, kind: { S: "x" } },
      SequenceNumber: expect.stringMatching(/^\d+$/),
      SizeBytes: expect.any(Number),
      StreamViewType: "NEW_AND_OLD_IMAGES",
    },
    eventSourceARN: stream,
  });
});

test("LATEST skips what was there, TRIM_HORIZON does not", async () => {
  const { TableName, stream } = await table();
  await put(TableName, "before");
  const late = await mapped(stream, "", { StartingPosition: "LATEST" });
  const early = await mapped(stream, "");
  await printed(early.name, "batch before");
  await cloud.event(
    (one) => one.type === "audit" && one.action === "dynamodb:GetRecords" && one.resource === stream,
  );
  await put(TableName, "after");
  await printed(late.name, "batch after");
  expect(lines(late.name)).not.toContain("batch before");
});

test("a failing batch is tried again, before anything behind it", async () => {
  const { TableName, stream } = await table();
  await put(TableName, "1");
  const { name } = await mapped(stream, "if (calls < 3) throw new Error('not yet')", { BatchSize: 1 });
  await printed(name, "batch 1");
  await put(TableName, "2");
  await printed(name, "batch 2");
  expect(lines(name).filter((line) => line.startsWith("batch"))).toEqual([
    "batch 1",
    "batch 1",
    "batch 1",
    "batch 2",
  ]);
});

test("bisecting finds the poisoned record; after its retries it goes to the destination and the stream goes on", async () => {
  const { TableName, stream } = await table();
  const { QueueUrl } = await cloud
    .client(SQSClient)
    .send(new CreateQueueCommand({ QueueName: `failed-${TableName}` }));
  const arn = `arn:aws:sqs:us-east-1:000000000000:failed-${TableName}`;
  for (const id of ["1", "2", "bad", "4"]) await put(TableName, id);
  const { name, UUID } = await mapped(
    stream,
    "if (ids.includes('bad')) throw new Error('poison')",
    {
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnFailure: { Destination: arn } },
    },
    [{ Effect: "Allow", Action: ["sqs:SendMessage"], Resource: arn }],
  );
  await put(TableName, "5");
  await printed(name, "batch 4");
  const { Messages } = await cloud
    .client(SQSClient)
    .send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }));
  expect(JSON.parse(Messages?.[0]?.Body ?? "")).toMatchObject({
    requestContext: { condition: "RetryAttemptsExhausted", approximateInvokeCount: 2 },
    DDBStreamBatchInfo: { batchSize: 1, streamArn: stream },
  });
  expect(lines(name).filter((line) => line === "batch bad")).toHaveLength(2);
  await cloud.event(() => lines(name).some((line) => /batch (.*,)?5$/.test(line)));
  const { LastProcessingResult } = await cloud.lambda.send(new GetEventSourceMappingCommand({ UUID }));
  expect(LastProcessingResult).toBeDefined();
});

test("a reported item is where the stream is read on", async () => {
  const { TableName, stream } = await table();
  for (const id of ["1", "2", "3"]) await put(TableName, id);
  const { name } = await mapped(
    stream,
    "if (calls === 1) return { batchItemFailures: [{ itemIdentifier: Records[1].dynamodb.SequenceNumber }] }",
    { FunctionResponseTypes: ["ReportBatchItemFailures"] },
  );
  await printed(name, "batch 2,3");
  expect(lines(name)[0]).toBe("batch 1,2,3");
});

test("filters drop what does not match", async () => {
  const { TableName, stream } = await table();
  await put(TableName, "1", "boring");
  await put(TableName, "2", "wanted");
  const { name } = await mapped(stream, "", {
    FilterCriteria: {
      Filters: [{ Pattern: '{"eventName":["INSERT"],"dynamodb":{"NewImage":{"kind":{"S":["wanted"]}}}}' }],
    },
  });
  await printed(name, "batch 2");
  expect(lines(name)).toEqual(["batch 2"]);
});

test("a restart reads on behind what was handled", async () => {
  await using other = await startLambdaCloud();
  const { TableName, stream } = await table(other);
  const item = (id: string) =>
    other.client(DynamoDBClient).send(new PutItemCommand({ TableName, Item: { id: { S: id } } }));
  const name = await other.create(
    {
      "index.mjs":
        "export const handler = async ({ Records }) => { for (const r of Records) console.log(r.dynamodb.Keys.id.S) }",
    },
    { statements: read(stream) },
  );
  await other.lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionName: name,
      EventSourceArn: stream,
      StartingPosition: "LATEST",
    }),
  );
  const seen = () => other.events.flatMap((one) => (one.type === "function.log" ? [one.line] : []));
  await item("1");
  await other.event(() => seen().includes("1"));
  await other.event((one) => one.type === "function.invocation");
  await other.restart();
  await item("2");
  await other.event(() => seen().includes("2"));
  expect(seen()).toEqual(["1", "2"]);
});
