import assert from "node:assert/strict";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ExecuteStatementCommand,
  GetResourcePolicyCommand,
  ListTagsOfResourceCommand,
  PutResourcePolicyCommand,
  type TableDescription,
  TagResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from "@aws-sdk/client-dynamodb-streams";
import { type Check, type Cloud, refused } from "./check.ts";

const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });
const index = (IndexName: string, hash: string) => ({
  IndexName,
  KeySchema: [{ AttributeName: hash, KeyType: "HASH" as const }],
  Projection: { ProjectionType: "ALL" as const },
});

/** A table with the keys `pk` and `sk`, and an index of `g`. */
async function table(cloud: Cloud, more: Partial<CreateTableCommandInput> = {}): Promise<string> {
  const TableName = cloud.name("table");
  await cloud.dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "sk", "g"].map(attribute),
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      GlobalSecondaryIndexes: [index("by-g", "g")],
      ...more,
    }),
  );
  return TableName;
}

/** Describes a table once it and its indexes are active. */
async function described({ dynamodb }: Cloud, TableName: string): Promise<TableDescription> {
  for (;;) {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    const states = [
      Table?.TableStatus,
      ...(Table?.GlobalSecondaryIndexes ?? []).map((one) => one.IndexStatus),
    ];
    if (Table && states.every((state) => state === "ACTIVE")) return Table;
  }
}

/** A table with the items `a 1` to `a 7`, which are all in its index. */
async function filled(cloud: Cloud): Promise<string> {
  const TableName = await table(cloud);
  const items = [1, 2, 3, 4, 5, 6, 7].map((n) => ({ pk: "a", sk: String(n), g: "G", n }));
  await cloud.documents.batchWrite({
    RequestItems: { [TableName]: items.map((Item) => ({ PutRequest: { Item } })) },
  });
  return TableName;
}

const Key = { pk: "a", sk: "1" };

