import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  PutResourcePolicyCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PolicyStatement } from "../iam/policy.ts";
import { startTestCloud, type TestCloud } from "../testing.ts";

let cloud: TestCloud;
const TableName = "shared";
const arn = `arn:aws:dynamodb:us-east-1:000000000000:table/${TableName}`;
const denied = { name: "AccessDeniedException" };

beforeAll(async () => {
  cloud = await startTestCloud();
  const root = cloud.client(DynamoDBClient);
  await root.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "owner", AttributeType: "S" },
        { AttributeName: "kind", AttributeType: "S" },
      ],
      KeySchema: [{ AttributeName: "owner", KeyType: "HASH" }],
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-kind",
          KeySchema: [{ AttributeName: "kind", KeyType: "HASH" }],
          Projection: { ProjectionType: "ALL" },
        },
      ],
    }),
  );
  await root.send(
    new PutItemCommand({ TableName, Item: { owner: { S: "ann" }, kind: { S: "note" }, secret: { S: "x" } } }),
  );
});
afterAll(() => cloud[Symbol.asyncDispose]());

async function as(statement: Partial<PolicyStatement>): Promise<DynamoDBClient> {
  const session = await cloud.roleWith([
    { Effect: "Allow", Action: "dynamodb:*", Resource: arn, ...statement },
  ]);
  return cloud.client(DynamoDBClient, session);
}

const get = (owner: string, ProjectionExpression?: string) =>
  new GetItemCommand({ TableName, Key: { owner: { S: owner } }, ProjectionExpression });

test("a policy on leading keys lets a caller see its own items only", async () => {
  const ann = await as({ Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["ann"] } } });
  await ann.send(get("ann"));
  await expect(ann.send(get("bob"))).rejects.toMatchObject(denied);
  const query = (owner: string) =>
    new QueryCommand({
      TableName,
      KeyConditionExpression: "#o = :o",
      ExpressionAttributeNames: { "#o": "owner" },
      ExpressionAttributeValues: { ":o": { S: owner } },
    });
  expect((await ann.send(query("ann"))).Count).toBe(1);
  await expect(ann.send(query("bob"))).rejects.toMatchObject(denied);
  const put = (owner: string) => ({ Put: { TableName, Item: { owner: { S: owner } } } });
  await expect(
    ann.send(new TransactWriteItemsCommand({ TransactItems: [put("ann"), put("bob")] })),
  ).rejects.toMatchObject(denied);
});

test("a policy on attributes holds for projections, conditions and updates", async () => {
  const reader = await as({
    Condition: {
      "ForAllValues:StringEquals": { "dynamodb:Attributes": ["owner", "kind"] },
      StringEqualsIfExists: { "dynamodb:Select": "SPECIFIC_ATTRIBUTES", "dynamodb:ReturnValues": ["NONE"] },
    },
  });
  await reader.send(get("ann", "kind"));
  await expect(reader.send(get("ann", "kind, secret"))).rejects.toMatchObject(denied);
  await expect(reader.send(get("ann"))).rejects.toMatchObject(denied);
  const update = (attribute: string, ReturnValues?: "ALL_OLD") =>
    new UpdateItemCommand({
      TableName,
      Key: { owner: { S: "ann" } },
      UpdateExpression: "SET #a = :v",
      ExpressionAttributeNames: { "#a": attribute },
      ExpressionAttributeValues: { ":v": { S: "note" } },
      ReturnValues,
    });
  await reader.send(update("kind"));
  await expect(reader.send(update("secret"))).rejects.toMatchObject(denied);
  await expect(reader.send(update("kind", "ALL_OLD"))).rejects.toMatchObject(denied);
});

test("an index is a resource of its own", async () => {
  const query = new QueryCommand({
    TableName,
    IndexName: "by-kind",
    KeyConditionExpression: "kind = :k",
    ExpressionAttributeValues: { ":k": { S: "note" } },
  });
  const onTable = await as({});
  await expect(onTable.send(query)).rejects.toMatchObject(denied);
  const onIndex = await as({ Resource: `${arn}/index/by-kind` });
  expect((await onIndex.send(query)).Count).toBe(1);
  await expect(onIndex.send(get("ann"))).rejects.toMatchObject(denied);
});

test("the table's own policy allows and denies as well", async () => {
  const session = await cloud.roleWith([]);
  const guest = cloud.client(DynamoDBClient, session);
  await expect(guest.send(get("ann"))).rejects.toMatchObject(denied);
  await cloud.client(DynamoDBClient).send(
    new PutResourcePolicyCommand({
      ResourceArn: arn,
      Policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { AWS: session.roleArn }, Action: "dynamodb:GetItem", Resource: arn },
        ],
      }),
    }),
  );
  expect((await guest.send(get("ann"))).Item).toBeDefined();
});
