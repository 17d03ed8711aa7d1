/** Sample calls of DynamoDB's operations. */
import * as sdk from "@aws-sdk/client-dynamodb";
import * as streamSdk from "@aws-sdk/client-dynamodb-streams";
import type { PolicyStatement } from "../iam/policy.ts";
import { type SampleCall, sampleCalls } from "../samples.ts";

interface Fixture {
  readonly TableName: string;
  readonly arn: string;
  readonly StreamArn: string;
  readonly ShardId: string;
  readonly ShardIterator: string;
}

interface Clients {
  readonly tables: sdk.DynamoDBClient;
  readonly streams: streamSdk.DynamoDBStreamsClient;
}

type Sample = SampleCall<Clients, Fixture>;

const policy = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { AWS: "111111111111" }, Action: "dynamodb:GetItem", Resource: "*" },
  ],
});
const Key = { id: { S: "a" } };

function only(action: string, resource: string): PolicyStatement {
  return { Effect: "Allow", Action: `dynamodb:${action}`, Resource: resource };
}

/** A call on the table that takes the permission of its own name. */
function onTable(
  action: string,
  call: (tables: sdk.DynamoDBClient, fixture: Fixture) => Promise<unknown>,
): Sample {
  return { call: ({ tables }, fixture) => call(tables, fixture), allow: ({ arn }) => [only(action, arn)] };
}

function onStream(
  action: string,
  call: (streams: streamSdk.DynamoDBStreamsClient, fixture: Fixture) => Promise<unknown>,
): Sample {
  return {
    call: ({ streams }, fixture) => call(streams, fixture),
    allow: ({ StreamArn }) => [only(action, StreamArn)],
  };
}

function onAccount(action: string, call: (clients: Clients, fixture: Fixture) => Promise<unknown>): Sample {
  return { call, allow: () => [only(action, "*")] };
}

/** What the local cloud answers with an explanation instead. */
function refused(
  action: string,
  call: (tables: sdk.DynamoDBClient, fixture: Fixture) => Promise<unknown>,
): Sample {
  return { ...onAccount(action, ({ tables }, fixture) => call(tables, fixture)), endsIn: "NotImplemented" };
}

