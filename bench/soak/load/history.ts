/** DynamoDB: a row of items a worker adds to at one end and deletes from at the other; and items that go by themselves. */
import { UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { BatchWriteCommand, GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Driver, Load } from "../driver.ts";
import { createTable } from "./table.ts";

const TableName = "soak-history";
const LONGEST = 200;
const REMOVED_AT_ONCE = 25;
const LIFE = 3;
/** Seconds in which what has expired must be gone. */
const SWEPT_WITHIN = 15;

const skOf = (n: number) => String(n).padStart(9, "0");

export async function history(driver: Driver): Promise<Load> {
  const { clients, ledger } = driver;
  const { dynamodb } = clients;
  const name = "dynamodb query and ttl";
  await driver.insist(name, () => dynamodb.send(createTable(TableName)));
  await driver.insist(name, () =>
    dynamodb.send(
      new UpdateTimeToLiveCommand({
        TableName,
        TimeToLiveSpecification: { Enabled: true, AttributeName: "expires" },
      }),
    ),
  );

  async function query(pk: string): Promise<string[]> {
    const found: string[] = [];
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const page = await driver.insist(name, () =>
        dynamodb.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: "pk = :pk",
            ExpressionAttributeValues: { ":pk": pk },
            ConsistentRead: true,
            Limit: 70,
            ExclusiveStartKey,
          }),
        ),
      );
      for (const item of page.Items ?? []) {
        if (item.text !== `${pk} ${item.sk}`.repeat(20)) ledger.violation(name, `${pk} ${item.sk} is torn`);
        found.push(String(item.sk));
      }
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return found;
  }

  function writer(index: number) {
    const random = driver.random(`history ${index}`);
    const pk = `writer-${index}`;
    let first = 0;
    let next = 0;

    async function verify(): Promise<void> {
      const found = await query(pk);
      const expected = Array.from({ length: next - first }, (_, at) => skOf(first + at));
      ledger.count(name, "queries checked");
      if (found.join() !== expected.join()) {
        ledger.violation(
          name,
          `${pk} should hold ${expected[0]} to ${expected.at(-1)}; it holds ${found[0]} to ${found.at(-1)}, ${found.length} items`,
        );
      }
    }

    async function round(): Promise<void> {
      if (random.percent(5)) return verify();
      if (next - first >= LONGEST) {
        const RequestItems = {
          [TableName]: Array.from({ length: REMOVED_AT_ONCE }, (_, at) => ({
            DeleteRequest: { Key: { pk, sk: skOf(first + at) } },
          })),
        };
        await driver.insist(name, () => dynamodb.send(new BatchWriteCommand({ RequestItems })));
        first += REMOVED_AT_ONCE;
        ledger.count(name, "items deleted", REMOVED_AT_ONCE);
        return;
      }
      const sk = skOf(next);
      const Item = { pk, sk, text: `${pk} ${sk}`.repeat(20) };
      await driver.insist(name, () => dynamodb.send(new PutCommand({ TableName, Item })));
      next++;
      ledger.count(name, "items put");
    }
    return { round, verify };
  }

  /** Items that expire, by when they do. */
  const mortal = new Map<string, number>();
  let born = 0;
  async function mortals(): Promise<void> {
    const sk = skOf(born++);
    const expires = Math.floor(Date.now() / 1000) + LIFE;
    await driver.insist(name, () =>
      dynamodb.send(new PutCommand({ TableName, Item: { pk: "mortal", sk, expires } })),
    );
    mortal.set(sk, expires);
    const alive = await lives(sk);
    if (!alive && Date.now() / 1000 < expires) ledger.violation(name, `item ${sk} went before its time`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await burials();
  }

  async function lives(sk: string): Promise<boolean> {
    const { Item } = await driver.insist(name, () =>
      dynamodb.send(new GetCommand({ TableName, Key: { pk: "mortal", sk }, ConsistentRead: true })),
    );
    return Item !== undefined;
  }

  async function burials(): Promise<void> {
    for (const [sk, expires] of mortal) {
      if (Date.now() / 1000 < expires + 1) return;
      if (!(await lives(sk))) {
        mortal.delete(sk);
        ledger.count(name, "items expired");
      } else if (Date.now() / 1000 > expires + SWEPT_WITHIN + 30) {
        ledger.violation(name, `item ${sk} is still there ${SWEPT_WITHIN + 30} s after its time`);
        mortal.delete(sk);
      } else return;
    }
  }

  const writers = [writer(0), writer(1)];
  return {
    name,
    workers: [...writers.map(({ round }) => round), mortals],
    drains: [burials],
    missing: () => [...mortal.keys()].map((sk) => `item ${sk} has not expired`),
    async check() {
      for (const { verify } of writers) await verify();
    },
  };
}
