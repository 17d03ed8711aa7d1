import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteResourcePolicyCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetResourcePolicyCommand,
  ListTagsOfResourceCommand,
  PutItemCommand,
  PutResourcePolicyCommand,
  QueryCommand,
  RestoreTableToPointInTimeCommand,
  ScanCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestCloud, type TestCloud } from "../testing.ts";

let cloud: TestCloud;
let client: DynamoDBClient;

beforeAll(async () => {
  cloud = await startTestCloud();
  client = cloud.client(DynamoDBClient);
});
afterAll(() => cloud[Symbol.asyncDispose]());

const simple = (TableName: string): CreateTableCommandInput => ({
  TableName,
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
  KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
});

describe("tables", () => {
  test("a table is described as it was created", async () => {
    const TableName = "described";
    const { TableDescription } = await client.send(
      new CreateTableCommand({
        TableName,
        ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 6 },
        AttributeDefinitions: [
          { AttributeName: "a", AttributeType: "S" },
          { AttributeName: "b", AttributeType: "N" },
          { AttributeName: "c", AttributeType: "B" },
        ],
        KeySchema: [
          { AttributeName: "a", KeyType: "HASH" },
          { AttributeName: "b", KeyType: "RANGE" },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: "global",
            KeySchema: [{ AttributeName: "c", KeyType: "HASH" }],
            Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["x"] },
            ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 2 },
          },
        ],
        StreamSpecification: { StreamEnabled: true, StreamViewType: "KEYS_ONLY" },
        SSESpecification: { Enabled: true },
        TableClass: "STANDARD_INFREQUENT_ACCESS",
        DeletionProtectionEnabled: true,
        Tags: [{ Key: "team", Value: "red" }],
      }),
    );
    expect(TableDescription?.TableStatus).toBe("CREATING");
    await waitUntilTableExists({ client, maxWaitTime: 5, minDelay: 1, maxDelay: 1 }, { TableName });
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    expect(Table).toMatchObject({
      TableArn: "arn:aws:dynamodb:us-east-1:000000000000:table/described",
      TableStatus: "ACTIVE",
      ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 6 },
      GlobalSecondaryIndexes: [
        {
          IndexName: "global",
          IndexStatus: "ACTIVE",
          Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["x"] },
          ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 2 },
        },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: "KEYS_ONLY" },
      SSEDescription: { Status: "ENABLED", SSEType: "KMS" },
      TableClassSummary: { TableClass: "STANDARD_INFREQUENT_ACCESS" },
      DeletionProtectionEnabled: true,
    });
    expect(Table?.CreationDateTime).toBeInstanceOf(Date);
    expect(Table?.LatestStreamArn).toContain("/stream/");
  });

  test("a protected table is not deleted until it is unprotected", async () => {
    const TableName = "protected";
    await client.send(new CreateTableCommand({ ...simple(TableName), DeletionProtectionEnabled: true }));
    await expect(client.send(new DeleteTableCommand({ TableName }))).rejects.toMatchObject({
      name: "ValidationException",
    });
    await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
    await client.send(new DeleteTableCommand({ TableName }));
    await waitUntilTableNotExists({ client, maxWaitTime: 5, minDelay: 1, maxDelay: 1 }, { TableName });
    await expect(client.send(new DescribeTableCommand({ TableName }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "Requested resource not found: Table: protected not found",
    });
  });

  test("a deleted table's items do not come back with a table of the same name", async () => {
    const TableName = "again";
    await client.send(new CreateTableCommand(simple(TableName)));
    await client.send(new PutItemCommand({ TableName, Item: { id: { S: "a" } } }));
    await client.send(new DeleteTableCommand({ TableName }));
    await client.send(new CreateTableCommand(simple(TableName)));
    expect((await client.send(new ScanCommand({ TableName }))).Count).toBe(0);
    await expect(client.send(new CreateTableCommand(simple(TableName)))).rejects.toMatchObject({
      name: "ResourceInUseException",
    });
  });

  test("an index made later has the items that were there, and follows them", async () => {
    const TableName = "later";
    await client.send(new CreateTableCommand(simple(TableName)));
    const put = (id: string, kind: string) =>
      client.send(
        new PutItemCommand({ TableName, Item: { id: { S: id }, kind: { S: kind }, extra: { S: "x" } } }),
      );
    await put("1", "cat");
    await put("2", "dog");
    const created = await client.send(
      new UpdateTableCommand({
        TableName,
        AttributeDefinitions: [{ AttributeName: "kind", AttributeType: "S" }],
        GlobalSecondaryIndexUpdates: [
          {
            Create: {
              IndexName: "by-kind",
              KeySchema: [{ AttributeName: "kind", KeyType: "HASH" }],
              Projection: { ProjectionType: "KEYS_ONLY" },
            },
          },
        ],
      }),
    );
    expect(created.TableDescription?.AttributeDefinitions).toHaveLength(2);
    await put("3", "cat");
    await put("1", "dog");
    const query = () =>
      client.send(
        new QueryCommand({
          TableName,
          IndexName: "by-kind",
          KeyConditionExpression: "kind = :k",
          ExpressionAttributeValues: { ":k": { S: "cat" } },
        }),
      );
    expect((await query()).Items).toEqual([{ id: { S: "3" }, kind: { S: "cat" } }]);
    await client.send(
      new UpdateTableCommand({
        TableName,
        GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: "by-kind" } }],
      }),
    );
    await expect(query()).rejects.toMatchObject({
      message: "The table does not have the specified index: by-kind",
    });
  });
});

