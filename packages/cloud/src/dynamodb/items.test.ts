import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import {
  DeleteCommand,
  QueryCommand as DocumentQueryCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestCloud, type TestCloud } from "../testing.ts";

let cloud: TestCloud;
let client: DynamoDBClient;
let documents: DynamoDBDocumentClient;
const TableName = "orders";

beforeAll(async () => {
  cloud = await startTestCloud();
  client = cloud.client(DynamoDBClient);
  documents = DynamoDBDocumentClient.from(client);
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "customer", AttributeType: "S" },
        { AttributeName: "number", AttributeType: "N" },
        { AttributeName: "state", AttributeType: "S" },
        { AttributeName: "total", AttributeType: "N" },
      ],
      KeySchema: [
        { AttributeName: "customer", KeyType: "HASH" },
        { AttributeName: "number", KeyType: "RANGE" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-state",
          KeySchema: [
            { AttributeName: "state", KeyType: "HASH" },
            { AttributeName: "total", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "ALL" },
        },
      ],
      LocalSecondaryIndexes: [
        {
          IndexName: "by-total",
          KeySchema: [
            { AttributeName: "customer", KeyType: "HASH" },
            { AttributeName: "total", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
      ],
    }),
  );
});

afterAll(async () => {
  await cloud[Symbol.asyncDispose]();
});

