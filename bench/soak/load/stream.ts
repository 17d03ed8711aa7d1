/** DynamoDB streams: every change reaches the function, in order, at least once, whatever befalls either. */
import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { CreateEventSourceMappingCommand } from "@aws-sdk/client-lambda";
import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Driver, Load } from "../driver.ts";
import { createFunction, type Language } from "../functions.ts";
import type { Order } from "../observer.ts";

const TableName = "soak-stream";
const KEYS = 6;

interface StreamEvent {
  readonly Records: readonly {
    readonly dynamodb: {
      readonly SequenceNumber: string;
      readonly Keys: { readonly pk: { readonly S: string } };
      readonly OldImage?: Image;
      readonly NewImage?: Image;
    };
  }[];
}

interface Image {
  readonly v: { readonly N: string };
}

export async function stream(driver: Driver): Promise<Load> {
  const { clients, ledger } = driver;
  const { dynamodb, lambda } = clients;
  const name = "dynamodb stream";
  const { TableDescription } = await driver.insist(name, () =>
    dynamodb.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
      }),
    ),
  );
  const reader = async (language: Language) => {
    const FunctionName = `soak-stream-${language}`;
    await createFunction(lambda, driver.observer.url, driver.role, FunctionName, language);
    await lambda.send(
      new CreateEventSourceMappingCommand({
        FunctionName,
        EventSourceArn: TableDescription?.LatestStreamArn,
        StartingPosition: "TRIM_HORIZON",
        BatchSize: 20,
        BisectBatchOnFunctionError: language === "node",
      }),
    );
    return watch(FunctionName);
  };

  /** Acknowledged changes that a function has not yet handled, by key and version. */
  function watch(FunctionName: string) {
    const random = driver.random(FunctionName);
    const waited = new Set<string>();
    const handled = new Set<string>();
    let highest = 0n;
    /** The version of each key by the records seen so far; `undefined` once deleted. */
    const versions = new Map<string, string | undefined>();

    driver.observer.listen(FunctionName, (event): Order => {
      const { Records } = event as StreamEvent;
      let before = 0n;
      for (const { dynamodb: record } of Records) {
        const sequence = BigInt(record.SequenceNumber);
        if (sequence <= before) ledger.violation(name, `${FunctionName} was given a batch out of order`);
        before = sequence;
        const key = record.Keys.pk.S;
        const [old, now] = [record.OldImage?.v.N, record.NewImage?.v.N];
        if (sequence <= highest) {
          ledger.count(name, "records given again");
          continue;
        }
        highest = sequence;
        if (versions.get(key) !== old) {
          ledger.violation(
            name,
            `${FunctionName} was given ${key} changing from ${old} to ${now}; before it was ${versions.get(key)}`,
          );
        }
        versions.set(key, now);
      }
      if (random.percent(4)) {
        ledger.count(name, "batches failed");
        return { do: random.pick(["throw", "exit", "kill"]) };
      }
      for (const { dynamodb: record } of Records) {
        const change = `${record.Keys.pk.S} ${record.NewImage?.v.N ?? `after ${record.OldImage?.v.N}`}`;
        if (!handled.has(change)) ledger.count(name, "records handled");
        handled.add(change);
        waited.delete(change);
      }
      return { do: "answer" };
    });
    return {
      expect(change: string) {
        if (!handled.delete(change)) waited.add(change);
      },
      waited: () => [...waited].map((change) => `${FunctionName} has not handled ${change}`),
    };
  }
  const watchers = [await reader("node"), await reader("python")];

  function writer(index: number) {
    const random = driver.random(`stream ${index}`);
    const pk = `key-${index}`;
    let version = 0;
    /** What the key holds, while that is known. */
    let held: number | undefined;
    let sure = true;
    return async () => {
      if (sure && held !== undefined && random.percent(15)) {
        const outcome = await driver.attempt(name, () =>
          dynamodb.send(new DeleteCommand({ TableName, Key: { pk } })),
        );
        if (outcome.kind === "done") for (const { expect } of watchers) expect(`${pk} after ${held}`);
        sure = outcome.kind === "done";
        if (sure) held = undefined;
        return;
      }
      const v = ++version;
      const outcome = await driver.attempt(name, () =>
        dynamodb.send(new PutCommand({ TableName, Item: { pk, v } })),
      );
      sure = outcome.kind === "done";
      if (!sure) return;
      held = v;
      ledger.count(name, "changes acknowledged");
      for (const { expect } of watchers) expect(`${pk} ${v}`);
    };
  }

  return {
    name,
    workers: Array.from({ length: KEYS }, (_, index) => writer(index)),
    missing: () => watchers.flatMap(({ waited }) => waited()),
    async check() {},
  };
}
