import {
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  type StreamViewType,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  type _Record as StreamRecord,
} from "@aws-sdk/client-dynamodb-streams";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestCloud, type TestCloud } from "../testing.ts";

let cloud: TestCloud;
let tables: DynamoDBClient;
let streams: DynamoDBStreamsClient;

beforeAll(async () => {
  cloud = await startTestCloud();
  tables = cloud.client(DynamoDBClient);
  streams = cloud.client(DynamoDBStreamsClient);
});
afterAll(() => cloud[Symbol.asyncDispose]());

async function tableWithStream(TableName: string, view: StreamViewType): Promise<string> {
  const { TableDescription } = await tables.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: view },
    }),
  );
  return TableDescription?.LatestStreamArn ?? "";
}

async function iterator(StreamArn: string, ShardIteratorType: "TRIM_HORIZON" | "LATEST"): Promise<string> {
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const ShardId = StreamDescription?.Shards?.[0]?.ShardId;
  const { ShardIterator } = await streams.send(
    new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType }),
  );
  return ShardIterator ?? "";
}

async function recordsOf(StreamArn: string): Promise<StreamRecord[]> {
  const ShardIterator = await iterator(StreamArn, "TRIM_HORIZON");
  const { Records } = await streams.send(new GetRecordsCommand({ ShardIterator }));
  return Records ?? [];
}

async function insertChangeRemove(TableName: string): Promise<void> {
  const Key = { id: { S: "a" } };
  await tables.send(new PutItemCommand({ TableName, Item: { ...Key, v: { N: "1" } } }));
  await tables.send(new PutItemCommand({ TableName, Item: { ...Key, v: { N: "1.0" } } }));
  await tables.send(
    new UpdateItemCommand({
      TableName,
      Key,
      UpdateExpression: "SET v = :two",
      ExpressionAttributeValues: { ":two": { N: "2" } },
    }),
  );
  await tables.send(new DeleteItemCommand({ TableName, Key }));
  await tables.send(new DeleteItemCommand({ TableName, Key }));
}

test.each([
  ["KEYS_ONLY", false, false],
  ["NEW_IMAGE", true, false],
  ["OLD_IMAGE", false, true],
  ["NEW_AND_OLD_IMAGES", true, true],
] as const)(
  "a %s stream shows every change once, and no write that changes nothing",
  async (view, news, olds) => {
    const TableName = `view-${view}`;
    const arn = await tableWithStream(TableName, view);
    await insertChangeRemove(TableName);
    const records = await recordsOf(arn);
    const one = { id: { S: "a" }, v: { N: "1" } };
    const two = { id: { S: "a" }, v: { N: "2" } };
    const image = (wanted: boolean, item: unknown) => (wanted ? item : undefined);
    expect(
      records.map(({ eventName, dynamodb }) => [eventName, dynamodb?.OldImage, dynamodb?.NewImage]),
    ).toEqual([
      ["INSERT", undefined, image(news, one)],
      ["MODIFY", image(olds, one), image(news, two)],
      ["REMOVE", image(olds, two), undefined],
    ]);
    for (const { dynamodb } of records) {
      expect(dynamodb).toMatchObject({ Keys: { id: { S: "a" } }, StreamViewType: view });
      expect(dynamodb?.ApproximateCreationDateTime).toBeInstanceOf(Date);
    }
    const sequence = records.map(({ dynamodb }) => BigInt(dynamodb?.SequenceNumber ?? 0));
    expect(sequence).toEqual([...sequence].sort((a, b) => Number(a - b)));
  },
);

test("an iterator at the end gets what comes later, and only that", async () => {
  const arn = await tableWithStream("latest", "KEYS_ONLY");
  await tables.send(new PutItemCommand({ TableName: "latest", Item: { id: { S: "before" } } }));
  const first = await iterator(arn, "LATEST");
  await tables.send(
    new TransactWriteItemsCommand({
      TransactItems: ["b", "c"].map((id) => ({ Put: { TableName: "latest", Item: { id: { S: id } } } })),
    }),
  );
  const { Records, NextShardIterator } = await streams.send(new GetRecordsCommand({ ShardIterator: first }));
  expect(Records?.map(({ dynamodb }) => dynamodb?.Keys?.id?.S)).toEqual(["b", "c"]);
  const next = await streams.send(new GetRecordsCommand({ ShardIterator: NextShardIterator }));
  expect(next.Records).toEqual([]);
  expect(next.NextShardIterator).toBeDefined();
});

test("a disabled stream can be read to its end, a new one begins empty", async () => {
  const TableName = "twice";
  const old = await tableWithStream(TableName, "KEYS_ONLY");
  await tables.send(new PutItemCommand({ TableName, Item: { id: { S: "a" } } }));
  await tables.send(new UpdateTableCommand({ TableName, StreamSpecification: { StreamEnabled: false } }));
  await tables.send(new PutItemCommand({ TableName, Item: { id: { S: "unseen" } } }));
  const { TableDescription } = await tables.send(
    new UpdateTableCommand({
      TableName,
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
    }),
  );
  const fresh = TableDescription?.LatestStreamArn ?? "";
  expect(fresh).not.toBe(old);
  expect(await recordsOf(old)).toHaveLength(1);
  expect(await recordsOf(fresh)).toEqual([]);
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn: old }));
  expect(StreamDescription).toMatchObject({ StreamStatus: "DISABLED", StreamViewType: "KEYS_ONLY" });
  const end = await streams.send(
    new GetRecordsCommand({ ShardIterator: await iterator(old, "TRIM_HORIZON") }),
  );
  expect(end.NextShardIterator).toBeUndefined();
  const { Streams } = await streams.send(new ListStreamsCommand({ TableName }));
  expect(Streams?.map(({ StreamArn }) => StreamArn)).toEqual([old, fresh]);
});

test("items go when their time to live ends, by the hand of the service", async () => {
  const TableName = "ttl";
  const arn = await tableWithStream(TableName, "NEW_AND_OLD_IMAGES");
  const now = Math.floor(Date.now() / 1000);
  const put = (id: string, ends: number) =>
    tables.send(new PutItemCommand({ TableName, Item: { id: { S: id }, ends: { N: String(ends) } } }));
  await put("before-enabling", now - 5);
  await tables.send(
    new UpdateTimeToLiveCommand({
      TableName,
      TimeToLiveSpecification: { Enabled: true, AttributeName: "ends" },
    }),
  );
  await put("after-enabling", now - 5);
  await put("later", now + 3600);
  await put("long-ago", now - 6 * 365 * 24 * 3600);
  await expect
    .poll(async () => (await recordsOf(arn)).filter(({ eventName }) => eventName === "REMOVE").length, {
      timeout: 10_000,
    })
    .toBe(2);
  const removals = (await recordsOf(arn)).filter(({ eventName }) => eventName === "REMOVE");
  for (const removal of removals) {
    expect(removal.userIdentity).toEqual({ Type: "Service", PrincipalId: "dynamodb.amazonaws.com" });
    expect(removal.dynamodb?.OldImage?.ends).toEqual({ N: String(now - 5) });
  }
  const { Items } = await tables.send(new ScanCommand({ TableName }));
  expect(Items?.map((item) => item.id?.S).sort()).toEqual(["later", "long-ago"]);
  const { Item } = await tables.send(new GetItemCommand({ TableName, Key: { id: { S: "later" } } }));
  expect(Item).toBeDefined();
});