export const tableChecks: readonly Check[] = [
  {
    name: "a table with an index, a stream and tags",
    async run(cloud) {
      const TableName = await table(cloud, {
        StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
        Tags: [{ Key: "a", Value: "b" }],
      });
      const { LatestStreamArn, BillingModeSummary, GlobalSecondaryIndexes } = await described(
        cloud,
        TableName,
      );
      assert.ok(LatestStreamArn);
      assert.equal(BillingModeSummary?.BillingMode, "PAY_PER_REQUEST");
      assert.equal(GlobalSecondaryIndexes?.length, 1);
    },
  },
  {
    name: "an item of every type comes back",
    async run(cloud) {
      const TableName = await table(cloud);
      const Item = {
        ...Key,
        n: 1.5,
        m: { x: [1, "b", null, true] },
        s: new Set(["x"]),
        b: new Uint8Array([1, 2]),
      };
      await cloud.documents.put({ TableName, Item });
      assert.deepEqual((await cloud.documents.get({ TableName, Key })).Item, Item);
    },
  },
  {
    name: "an update with every clause, under a condition",
    async run(cloud) {
      const TableName = await table(cloud);
      await cloud.documents.put({ TableName, Item: { ...Key, n: 1.5, b: "gone" } });
      const { Attributes } = await cloud.documents.update({
        TableName,
        Key,
        UpdateExpression:
          "SET n = n + :one, q = if_not_exists(q, :zero), l = list_append(:l, :l) REMOVE b ADD counted :one",
        ConditionExpression: "attribute_exists(pk) AND begins_with(sk, :prefix)",
        ExpressionAttributeValues: { ":one": 1, ":zero": 0, ":l": ["x"], ":prefix": "1" },
        ReturnValues: "ALL_NEW",
      });
      assert.deepEqual(Attributes, { ...Key, n: 2.5, q: 0, l: ["x", "x"], counted: 1 });
    },
  },
  {
    name: "a condition that fails",
    async run(cloud) {
      const TableName = await filled(cloud);
      const put = cloud.documents.put({
        TableName,
        Item: Key,
        ConditionExpression: "attribute_not_exists(pk)",
      });
      await refused(put, "ConditionalCheckFailedException");
    },
  },
  {
    name: "a condition that fails gives the item, when asked to",
    async run(cloud) {
      const TableName = await filled(cloud);
      const put = cloud.documents.put({
        TableName,
        Item: Key,
        ConditionExpression: "attribute_not_exists(pk)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      });
      const error = await put.then(
        () => undefined,
        (error: { Item?: unknown }) => error,
      );
      assert.ok(error?.Item);
    },
  },
  {
    name: "a query with a range, a filter, backwards, by pages",
    async run(cloud) {
      const TableName = await filled(cloud);
      const page = await cloud.documents.query({
        TableName,
        KeyConditionExpression: "pk = :pk AND sk BETWEEN :low AND :high",
        FilterExpression: "n > :n",
        ExpressionAttributeValues: { ":pk": "a", ":low": "2", ":high": "7", ":n": 3 },
        ScanIndexForward: false,
        Limit: 3,
      });
      assert.deepEqual(
        page.Items?.map(({ sk }) => sk),
        ["7", "6", "5"],
      );
      assert.deepEqual(page.LastEvaluatedKey, { pk: "a", sk: "5" });
    },
  },
  {
    name: "a query of an index",
    async run(cloud) {
      const TableName = await filled(cloud);
      const { Items } = await cloud.documents.query({
        TableName,
        IndexName: "by-g",
        KeyConditionExpression: "g = :g",
        ExpressionAttributeValues: { ":g": "G" },
      });
      assert.equal(Items?.length, 7);
    },
  },
  {
    name: "a scan that only counts",
    async run(cloud) {
      const { Count, Items } = await cloud.documents.scan({
        TableName: await filled(cloud),
        Select: "COUNT",
      });
      assert.deepEqual([Count, Items], [7, undefined]);
    },
  },
  {
    name: "items are written and read in batches",
    async run(cloud) {
      const TableName = await filled(cloud);
      const { Responses } = await cloud.documents.batchGet({
        RequestItems: { [TableName]: { Keys: [Key, { pk: "a", sk: "2" }] } },
      });
      assert.equal(Responses?.[TableName]?.length, 2);
    },
  },
  {
    name: "a transaction writes all",
    async run(cloud) {
      const TableName = await filled(cloud);
      await cloud.documents.transactWrite({
        TransactItems: [
          { Put: { TableName, Item: { pk: "t", sk: "1" } } },
          {
            Update: {
              TableName,
              Key,
              UpdateExpression: "SET x = :x",
              ExpressionAttributeValues: { ":x": 1 },
            },
          },
        ],
      });
      assert.equal((await cloud.documents.get({ TableName, Key })).Item?.x, 1);
      assert.ok((await cloud.documents.get({ TableName, Key: { pk: "t", sk: "1" } })).Item);
    },
  },
  {
    name: "a transaction writes nothing when one condition fails",
    async run(cloud) {
      const TableName = await filled(cloud);
      const writing = cloud.documents.transactWrite({
        TransactItems: [
          { Put: { TableName, Item: { pk: "t", sk: "1" } } },
          {
            ConditionCheck: {
              TableName,
              Key: { pk: "missing", sk: "1" },
              ConditionExpression: "attribute_exists(pk)",
            },
          },
        ],
      });
      await refused(writing, "TransactionCanceledException");
      assert.equal((await cloud.documents.get({ TableName, Key: { pk: "t", sk: "1" } })).Item, undefined);
    },
  },
  {
    name: "a transaction reads",
    async run(cloud) {
      const TableName = await filled(cloud);
      const { Responses } = await cloud.documents.transactGet({
        TransactItems: [{ Get: { TableName, Key } }],
      });
      assert.equal(Responses?.[0]?.Item?.n, 1);
    },
  },
  {
    name: "time to live is switched on",
    async run(cloud) {
      const TableName = await table(cloud);
      await cloud.dynamodb.send(
        new UpdateTimeToLiveCommand({
          TableName,
          TimeToLiveSpecification: { Enabled: true, AttributeName: "ttl" },
        }),
      );
      const { TimeToLiveDescription } = await cloud.dynamodb.send(
        new DescribeTimeToLiveCommand({ TableName }),
      );
      assert.equal(TimeToLiveDescription?.TimeToLiveStatus, "ENABLED");
    },
  },
  {
    name: "PartiQL",
    async run(cloud) {
      const Statement = `SELECT * FROM "${await filled(cloud)}" WHERE pk = 'a'`;
      const { Items } = await cloud.dynamodb.send(new ExecuteStatementCommand({ Statement }));
      assert.equal(Items?.length, 7);
    },
  },
  {
    name: "a stream has the records",
    async run(cloud) {
      const TableName = await table(cloud, {
        StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
      });
      const { LatestStreamArn: StreamArn } = await described(cloud, TableName);
      await cloud.documents.put({ TableName, Item: Key });
      const { StreamDescription } = await cloud.streams.send(new DescribeStreamCommand({ StreamArn }));
      const { ShardIterator } = await cloud.streams.send(
        new GetShardIteratorCommand({
          StreamArn,
          ShardId: StreamDescription?.Shards?.[0]?.ShardId,
          ShardIteratorType: "TRIM_HORIZON",
        }),
      );
      const { Records } = await cloud.streams.send(new GetRecordsCommand({ ShardIterator }));
      assert.deepEqual(
        Records?.map(({ eventName }) => eventName),
        ["INSERT"],
      );
    },
  },
  {
    name: "an index is added to a table that has items",
    async run(cloud) {
      const TableName = await filled(cloud);
      await cloud.dynamodb.send(
        new UpdateTableCommand({
          TableName,
          AttributeDefinitions: [attribute("sk")],
          GlobalSecondaryIndexUpdates: [{ Create: index("by-sk", "sk") }],
        }),
      );
      assert.equal((await described(cloud, TableName)).GlobalSecondaryIndexes?.length, 2);
      const { Count } = await cloud.documents.query({
        TableName,
        IndexName: "by-sk",
        KeyConditionExpression: "sk = :sk",
        ExpressionAttributeValues: { ":sk": "3" },
      });
      assert.equal(Count, 1);
    },
  },
  {
    name: "an index is deleted",
    async run(cloud) {
      const TableName = await table(cloud);
      await cloud.dynamodb.send(
        new UpdateTableCommand({
          TableName,
          GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: "by-g" } }],
        }),
      );
      assert.equal((await described(cloud, TableName)).GlobalSecondaryIndexes?.length ?? 0, 0);
    },
  },
  {
    name: "a stream is switched off",
    async run(cloud) {
      const TableName = await table(cloud, {
        StreamSpecification: { StreamEnabled: true, StreamViewType: "KEYS_ONLY" },
      });
      await cloud.dynamodb.send(
        new UpdateTableCommand({ TableName, StreamSpecification: { StreamEnabled: false } }),
      );
      assert.ok(!(await described(cloud, TableName)).StreamSpecification?.StreamEnabled);
    },
  },
  {
    name: "deletion protection is switched on",
    async run(cloud) {
      const TableName = await table(cloud);
      await cloud.dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true }));
      assert.equal((await described(cloud, TableName)).DeletionProtectionEnabled, true);
    },
  },
  {
    name: "a table is tagged",
    async run(cloud) {
      const { TableArn: ResourceArn } = await described(cloud, await table(cloud));
      const Tags = [{ Key: "k", Value: "v" }];
      await cloud.dynamodb.send(new TagResourceCommand({ ResourceArn, Tags }));
      assert.deepEqual(
        (await cloud.dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn }))).Tags,
        Tags,
      );
    },
  },
  {
    name: "recovery to a point in time is switched on",
    async run(cloud) {
      const TableName = await table(cloud);
      await cloud.dynamodb.send(
        new UpdateContinuousBackupsCommand({
          TableName,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      );
      const { ContinuousBackupsDescription } = await cloud.dynamodb.send(
        new DescribeContinuousBackupsCommand({ TableName }),
      );
      assert.equal(
        ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus,
        "ENABLED",
      );
    },
  },
  {
    name: "a table has a policy",
    async run(cloud) {
      const { TableArn: ResourceArn } = await described(cloud, await table(cloud));
      const statement = {
        Effect: "Allow",
        Principal: { AWS: "111111111111" },
        Action: "dynamodb:GetItem",
        Resource: ResourceArn,
      };
      const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
      await cloud.dynamodb.send(new PutResourcePolicyCommand({ ResourceArn, Policy }));
      const found = await cloud.dynamodb.send(new GetResourcePolicyCommand({ ResourceArn }));
      assert.equal(JSON.parse(found.Policy ?? "{}").Statement?.[0]?.Action, "dynamodb:GetItem");
    },
  },
  {
    name: "a key that is not the table's is refused",
    async run(cloud) {
      const get = cloud.documents.get({ TableName: await table(cloud), Key: { pk: "a" } });
      await refused(get, "ValidationException");
    },
  },
  {
    name: "a missing table is ResourceNotFoundException",
    async run(cloud) {
      const get = cloud.documents.get({ TableName: cloud.name("missing"), Key });
      await refused(get, "ResourceNotFoundException");
    },
  },
];