export const samples = sampleCalls<Clients, Fixture>({
  service: "dynamodb",
  client: (test, credentials) => ({
    tables: test.client(sdk.DynamoDBClient, credentials),
    streams: test.client(streamSdk.DynamoDBStreamsClient, credentials),
  }),
  async prepare(test, TableName) {
    const tables = test.client(sdk.DynamoDBClient);
    const streams = test.client(streamSdk.DynamoDBStreamsClient);
    const { TableDescription } = await tables.send(
      new sdk.CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
        ResourcePolicy: policy,
        Tags: [{ Key: "team", Value: "red" }],
      }),
    );
    await tables.send(new sdk.PutItemCommand({ TableName, Item: Key }));
    const StreamArn = TableDescription?.LatestStreamArn ?? "";
    const { StreamDescription } = await streams.send(new streamSdk.DescribeStreamCommand({ StreamArn }));
    const ShardId = StreamDescription?.Shards?.[0]?.ShardId ?? "";
    const { ShardIterator = "" } = await streams.send(
      new streamSdk.GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" }),
    );
    return { TableName, arn: TableDescription?.TableArn ?? "", StreamArn, ShardId, ShardIterator };
  },
  calls: {
    CreateTable: {
      call: ({ tables }, { TableName }) =>
        tables.send(
          new sdk.CreateTableCommand({
            TableName: `${TableName}-new`,
            BillingMode: "PAY_PER_REQUEST",
            AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
            KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
            ResourcePolicy: policy,
            Tags: [{ Key: "team", Value: "red" }],
          }),
        ),
      allow: ({ arn }) =>
        ["CreateTable", "TagResource", "PutResourcePolicy"].map((action) => only(action, `${arn}-new`)),
    },
    DescribeTable: onTable("DescribeTable", (tables, { TableName }) =>
      tables.send(new sdk.DescribeTableCommand({ TableName })),
    ),
    ListTables: onAccount("ListTables", ({ tables }) => tables.send(new sdk.ListTablesCommand({}))),
    UpdateTable: onTable("UpdateTable", (tables, { TableName }) =>
      tables.send(new sdk.UpdateTableCommand({ TableName, DeletionProtectionEnabled: true })),
    ),
    DeleteTable: onTable("DeleteTable", (tables, { TableName }) =>
      tables.send(new sdk.DeleteTableCommand({ TableName })),
    ),
    GetItem: onTable("GetItem", (tables, { TableName }) =>
      tables.send(new sdk.GetItemCommand({ TableName, Key })),
    ),
    PutItem: onTable("PutItem", (tables, { TableName }) =>
      tables.send(new sdk.PutItemCommand({ TableName, Item: Key })),
    ),
    UpdateItem: onTable("UpdateItem", (tables, { TableName }) =>
      tables.send(
        new sdk.UpdateItemCommand({
          TableName,
          Key,
          UpdateExpression: "SET a = :a",
          ExpressionAttributeValues: { ":a": { N: "1" } },
        }),
      ),
    ),
    DeleteItem: onTable("DeleteItem", (tables, { TableName }) =>
      tables.send(new sdk.DeleteItemCommand({ TableName, Key })),
    ),
    Query: onTable("Query", (tables, { TableName }) =>
      tables.send(
        new sdk.QueryCommand({
          TableName,
          KeyConditionExpression: "id = :id",
          ExpressionAttributeValues: { ":id": { S: "a" } },
        }),
      ),
    ),
    Scan: onTable("Scan", (tables, { TableName }) => tables.send(new sdk.ScanCommand({ TableName }))),
    BatchGetItem: onTable("BatchGetItem", (tables, { TableName }) =>
      tables.send(new sdk.BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [Key] } } })),
    ),
    BatchWriteItem: onTable("BatchWriteItem", (tables, { TableName }) =>
      tables.send(
        new sdk.BatchWriteItemCommand({ RequestItems: { [TableName]: [{ DeleteRequest: { Key } }] } }),
      ),
    ),
    TransactGetItems: onTable("GetItem", (tables, { TableName }) =>
      tables.send(new sdk.TransactGetItemsCommand({ TransactItems: [{ Get: { TableName, Key } }] })),
    ),
    TransactWriteItems: {
      call: ({ tables }, { TableName }) =>
        tables.send(
          new sdk.TransactWriteItemsCommand({
            TransactItems: [
              { Put: { TableName, Item: { id: { S: "b" } } } },
              { Delete: { TableName, Key: { id: { S: "c" } } } },
              {
                Update: {
                  TableName,
                  Key: { id: { S: "d" } },
                  UpdateExpression: "SET a = :a",
                  ExpressionAttributeValues: { ":a": { N: "1" } },
                },
              },
              { ConditionCheck: { TableName, Key, ConditionExpression: "attribute_exists(id)" } },
            ],
          }),
        ),
      allow: ({ arn }) =>
        ["PutItem", "DeleteItem", "UpdateItem", "ConditionCheckItem"].map((action) => only(action, arn)),
    },
    UpdateTimeToLive: onTable("UpdateTimeToLive", (tables, { TableName }) =>
      tables.send(
        new sdk.UpdateTimeToLiveCommand({
          TableName,
          TimeToLiveSpecification: { Enabled: true, AttributeName: "ttl" },
        }),
      ),
    ),
    DescribeTimeToLive: onTable("DescribeTimeToLive", (tables, { TableName }) =>
      tables.send(new sdk.DescribeTimeToLiveCommand({ TableName })),
    ),
    TagResource: onTable("TagResource", (tables, { arn }) =>
      tables.send(new sdk.TagResourceCommand({ ResourceArn: arn, Tags: [{ Key: "a", Value: "b" }] })),
    ),
    UntagResource: onTable("UntagResource", (tables, { arn }) =>
      tables.send(new sdk.UntagResourceCommand({ ResourceArn: arn, TagKeys: ["team"] })),
    ),
    ListTagsOfResource: onTable("ListTagsOfResource", (tables, { arn }) =>
      tables.send(new sdk.ListTagsOfResourceCommand({ ResourceArn: arn })),
    ),
    DescribeContinuousBackups: onTable("DescribeContinuousBackups", (tables, { TableName }) =>
      tables.send(new sdk.DescribeContinuousBackupsCommand({ TableName })),
    ),
    UpdateContinuousBackups: onTable("UpdateContinuousBackups", (tables, { TableName }) =>
      tables.send(
        new sdk.UpdateContinuousBackupsCommand({
          TableName,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      ),
    ),
    ListBackups: onAccount("ListBackups", ({ tables }) => tables.send(new sdk.ListBackupsCommand({}))),
    DescribeKinesisStreamingDestination: onTable(
      "DescribeKinesisStreamingDestination",
      (tables, { TableName }) =>
        tables.send(new sdk.DescribeKinesisStreamingDestinationCommand({ TableName })),
    ),
    DescribeContributorInsights: onTable("DescribeContributorInsights", (tables, { TableName }) =>
      tables.send(new sdk.DescribeContributorInsightsCommand({ TableName })),
    ),
    DescribeLimits: onAccount("DescribeLimits", ({ tables }) =>
      tables.send(new sdk.DescribeLimitsCommand({})),
    ),
    DescribeEndpoints: onAccount("DescribeEndpoints", ({ tables }) =>
      tables.send(new sdk.DescribeEndpointsCommand({})),
    ),
    PutResourcePolicy: onTable("PutResourcePolicy", (tables, { arn }) =>
      tables.send(new sdk.PutResourcePolicyCommand({ ResourceArn: arn, Policy: policy })),
    ),
    GetResourcePolicy: onTable("GetResourcePolicy", (tables, { arn }) =>
      tables.send(new sdk.GetResourcePolicyCommand({ ResourceArn: arn })),
    ),
    DeleteResourcePolicy: onTable("DeleteResourcePolicy", (tables, { arn }) =>
      tables.send(new sdk.DeleteResourcePolicyCommand({ ResourceArn: arn })),
    ),
    ListStreams: onAccount("ListStreams", ({ streams }) =>
      streams.send(new streamSdk.ListStreamsCommand({})),
    ),
    DescribeStream: onStream("DescribeStream", (streams, { StreamArn }) =>
      streams.send(new streamSdk.DescribeStreamCommand({ StreamArn })),
    ),
    GetShardIterator: onStream("GetShardIterator", (streams, { StreamArn, ShardId }) =>
      streams.send(
        new streamSdk.GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: "LATEST" }),
      ),
    ),
    GetRecords: onStream("GetRecords", (streams, { ShardIterator }) =>
      streams.send(new streamSdk.GetRecordsCommand({ ShardIterator })),
    ),
    ExecuteStatement: refused("PartiQLSelect", (tables, { TableName }) =>
      tables.send(new sdk.ExecuteStatementCommand({ Statement: `SELECT * FROM "${TableName}"` })),
    ),
    BatchExecuteStatement: refused("PartiQLSelect", (tables, { TableName }) =>
      tables.send(
        new sdk.BatchExecuteStatementCommand({
          Statements: [{ Statement: `SELECT * FROM "${TableName}" WHERE id = 'a'` }],
        }),
      ),
    ),
    ExecuteTransaction: refused("PartiQLSelect", (tables, { TableName }) =>
      tables.send(
        new sdk.ExecuteTransactionCommand({
          TransactStatements: [{ Statement: `SELECT * FROM "${TableName}" WHERE id = 'a'` }],
        }),
      ),
    ),
    RestoreTableToPointInTime: refused("RestoreTableToPointInTime", (tables, { TableName }) =>
      tables.send(
        new sdk.RestoreTableToPointInTimeCommand({
          SourceTableName: TableName,
          TargetTableName: `${TableName}-restored`,
          UseLatestRestorableTime: true,
        }),
      ),
    ),
    RestoreTableFromBackup: refused("RestoreTableFromBackup", (tables, { TableName, arn }) =>
      tables.send(
        new sdk.RestoreTableFromBackupCommand({
          TargetTableName: `${TableName}-restored`,
          BackupArn: `${arn}/backup/01489602797149-73d8d5bc`,
        }),
      ),
    ),
    CreateBackup: refused("CreateBackup", (tables, { TableName }) =>
      tables.send(new sdk.CreateBackupCommand({ TableName, BackupName: "nightly" })),
    ),
  },
});
