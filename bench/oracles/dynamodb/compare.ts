/**
 * Puts the same random items, conditions, updates and queries to the local cloud and to an oracle:
 * `node compare.ts [cases of each kind] [seed] [dynalite | moto]`.
 */
import { isDeepStrictEqual } from "node:util";
import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { startTestCloud } from "../../../packages/cloud/src/testing.ts";
import { seeded } from "../iam/random.ts";
import { caseCount, report } from "../lane.ts";
import { placeholders, randomCondition, randomUpdate } from "./expressions.ts";
import { explainDifference } from "./known-differences.ts";
import { type OracleName, startOracle } from "./oracle.ts";
import { type Item, pick, type Random, randomItem, updatableItem } from "./values.ts";

const cases = Number(process.argv[2] ?? caseCount(10_000));
const seed = Number(process.argv[3] ?? 20_261_121);
const oracleName: OracleName = process.argv[4] === "moto" ? "moto" : "dynalite";
const shown = 10;
const batchSize = 25;
/** How many cases one set of items serves. */
const casesPerItems = 100;

const source = seeded(seed);
const random: Random = () => source.below(2 ** 30) / 2 ** 30;

interface Tally {
  same: number;
  errors: number;
  readonly explained: Map<string, number>;
  unexplained: number;
}

const tallies = new Map<string, Tally>();

function judge(kind: string, question: unknown, ours: unknown, theirs: unknown): void {
  const tally = tallies.get(kind) ?? { same: 0, errors: 0, explained: new Map(), unexplained: 0 };
  tallies.set(kind, tally);
  if (isDeepStrictEqual(ours, theirs)) {
    tally.same++;
    if (isRecord(ours) && "error" in ours) tally.errors++;
    return;
  }
  const why = explainDifference(oracleName, kind, ours, theirs);
  if (why) {
    tally.explained.set(why, (tally.explained.get(why) ?? 0) + 1);
    return;
  }
  tally.unexplained++;
  if (tally.unexplained > shown) return;
  const show = (value: unknown) =>
    JSON.stringify(value, (_, part) => (part instanceof Uint8Array ? [...part] : part));
  console.log(
    `\n${kind}\n  question ${show(question)}\n  ours     ${show(ours)}\n  oracle   ${show(theirs)}`,
  );
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

async function outcome<T>(call: Promise<T>): Promise<T | { readonly error: string }> {
  return await call.catch((error: Error) => ({ error: error.name }));
}

const TableName = "fuzz";

async function createTable(client: DynamoDBClient): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["hash", "range", "group", "rank"].map((AttributeName) => ({
        AttributeName,
        AttributeType: AttributeName === "range" ? "N" : "S",
      })),
      KeySchema: [
        { AttributeName: "hash", KeyType: "HASH" },
        { AttributeName: "range", KeyType: "RANGE" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-group",
          KeySchema: [
            { AttributeName: "group", KeyType: "HASH" },
            { AttributeName: "rank", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "ALL" },
        },
      ],
    }),
  );
}

async function put(clients: readonly DynamoDBClient[], items: readonly Item[]): Promise<void> {
  for (let start = 0; start < items.length; start += batchSize) {
    const requests = items.slice(start, start + batchSize).map((Item) => ({ PutRequest: { Item } }));
    for (const client of clients) {
      await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
    }
  }
}

const keyOf = (number: number): Item => ({ hash: { S: "case" }, range: { N: String(number) } });

/** Each condition filters a partition: the items that are left say for which it holds. */
async function compareConditions(ours: DynamoDBClient, theirs: DynamoDBClient): Promise<void> {
  for (let done = 0; done < cases; done++) {
    if (done % casesPerItems === 0) {
      const items = Array.from({ length: batchSize }, (_, number) => ({
        ...randomItem(random),
        ...keyOf(number),
      }));
      await put([ours, theirs], items);
    }
    const condition = randomCondition(random);
    const input: QueryCommandInput = {
      TableName,
      KeyConditionExpression: "#key = :key",
      FilterExpression: condition.text,
      ExpressionAttributeNames: { ...condition.names, "#key": "hash" },
      ExpressionAttributeValues: { ...condition.values, ":key": { S: "case" } },
    };
    const held = async (client: DynamoDBClient) => {
      const result = await outcome(client.send(new QueryCommand(input)));
      return "error" in result ? result : result.Items?.map(({ range }) => range?.N);
    };
    const [mine, other] = await Promise.all([held(ours), held(theirs)]);
    judge("conditions", condition, mine, other);
  }
}

async function compareUpdates(ours: DynamoDBClient, theirs: DynamoDBClient): Promise<void> {
  for (let done = 0; done < cases; done += batchSize) {
    const count = Math.min(batchSize, cases - done);
    const items = Array.from({ length: count }, () => updatableItem(random));
    await put(
      [ours, theirs],
      items.map((item, number) => ({ ...item, ...keyOf(number) })),
    );
    for (const [number, item] of items.entries()) {
      const update = randomUpdate(random);
      const send = async (client: DynamoDBClient) => {
        const command = new UpdateItemCommand({
          TableName,
          Key: keyOf(number),
          UpdateExpression: update.text,
          ...placeholders(update),
          ReturnValues: "ALL_NEW",
        });
        const result = await outcome(client.send(command));
        return "error" in result ? result : withSortedSets(result.Attributes ?? {});
      };
      const [mine, other] = await Promise.all([send(ours), send(theirs)]);
      judge("updates", { update, item }, mine, other);
    }
  }
}

