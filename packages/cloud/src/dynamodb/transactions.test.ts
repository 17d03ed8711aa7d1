import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestCloud, type TestCloud } from "../testing.ts";

let cloud: TestCloud;
let client: DynamoDBClient;
const TableName = "accounts";

beforeAll(async () => {
  cloud = await startTestCloud();
  client = cloud.client(DynamoDBClient);
  await createTable(client);
});
afterAll(() => cloud[Symbol.asyncDispose]());

async function createTable(of: DynamoDBClient): Promise<void> {
  await of.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    }),
  );
}

const key = (id: string) => ({ id: { S: id } });
const add = (id: string, amount: string) => ({
  Update: {
    TableName,
    Key: key(id),
    UpdateExpression: "ADD balance :a",
    ExpressionAttributeValues: { ":a": { N: amount } },
  },
});

test("a repeated token does nothing again; with another request it is refused", async () => {
  const send = (amount: string) =>
    client.send(
      new TransactWriteItemsCommand({ ClientRequestToken: "token-1", TransactItems: [add("token", amount)] }),
    );
  await send("5");
  await send("5");
  const { Item } = await client.send(new GetItemCommand({ TableName, Key: key("token") }));
  expect(Item?.balance).toEqual({ N: "5" });
  await expect(send("6")).rejects.toMatchObject({ name: "IdempotentParameterMismatchException" });
});

test("every reason says which item hindered, how, and what it was", async () => {
  await client.send(new PutItemCommand({ TableName, Item: { ...key("text"), balance: { S: "much" } } }));
  const transaction = new TransactWriteItemsCommand({
    TransactItems: [
      add("fine", "1"),
      {
        Delete: {
          TableName,
          Key: key("text"),
          ConditionExpression: "balance > :zero",
          ExpressionAttributeValues: { ":zero": { N: "0" } },
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        },
      },
    ],
  });
  await expect(client.send(transaction)).rejects.toMatchObject({
    name: "TransactionCanceledException",
    CancellationReasons: [
      { Code: "None" },
      { Code: "ConditionalCheckFailed", Item: { balance: { S: "much" } } },
    ],
  });
  const wrongType = new TransactWriteItemsCommand({ TransactItems: [add("fine", "1"), add("text", "1")] });
  await expect(client.send(wrongType)).rejects.toMatchObject({
    CancellationReasons: [{ Code: "None" }, { Code: "ValidationError" }],
  });
  const { Responses } = await client.send(
    new TransactGetItemsCommand({
      TransactItems: [{ Get: { TableName, Key: key("fine") } }, { Get: { TableName, Key: key("text") } }],
    }),
  );
  expect(Responses).toEqual([{}, { Item: { ...key("text"), balance: { S: "much" } } }]);
});

test("one item twice is refused", async () => {
  const twice = new TransactWriteItemsCommand({ TransactItems: [add("a", "1"), add("a", "1")] });
  await expect(client.send(twice)).rejects.toMatchObject({
    message: "Transaction request cannot include multiple operations on one item",
  });
});

interface Served {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

async function serve(
  dir: string,
): Promise<{ readonly child: ChildProcess; readonly client: DynamoDBClient }> {
  const program = `
    const { startCloud } = await import(${JSON.stringify(new URL("../start.ts", import.meta.url).href)});
    const { endpoint, credentials } = await startCloud({ dir: ${JSON.stringify(dir)} });
    process.send({ endpoint, credentials });`;
  const child = spawn(process.execPath, ["--conditions=source", "--input-type=module", "-e", program], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const [served] = (await once(child, "message")) as [Served];
  return { child, client: new DynamoDBClient({ ...served, region: "us-east-1", maxAttempts: 1 }) };
}

test("a cloud killed amid transactions keeps each whole, and all it acknowledged", async () => {
  const dir = await mkdtemp(join(tmpdir(), "bowline-kill-"));
  try {
    const first = await serve(dir);
    await createTable(first.client);
    const acknowledged: number[] = [];
    const exited = once(first.child, "exit");
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let number = writer; ; number += 4) {
        const put = (side: string) => ({ Put: { TableName, Item: key(`${number}-${side}`) } });
        await first.client.send(
          new TransactWriteItemsCommand({ TransactItems: [put("left"), put("right")] }),
        );
        acknowledged.push(number);
        if (acknowledged.length === 60) first.child.kill("SIGKILL");
      }
    });
    await Promise.allSettled(writers);
    await exited;
    const second = await serve(dir);
    const { Items = [] } = await second.client.send(new ScanCommand({ TableName }));
    second.child.kill("SIGKILL");
    await once(second.child, "exit");
    const ids = new Set(Items.map((item) => item.id?.S));
    for (const number of acknowledged) expect(ids).toContain(`${number}-left`);
    for (const id of ids) expect(ids).toContain(id?.replace(/-.*/, id.endsWith("left") ? "-right" : "-left"));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
