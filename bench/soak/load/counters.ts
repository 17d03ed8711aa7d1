/** DynamoDB: counters that several raise by conditional updates, and transfers between accounts by transactions. */
import {
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import type { Driver, Load } from "../driver.ts";
import { createTable } from "./table.ts";

const TableName = "soak-ledger";
const COUNTERS = ["counter-0", "counter-1", "counter-2"] as const;
const ACCOUNTS = ["a", "b", "c", "d", "e", "f"] as const;
const OPENING = 100_000;

interface Transfer {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly amount: number;
}

export async function counters(driver: Driver): Promise<Load> {
  const { clients, ledger } = driver;
  const { dynamodb } = clients;
  const name = "dynamodb";
  await driver.insist(name, () => dynamodb.send(createTable(TableName)));
  const put = (Item: Record<string, unknown>) =>
    driver.insist(name, () => dynamodb.send(new PutCommand({ TableName, Item })));
  for (const counter of COUNTERS) await put({ pk: "counters", sk: counter, n: 0 });
  for (const account of ACCOUNTS) await put({ pk: "accounts", sk: account, balance: OPENING });

  /** The values that were acknowledged, and how many raises nobody knows about. */
  const raised = new Map<string, Set<number>>(COUNTERS.map((counter) => [counter, new Set()]));
  const unsure = new Map<string, number>();
  const acknowledged = new Map<string, Transfer>();
  const attempted = new Map<string, Transfer>();

  function raiser(index: number) {
    const random = driver.random(`counters ${index}`);
    return async () => {
      const sk = random.pick(COUNTERS);
      const Key = { pk: "counters", sk };
      const seen = await driver.attempt(name, () =>
        dynamodb.send(new GetCommand({ TableName, Key, ConsistentRead: true })),
      );
      if (seen.kind !== "done") return;
      const n = Number(seen.value.Item?.n);
      const outcome = await driver.attempt(name, () =>
        dynamodb.send(
          new UpdateCommand({
            TableName,
            Key,
            UpdateExpression: "SET n = n + :one",
            ConditionExpression: "n = :seen",
            ExpressionAttributeValues: { ":one": 1, ":seen": n },
            ReturnValues: "UPDATED_NEW",
          }),
        ),
      );
      if (outcome.kind === "unknown") return void unsure.set(sk, (unsure.get(sk) ?? 0) + 1);
      if (outcome.kind === "refused") {
        if (outcome.code !== "ConditionalCheckFailedException") throw new Error(outcome.code);
        return ledger.count(name, "raises that came second");
      }
      ledger.count(name, "counters raised");
      const now = Number(outcome.value.Attributes?.n);
      if (now !== n + 1) ledger.violation(name, `${sk} went from ${n} to ${now}`);
      const of = raised.get(sk);
      if (of?.has(now)) ledger.violation(name, `${sk} was raised to ${now} twice`);
      of?.add(now);
    };
  }

  function teller(index: number) {
    const random = driver.random(`transfers ${index}`);
    let count = 0;
    return async () => {
      if (random.percent(20)) return audit();
      const from = random.pick(ACCOUNTS);
      const to = random.pick(ACCOUNTS);
      if (from === to) return;
      const transfer = {
        id: `${index}-${String(count++).padStart(7, "0")}`,
        from,
        to,
        amount: 1 + random.below(50),
      };
      attempted.set(transfer.id, transfer);
      const outcome = await driver.attempt(name, () => dynamodb.send(transact(transfer)));
      if (outcome.kind === "done") {
        acknowledged.set(transfer.id, transfer);
        ledger.count(name, "transfers");
      } else if (outcome.kind === "refused") {
        if (outcome.code !== "TransactionCanceledException") throw new Error(outcome.code);
        attempted.delete(transfer.id);
      }
    };
  }

  async function balances(): Promise<Map<string, number> | undefined> {
    const outcome = await driver.attempt(name, () =>
      dynamodb.send(
        new TransactGetCommand({
          TransactItems: ACCOUNTS.map((sk) => ({ Get: { TableName, Key: { pk: "accounts", sk } } })),
        }),
      ),
    );
    if (outcome.kind !== "done") return undefined;
    return new Map(ACCOUNTS.map((sk, at) => [sk, Number(outcome.value.Responses?.[at]?.Item?.balance)]));
  }

  async function audit(): Promise<void> {
    const found = await balances();
    if (!found) return;
    const sum = [...found.values()].reduce((total, balance) => total + balance, 0);
    ledger.count(name, "sums checked");
    if (sum !== OPENING * ACCOUNTS.length) ledger.violation(name, `the accounts hold ${sum} together`);
  }

  async function transfersKept(): Promise<Map<string, Transfer>> {
    const kept = new Map<string, Transfer>();
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const page = await driver.insist(name, () =>
        dynamodb.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: "pk = :pk",
            ExpressionAttributeValues: { ":pk": "transfers" },
            ConsistentRead: true,
            ExclusiveStartKey,
          }),
        ),
      );
      for (const item of page.Items ?? []) kept.set(String(item.sk), { ...item, id: item.sk } as never);
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return kept;
  }

  return {
    name,
    workers: [raiser(0), raiser(1), raiser(2), teller(0), teller(1)],
    missing: () => [],
    async check() {
      for (const sk of COUNTERS) {
        const { Item } = await driver.insist(name, () =>
          dynamodb.send(new GetCommand({ TableName, Key: { pk: "counters", sk }, ConsistentRead: true })),
        );
        const sure = raised.get(sk)?.size ?? 0;
        const most = sure + (unsure.get(sk) ?? 0);
        if (Item?.n < sure || Item?.n > most) {
          ledger.violation(name, `${sk} is ${Item?.n}; between ${sure} and ${most} raises were made`);
        }
      }
      await audit();
      const kept = await transfersKept();
      const expected = new Map<string, number>(ACCOUNTS.map((account) => [account, OPENING]));
      for (const { id, from, to, amount } of kept.values()) {
        if (!attempted.has(id)) ledger.violation(name, `there is a transfer ${id} that nobody made`);
        expected.set(from, (expected.get(from) ?? 0) - amount);
        expected.set(to, (expected.get(to) ?? 0) + amount);
      }
      for (const id of acknowledged.keys()) {
        if (!kept.has(id)) ledger.violation(name, `the acknowledged transfer ${id} is gone`);
      }
      const found = await balances();
      for (const [account, balance] of expected) {
        if (found?.get(account) !== balance) {
          ledger.violation(
            name,
            `account ${account} has ${found?.get(account)}; its transfers make ${balance}`,
          );
        }
      }
    },
  };
}

function transact({ id, from, to, amount }: Transfer): TransactWriteCommand {
  const move = (sk: string, by: number, condition: string | undefined) => ({
    Update: {
      TableName,
      Key: { pk: "accounts", sk },
      UpdateExpression: "SET balance = balance + :by",
      ConditionExpression: condition,
      ExpressionAttributeValues: { ":by": by, ...(condition ? { ":amount": amount } : {}) },
    },
  });
  return new TransactWriteCommand({
    TransactItems: [
      move(from, -amount, "balance >= :amount"),
      move(to, amount, undefined),
      {
        Put: {
          TableName,
          Item: { pk: "transfers", sk: id, from, to, amount },
          ConditionExpression: "attribute_not_exists(sk)",
        },
      },
    ],
  });
}
