/** The table that both sides have, and asking both of them. */
import { isDeepStrictEqual } from "node:util";
import { BatchWriteItemCommand, CreateTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Item } from "./values.ts";

export const TableName = "fuzz";
export const batchSize = 25;

export interface Sides {
  readonly ours: DynamoDBClient;
  readonly theirs: DynamoDBClient;
}

export type Answer = unknown;

export async function createTables({ ours, theirs }: Sides): Promise<void> {
  const command = new CreateTableCommand({
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
  });
  await Promise.all([ours.send(command), theirs.send(command)]);
}

/** Gives both sides the same items. */
export async function put({ ours, theirs }: Sides, items: readonly Item[]): Promise<void> {
  for (let start = 0; start < items.length; start += batchSize) {
    const requests = items.slice(start, start + batchSize).map((Item) => ({ PutRequest: { Item } }));
    const command = new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } });
    await Promise.all([ours.send(command), theirs.send(command)]);
  }
}

/** Asks both sides; a refusal is an answer too. */
export async function askBoth(
  { ours, theirs }: Sides,
  ask: (client: DynamoDBClient) => Promise<Answer>,
): Promise<[ours: Answer, theirs: Answer]> {
  const refused = (error: Error) => ({ error: error.name });
  return await Promise.all([ask(ours).catch(refused), ask(theirs).catch(refused)]);
}

export const isError = (answer: Answer): answer is { readonly error: string } =>
  typeof answer === "object" && answer !== null && "error" in answer;

/** Makes a question smaller for as long as the two answers to it differ. */
export async function shrink<Question>(
  question: Question,
  smaller: (question: Question) => Iterable<Question>,
  answers: (question: Question) => Promise<[Answer, Answer]>,
): Promise<Question> {
  for (const candidate of smaller(question)) {
    const [ours, theirs] = await answers(candidate);
    if (!isDeepStrictEqual(ours, theirs)) return await shrink(candidate, smaller, answers);
  }
  return question;
}

/** Sets have no order: sorted, they compare. */
export function withSortedSets<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withSortedSets) as T;
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, part]) => [
        name,
        name === "SS" || name === "NS" ? [...(part as string[])].sort() : withSortedSets(part),
      ]),
  ) as T;
}