/** Sets have no order: sorted, they compare. */
function withSortedSets<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withSortedSets) as T;
  if (!isRecord(value) || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, part]) => [
        name,
        name === "SS" || name === "NS" ? [...(part as string[])].sort() : withSortedSets(part),
      ]),
  ) as T;
}

const hashes = ["p", "q", "r"];

function queryItems(): Item[] {
  return Array.from({ length: 300 }, (_, number) => ({
    ...randomItem(random),
    hash: { S: pick(random, hashes) },
    range: { N: String((number - 150) / 4) },
    ...(random() < 0.8
      ? { group: { S: pick(random, ["x", "y"]) }, rank: { S: `${pick(random, ["a", "b"])}${number}` } }
      : {}),
  }));
}

function rangeCondition(onIndex: boolean, values: Record<string, AttributeValue>): string {
  const value = (): AttributeValue =>
    onIndex
      ? { S: `${pick(random, ["a", "b"])}${Math.floor(random() * 300)}` }
      : { N: String(Math.floor(random() * 80 - 40)) };
  const kind = random();
  values[":low"] = value();
  if (kind < 0.25) return "";
  if (kind < 0.5) return ` AND #range ${pick(random, ["=", "<", "<=", ">", ">="])} :low`;
  if (onIndex && kind < 0.7) {
    values[":low"] = { S: pick(random, ["a", "b", "a1", "b2", "c"]) };
    return " AND begins_with(#range, :low)";
  }
  const [low, high] = [value(), value()].sort((a, b) =>
    onIndex ? (String(a.S) < String(b.S) ? -1 : 1) : Number(a.N) - Number(b.N),
  );
  if (low && high) Object.assign(values, { ":low": low, ":high": high });
  return " AND #range BETWEEN :low AND :high";
}

function randomQuery(): QueryCommandInput {
  const onIndex = random() < 0.4;
  const values: Record<string, AttributeValue> = {};
  const range = rangeCondition(onIndex, values);
  if (range === "") delete values[":low"];
  const names: Record<string, string> = { "#hash": onIndex ? "group" : "hash" };
  if (range !== "") names["#range"] = onIndex ? "rank" : "range";
  const filter = random() < 0.4 ? randomCondition(random) : undefined;
  return {
    TableName,
    IndexName: onIndex ? "by-group" : undefined,
    KeyConditionExpression: `#hash = :hash${range}`,
    FilterExpression: filter?.text,
    ExpressionAttributeNames: { ...names, ...filter?.names },
    ExpressionAttributeValues: {
      ...values,
      ...filter?.values,
      ":hash": { S: onIndex ? pick(random, ["x", "y", "z"]) : pick(random, hashes) },
    },
    ScanIndexForward: random() < 0.5,
    Limit: random() < 0.5 ? 1 + Math.floor(random() * 40) : undefined,
  };
}

async function compareQueries(ours: DynamoDBClient, theirs: DynamoDBClient): Promise<void> {
  const items = queryItems();
  await put([ours, theirs], items);
  for (let done = 0; done < cases; done++) {
    const query = randomQuery();
    let start: Item | undefined;
    for (let page = 0; page < 3; page++) {
      const input = { ...query, ExclusiveStartKey: start };
      const [mine, other] = await Promise.all(
        [ours, theirs].map((client) => outcome<QueryCommandOutput>(client.send(new QueryCommand(input)))),
      );
      judge("queries", input, summary(mine), summary(other));
      start = mine && !("error" in mine) ? mine.LastEvaluatedKey : undefined;
      if (!start) break;
    }
  }
}

function summary(result: QueryCommandOutput | { readonly error: string } | undefined): unknown {
  if (!result || "error" in result) return result;
  const { Items, Count, ScannedCount, LastEvaluatedKey } = result;
  return {
    Items: withSortedSets(Items),
    Count,
    ScannedCount,
    LastEvaluatedKey: withSortedSets(LastEvaluatedKey),
  };
}

await using cloud = await startTestCloud();
await using oracle = await startOracle(oracleName);
const ours = cloud.client(DynamoDBClient);
const theirs = new DynamoDBClient({
  endpoint: oracle.endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "x" },
  maxAttempts: 1,
});
await Promise.all([createTable(ours), createTable(theirs)]);
await compareConditions(ours, theirs);
await compareUpdates(ours, theirs);
await compareQueries(ours, theirs);

const sum = (counts: Map<string, number>) => [...counts.values()].reduce((a, b) => a + b, 0);
for (const [kind, { same, errors, explained, unexplained }] of tallies) {
  console.log(
    `${kind}: ${same} alike (${errors} of them refused alike), ${unexplained} unexplained differences`,
  );
  for (const [why, count] of explained) console.log(`  ${count} × ${why}`);
  report({
    part: kind,
    cases: same + unexplained + sum(explained),
    explained: sum(explained),
    unexplained,
  });
}
console.log(`compared with ${oracleName}, seed ${seed}`);
ours.destroy();
theirs.destroy();
