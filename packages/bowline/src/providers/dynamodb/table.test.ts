import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTagsOfResourceCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../testing.ts";

let aws: LocalAws;
let dynamodb: DynamoDBClient;
beforeAll(async () => {
  aws = await startLocalAws();
  dynamodb = aws.client(DynamoDBClient);
});
afterAll(() => aws?.[Symbol.asyncDispose]());

const base = { hashKey: "id", attributes: [{ name: "id", type: "S" }], billingMode: "PAY_PER_REQUEST" };
const describeTable = async (TableName: string) =>
  (await dynamodb.send(new DescribeTableCommand({ TableName }))).Table;
const keepItem = (TableName: string) =>
  dynamodb.send(
    new PutItemCommand({ TableName, Item: { id: { S: "kept" }, day: { S: "mon" }, at: { N: "1" } } }),
  );
const keptItem = async (TableName: string) =>
  (await dynamodb.send(new GetItemCommand({ TableName, Key: { id: { S: "kept" } } }))).Item;

describe("a table", () => {
  test("holds items, and has the outputs of @pulumi/aws", async () => {
    const table = aws.resource("aws:dynamodb/table:Table", "Orders");
    const inputs = {
      ...base,
      rangeKey: "at",
      attributes: [
        { name: "id", type: "S" },
        { name: "at", type: "N" },
      ],
      tags: { team: "a" },
    };
    const preview = await table.preview(inputs);
    expect(await table.up(inputs)).toBe("create");
    expect(table.id).toMatch(/^shop-test-Orders-[0-9a-f]{7}$/);
    expect(table.outputs).toMatchObject({
      name: table.id,
      arn: `arn:aws:dynamodb:us-east-1:000000000000:table/${table.id}`,
      hashKey: "id",
      rangeKey: "at",
      billingMode: "PAY_PER_REQUEST",
      streamEnabled: false,
      streamArn: "",
      readCapacity: 0,
      tagsAll: { team: "a" },
    });
    expect(preview.arn).toBe(table.outputs.arn);
    await dynamodb.send(
      new PutItemCommand({ TableName: table.id, Item: { id: { S: "1" }, at: { N: "2" } } }),
    );
    const reordered = { ...inputs, attributes: [...inputs.attributes].reverse() };
    expect(await table.up(reordered)).toBe("same");
    await table.delete();
    expect(await table.refresh()).toBe(false);
    await table.delete();
  });

  test("with provisioned throughput changes it in place, and to on-demand", async () => {
    const table = aws.resource("aws:dynamodb/table:Table", "Provisioned");
    const provisioned = { hashKey: "id", attributes: base.attributes, readCapacity: 2, writeCapacity: 3 };
    await table.up(provisioned);
    expect(table.outputs).toMatchObject({ billingMode: "PROVISIONED", readCapacity: 2, writeCapacity: 3 });
    await keepItem(table.id);
    expect(await table.up({ ...provisioned, readCapacity: 5 })).toBe("update");
    expect(table.outputs).toMatchObject({ readCapacity: 5 });
    expect(await table.up(base)).toBe("update");
    expect(table.outputs).toMatchObject({ billingMode: "PAY_PER_REQUEST", readCapacity: 0 });
    expect(await keptItem(table.id)).toBeDefined();
  });

  test("gains, changes and loses indexes without losing items", async () => {
    const table = aws.resource("aws:dynamodb/table:Table", "Indexed");
    const attributes = [...base.attributes, { name: "day", type: "S" }, { name: "at", type: "N" }];
    const byDay = { name: "byDay", hashKey: "day", projectionType: "ALL" };
    const byTime = { name: "byTime", hashKey: "day", rangeKey: "at", projectionType: "KEYS_ONLY" };
    const names = async () =>
      (await describeTable(table.id))?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName).sort();
    const query = async (IndexName: string) =>
      (
        await dynamodb.send(
          new QueryCommand({
            TableName: table.id,
            IndexName,
            KeyConditionExpression: "#d = :d",
            ExpressionAttributeNames: { "#d": "day" },
            ExpressionAttributeValues: { ":d": { S: "mon" } },
          }),
        )
      ).Items;

    await table.up({ ...base, attributes: attributes.slice(0, 2), globalSecondaryIndexes: [byDay] });
    await keepItem(table.id);
    expect(await table.up({ ...base, attributes, globalSecondaryIndexes: [byDay, byTime] })).toBe("update");
    expect(await names()).toEqual(["byDay", "byTime"]);
    expect(await query("byTime")).toEqual([{ id: { S: "kept" }, day: { S: "mon" }, at: { N: "1" } }]);
    expect(await table.up({ ...base, attributes, globalSecondaryIndexes: [byTime, byDay] })).toBe("same");

    const sorted = { ...byDay, rangeKey: "at" };
    expect(await table.up({ ...base, attributes, globalSecondaryIndexes: [sorted] })).toBe("update");
    expect(await names()).toEqual(["byDay"]);
    expect((await describeTable(table.id))?.GlobalSecondaryIndexes?.[0]?.KeySchema).toHaveLength(2);
    expect(await query("byDay")).toHaveLength(1);
    expect(await table.up(base)).toBe("update");
    expect(await names()).toBeUndefined();
    expect(await keptItem(table.id)).toBeDefined();
  });

  test("turns its stream and the expiry of items on, over and off", async () => {
    const table = aws.resource("aws:dynamodb/table:Table", "Streamed");
    const ttl = async () =>
      (await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: table.id }))).TimeToLiveDescription;
    await table.up({
      ...base,
      streamEnabled: true,
      streamViewType: "NEW_IMAGE",
      ttl: { attributeName: "until", enabled: true },
    });
    const first = table.outputs.streamArn;
    expect(first).toContain(`table/${table.id}/stream/`);
    expect(table.outputs.streamLabel).not.toBe("");
    expect(await ttl()).toMatchObject({ AttributeName: "until", TimeToLiveStatus: "ENABLED" });

    expect(
      await table.up({
        ...base,
        streamEnabled: true,
        streamViewType: "KEYS_ONLY",
        ttl: { attributeName: "gone", enabled: true },
      }),
    ).toBe("update");
    expect(table.outputs).toMatchObject({ streamViewType: "KEYS_ONLY" });
    expect(table.outputs.streamArn).not.toBe(first);
    expect(await ttl()).toMatchObject({ AttributeName: "gone", TimeToLiveStatus: "ENABLED" });

    expect(await table.up(base)).toBe("update");
    expect(table.outputs).toMatchObject({ streamEnabled: false, streamArn: "" });
    expect((await ttl())?.TimeToLiveStatus).toBe("DISABLED");
  });

  test("keeps its tags in step", async () => {
    const table = aws.resource("aws:dynamodb/table:Table", "Tagged");
    await table.up({ ...base, tags: { a: "1", b: "2" } });
    expect(await table.up({ ...base, tags: { b: "3", c: "4" } })).toBe("update");
    const { Tags } = await dynamodb.send(
      new ListTagsOfResourceCommand({ ResourceArn: String(table.outputs.arn) }),
    );
    expect(Object.fromEntries((Tags ?? []).map(({ Key, Value }) => [Key, Value]))).toEqual({
      b: "3",
      c: "4",
    });
  });

  test("is replaced when its keys change", async () => {
    const table = aws.resource("aws:dynamodb/table:Table", "Rekeyed");
    await table.up(base);
    const before = table.id;
    expect(await table.up({ ...base, attributes: [{ name: "id", type: "N" }] })).toBe("replace");
    expect(table.id).not.toBe(before);
    const named = aws.resource("aws:dynamodb/table:Table", "Named");
    await named.up({ ...base, name: "by-hand" });
    const other = { ...base, hashKey: "key", attributes: [{ name: "key", type: "S" }] };
    expect(await named.up({ ...other, name: "by-hand" })).toBe("delete-replace");
    expect((await describeTable("by-hand"))?.KeySchema?.[0]?.AttributeName).toBe("key");
  });

  test("that a crash left behind is taken up again, one of another's is not", async () => {
    const table = aws.resource("aws:dynamodb/table:Table", "Crashed");
    await table.up(base);
    await keepItem(table.id);
    await table.createAgain({ ...base, ttl: { attributeName: "until", enabled: true } });
    expect(await keptItem(table.id)).toBeDefined();
    const theirs = { ...base, name: "theirs" };
    await aws.resource("aws:dynamodb/table:Table", "Theirs").up(theirs);
    await expect(aws.resource("aws:dynamodb/table:Table", "Ours").up(theirs)).rejects.toThrow(
      "CreateTable: ResourceInUseException",
    );
  });

  test.each([
    ["no key", { attributes: base.attributes }, '"hashKey" is required'],
    ["a key nobody declares", { ...base, rangeKey: "at" }, 'The key "at" is not among the attributes'],
    [
      "an attribute that is no key",
      { ...base, attributes: [...base.attributes, { name: "x", type: "S" }] },
      'The attribute "x" is no key',
    ],
  ])("with %s is refused before anything is made", async (_what, inputs, message) => {
    await expect(aws.resource("aws:dynamodb/table:Table", "Bad").up(inputs)).rejects.toThrow(message);
  });
});