describe("settings", () => {
  test("tags, backups and policies are kept and taken away again", async () => {
    const TableName = "settings";
    const { TableDescription } = await client.send(new CreateTableCommand(simple(TableName)));
    const ResourceArn = TableDescription?.TableArn ?? "";
    await client.send(
      new TagResourceCommand({
        ResourceArn,
        Tags: [
          { Key: "a", Value: "1" },
          { Key: "b", Value: "2" },
        ],
      }),
    );
    await client.send(new UntagResourceCommand({ ResourceArn, TagKeys: ["a"] }));
    expect((await client.send(new ListTagsOfResourceCommand({ ResourceArn }))).Tags).toEqual([
      { Key: "b", Value: "2" },
    ]);

    await client.send(
      new UpdateContinuousBackupsCommand({
        TableName,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      }),
    );
    const backups = await client.send(new DescribeContinuousBackupsCommand({ TableName }));
    expect(backups.ContinuousBackupsDescription?.PointInTimeRecoveryDescription).toMatchObject({
      PointInTimeRecoveryStatus: "ENABLED",
    });

    const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [] });
    const { RevisionId } = await client.send(new PutResourcePolicyCommand({ ResourceArn, Policy }));
    expect(await client.send(new GetResourcePolicyCommand({ ResourceArn }))).toMatchObject({
      Policy,
      RevisionId,
    });
    await client.send(new DeleteResourcePolicyCommand({ ResourceArn }));
    await expect(client.send(new GetResourcePolicyCommand({ ResourceArn }))).rejects.toMatchObject({
      name: "PolicyNotFoundException",
    });
    const ttl = await client.send(new DescribeTimeToLiveCommand({ TableName }));
    expect(ttl.TimeToLiveDescription).toEqual({ TimeToLiveStatus: "DISABLED" });
  });

  test("what is not there says so, and what to do instead", async () => {
    await expect(
      client.send(new ExecuteStatementCommand({ Statement: 'SELECT * FROM "x"' })),
    ).rejects.toMatchObject({ name: "NotImplemented", message: expect.stringContaining("Query") });
    await expect(
      client.send(
        new RestoreTableToPointInTimeCommand({ SourceTableName: "a-table", TargetTableName: "b-table" }),
      ),
    ).rejects.toMatchObject({ name: "NotImplemented", message: expect.stringContaining("data folder") });
  });
});

test.each<[string, Partial<CreateTableCommandInput>, string]>([
  [
    "a name too short",
    { TableName: "x" },
    "TableName must be at least 3 characters long and at most 255 characters long",
  ],
  [
    "a key without definition",
    { KeySchema: [{ AttributeName: "other", KeyType: "HASH" }] },
    "One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [other], AttributeDefinitions: [id]",
  ],
  [
    "throughput on demand",
    { ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 } },
    "One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
  ],
  [
    "a definition no key needs",
    {
      AttributeDefinitions: [
        { AttributeName: "id", AttributeType: "S" },
        { AttributeName: "spare", AttributeType: "S" },
      ],
    },
    "One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions",
  ],
  [
    "a local index of a table without range key",
    {
      LocalSecondaryIndexes: [
        {
          IndexName: "local",
          KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
          Projection: { ProjectionType: "ALL" },
        },
      ],
    },
    "One or more parameter values were invalid: Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex",
  ],
])("%s is refused as AWS refuses it", async (_, change, message) => {
  await expect(
    client.send(new CreateTableCommand({ ...simple("invalid"), ...change })),
  ).rejects.toMatchObject({ name: "ValidationException", message });
});