describe("items", () => {
  test("what was put is got, whatever its types", async () => {
    const item = {
      customer: "types",
      number: 1,
      nested: { list: [1, "two", null, true, { deep: [[]] }], empty: {} },
      words: new Set(["a", "b"]),
      numbers: new Set([1, 2]),
      bytes: new Uint8Array([1, 2, 255]),
    };
    await documents.send(new PutCommand({ TableName, Item: item }));
    const { Item } = await documents.send(
      new GetCommand({ TableName, Key: { customer: "types", number: 1 } }),
    );
    expect(Item).toEqual(item);
  });

  test("a get of nothing has no item", async () => {
    const { Item } = await documents.send(
      new GetCommand({ TableName, Key: { customer: "nobody", number: 1 } }),
    );
    expect(Item).toBeUndefined();
  });

  test("an update computes from the item as it was", async () => {
    const Key = { customer: "update", number: 1 };
    await documents.send(new PutCommand({ TableName, Item: { ...Key, count: 1, old: "x", list: ["a"] } }));
    const { Attributes } = await documents.send(
      new UpdateCommand({
        TableName,
        Key,
        UpdateExpression:
          "SET #c = #c + :one, #n = if_not_exists(#n, :zero), #l = list_append(#l, :more) REMOVE #o ADD tally :one",
        ConditionExpression: "attribute_exists(customer) AND #c BETWEEN :zero AND :one",
        ExpressionAttributeNames: { "#c": "count", "#n": "fresh", "#l": "list", "#o": "old" },
        ExpressionAttributeValues: { ":one": 1, ":zero": 0, ":more": ["b"] },
        ReturnValues: "ALL_NEW",
      }),
    );
    expect(Attributes).toEqual({ ...Key, count: 2, fresh: 0, list: ["a", "b"], tally: 1 });
  });

  test("a failed condition changes nothing and shows the item when asked to", async () => {
    const Key = { customer: "condition", number: 1 };
    await documents.send(new PutCommand({ TableName, Item: { ...Key, v: 1 } }));
    const failed = documents.send(
      new PutCommand({
        TableName,
        Item: { ...Key, v: 2 },
        ConditionExpression: "attribute_not_exists(customer)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
    await expect(failed).rejects.toMatchObject({
      name: "ConditionalCheckFailedException",
      message: "The conditional request failed",
      Item: { v: { N: "1" } },
    });
    const { Item } = await documents.send(new GetCommand({ TableName, Key }));
    expect(Item?.v).toBe(1);
  });

  test("a deleted item is gone, and returned when asked for", async () => {
    const Key = { customer: "delete", number: 1 };
    await documents.send(new PutCommand({ TableName, Item: { ...Key, v: 1 } }));
    const { Attributes } = await documents.send(
      new DeleteCommand({ TableName, Key, ReturnValues: "ALL_OLD" }),
    );
    expect(Attributes).toEqual({ ...Key, v: 1 });
    expect((await documents.send(new GetCommand({ TableName, Key }))).Item).toBeUndefined();
  });

  test("numbers keep 38 digits and lose needless zeros", async () => {
    const digits = "12345678901234567890123456789012345678";
    const Key = { customer: { S: "digits" }, number: { N: "1" } };
    await client.send(
      new PutItemCommand({ TableName, Item: { ...Key, big: { N: digits }, plain: { N: "0001.500" } } }),
    );
    await client.send(
      new UpdateItemCommand({
        TableName,
        Key,
        UpdateExpression: "SET big = big + :one",
        ExpressionAttributeValues: { ":one": { N: "1" } },
      }),
    );
    const { Item } = await client.send(new GetItemCommand({ TableName, Key }));
    expect(Item?.big).toEqual({ N: "12345678901234567890123456789012345679" });
    expect(Item?.plain).toEqual({ N: "1.5" });
  });
});

describe("queries", () => {
  beforeAll(async () => {
    for (let number = -5; number <= 15; number++) {
      const Item = { customer: "many", number, state: number % 2 ? "odd" : "even", total: 100 - number };
      await documents.send(new PutCommand({ TableName, Item }));
    }
  });

  test("a query reads a range of the key in the order of its numbers", async () => {
    const { Items } = await documents.send(
      new DocumentQueryCommand({
        TableName,
        KeyConditionExpression: "customer = :c AND #n BETWEEN :low AND :high",
        ExpressionAttributeNames: { "#n": "number" },
        ExpressionAttributeValues: { ":c": "many", ":low": -3, ":high": 11 },
        ScanIndexForward: false,
      }),
    );
    expect(Items?.map((item) => item.number)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, -1, -2, -3]);
  });

  test.each(["by-state", "by-total"])(
    "pages of %s follow each other without gap or overlap",
    async (index) => {
      const global = index === "by-state";
      const totals: number[] = [];
      let start: Record<string, unknown> | undefined;
      do {
        const page: { Items?: Record<string, unknown>[]; LastEvaluatedKey?: Record<string, unknown> } =
          await documents.send(
            new DocumentQueryCommand({
              TableName,
              IndexName: index,
              KeyConditionExpression: "#h = :h",
              ExpressionAttributeNames: { "#h": global ? "state" : "customer" },
              ExpressionAttributeValues: { ":h": global ? "odd" : "many" },
              Limit: 4,
              ExclusiveStartKey: start,
            }),
          );
        totals.push(...(page.Items ?? []).map((item) => Number(item.total)));
        start = page.LastEvaluatedKey;
      } while (start);
      const numbers = Array.from({ length: 21 }, (_, position) => 15 - position);
      expect(totals).toEqual(
        numbers.filter((number) => !global || number % 2 !== 0).map((number) => 100 - number),
      );
    },
  );

  test("an item leaves an index with the attribute that put it there", async () => {
    const Key = { customer: "index", number: 1 };
    const inIndex = async () => {
      const { Count } = await client.send(
        new QueryCommand({
          TableName,
          IndexName: "by-state",
          KeyConditionExpression: "#s = :s",
          ExpressionAttributeNames: { "#s": "state" },
          ExpressionAttributeValues: { ":s": { S: "rare" } },
          Select: "COUNT",
        }),
      );
      return Count;
    };
    await documents.send(new PutCommand({ TableName, Item: { ...Key, state: "rare", total: 1 } }));
    expect(await inIndex()).toBe(1);
    await documents.send(
      new UpdateCommand({
        TableName,
        Key,
        UpdateExpression: "REMOVE #t",
        ExpressionAttributeNames: { "#t": "total" },
      }),
    );
    expect(await inIndex()).toBe(0);
  });

  test("the segments of a parallel scan have every item once", async () => {
    const whole = await client.send(new ScanCommand({ TableName, Select: "COUNT" }));
    const segments = await Promise.all(
      [0, 1, 2, 3].map((Segment) => client.send(new ScanCommand({ TableName, Segment, TotalSegments: 4 }))),
    );
    const keys = segments.flatMap(({ Items }) =>
      (Items ?? []).map((item) => JSON.stringify([item.customer, item.number])),
    );
    expect(keys).toHaveLength(whole.Count ?? 0);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("batches and transactions", () => {
  test("a batch writes, deletes and reads several items", async () => {
    const key = (number: number) => ({ customer: { S: "batch" }, number: { N: String(number) } });
    await client.send(
      new BatchWriteItemCommand({
        RequestItems: { [TableName]: [1, 2, 3].map((number) => ({ PutRequest: { Item: key(number) } })) },
      }),
    );
    await client.send(
      new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ DeleteRequest: { Key: key(2) } }] } }),
    );
    const { Responses } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [key(1), key(2), key(3)] } } }),
    );
    expect(Responses?.[TableName]).toEqual([key(1), key(3)]);
  });

  test("a transaction writes all or nothing, and says what hindered it", async () => {
    const key = (number: number) => ({ customer: "transaction", number });
    const transaction = documents.send(
      new TransactWriteCommand({
        TransactItems: [
          { Put: { TableName, Item: key(1) } },
          { ConditionCheck: { TableName, Key: key(2), ConditionExpression: "attribute_exists(customer)" } },
        ],
      }),
    );
    await expect(transaction).rejects.toMatchObject({
      name: "TransactionCanceledException",
      message:
        "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]",
      CancellationReasons: [{ Code: "None" }, { Code: "ConditionalCheckFailed" }],
    });
    expect((await documents.send(new GetCommand({ TableName, Key: key(1) }))).Item).toBeUndefined();
  });
});

test("tables and items are there after a restart", async () => {
  await using own = await startTestCloud();
  const first = own.client(DynamoDBClient);
  await first.send(
    new CreateTableCommand({
      TableName: "kept",
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    }),
  );
  await first.send(new PutItemCommand({ TableName: "kept", Item: { id: { S: "a" } } }));
  await own.restart();
  const second = own.client(DynamoDBClient);
  const { Table } = await second.send(new DescribeTableCommand({ TableName: "kept" }));
  expect(Table).toMatchObject({ TableStatus: "ACTIVE", ItemCount: 1 });
  await second.send(new DeleteTableCommand({ TableName: "kept" }));
  expect((await second.send(new ListTablesCommand({}))).TableNames).toEqual([]);
});
