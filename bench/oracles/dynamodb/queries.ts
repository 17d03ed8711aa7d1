/** Queries of the table and of an index: key conditions, filters, both directions, and up to three pages. */
import {
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import { randomCondition } from "./expressions.ts";
import type { Judge } from "./judge.ts";
import { type Expression, smallerPhrases, written } from "./phrase.ts";
import { type Answer, askBoth, put, type Sides, shrink, TableName, withSortedSets } from "./table.ts";
import { chance, type Item, pick, type Source } from "./values.ts";

interface Question {
  readonly kind: "query";
  readonly onIndex: boolean;
  readonly hash: string;
  readonly range: string;
  readonly rangeValues: Readonly<Record<string, AttributeValue>>;
  readonly filter: Expression | undefined;
  readonly forward: boolean;
  readonly limit: number | undefined;
  readonly start: Item | undefined;
}

const hashes = ["p", "q", "r"];
const pages = 3;

export async function compareQueries(
  sides: Sides,
  source: Source,
  judge: Judge,
  amount: { readonly cases: number; readonly items: number },
) {
  await put(sides, queryItems(source, amount.items));
  for (let done = 0; done < amount.cases; done++) {
    let question = randomQuery(source);
    for (let page = 0; page < pages; page++) {
      const answers = await answersTo(sides, question);
      if (judge.judge(question, answers)) {
        const smallest = await shrink(question, smallerQuestions, (smaller) => answersTo(sides, smaller));
        judge.show(inputOf(smallest), await answersTo(sides, smallest));
      }
      const start = (answers[0] as { LastEvaluatedKey?: Item }).LastEvaluatedKey;
      if (!start) break;
      question = { ...question, start };
    }
  }
}

const answersTo = (sides: Sides, question: Question) =>
  askBoth(sides, async (client: DynamoDBClient): Promise<Answer> => {
    const { Items, Count, ScannedCount, LastEvaluatedKey } = await client.send(
      new QueryCommand(inputOf(question)),
    );
    return withSortedSets({ Items, Count, ScannedCount, LastEvaluatedKey });
  });

function inputOf(question: Question): QueryCommandInput {
  const { onIndex, hash, range, rangeValues, filter, forward, limit, start } = question;
  const filtering = filter && written(filter);
  return {
    TableName,
    IndexName: onIndex ? "by-group" : undefined,
    KeyConditionExpression: `#hash = :hash${range}`,
    FilterExpression: filtering?.text,
    ExpressionAttributeNames: {
      "#hash": onIndex ? "group" : "hash",
      ...(range === "" ? {} : { "#range": onIndex ? "rank" : "range" }),
      ...filtering?.ExpressionAttributeNames,
    },
    ExpressionAttributeValues: {
      ...rangeValues,
      ...filtering?.ExpressionAttributeValues,
      ":hash": { S: hash },
    },
    ScanIndexForward: forward,
    Limit: limit,
    ExclusiveStartKey: start,
  };
}

function queryItems(source: Source, count: number): Item[] {
  return Array.from({ length: count }, (_, number) => ({
    ...source.item(),
    hash: { S: pick(source, hashes) },
    range: { N: String((number - count / 2) / 4) },
    ...(chance(source, 0.8)
      ? { group: { S: pick(source, ["x", "y"]) }, rank: { S: `${pick(source, ["a", "b"])}${number}` } }
      : {}),
  }));
}

function randomQuery(source: Source): Question {
  const onIndex = chance(source, 0.4);
  return {
    kind: "query",
    onIndex,
    hash: pick(source, onIndex ? ["x", "y", "z"] : hashes),
    ...randomRange(source, onIndex),
    filter: chance(source, 0.4) ? randomCondition(source) : undefined,
    forward: chance(source, 0.5),
    limit: chance(source, 0.5) ? 1 + source.below(40) : undefined,
    start: undefined,
  };
}

function randomRange(source: Source, onIndex: boolean): Pick<Question, "range" | "rangeValues"> {
  const value = (): AttributeValue =>
    onIndex ? { S: `${pick(source, ["a", "b"])}${source.below(300)}` } : { N: String(source.below(80) - 40) };
  const kind = source.below(100);
  if (kind < 25) return { range: "", rangeValues: {} };
  if (kind < 50) {
    const operator = pick(source, ["=", "<", "<=", ">", ">="]);
    return { range: ` AND #range ${operator} :low`, rangeValues: { ":low": value() } };
  }
  if (onIndex && kind < 70) {
    const prefix = { S: pick(source, ["a", "b", "a1", "b2", "c"]) };
    return { range: " AND begins_with(#range, :low)", rangeValues: { ":low": prefix } };
  }
  const [low, high] = [value(), value()].sort((a, b) =>
    onIndex ? (String(a.S) < String(b.S) ? -1 : 1) : Number(a.N) - Number(b.N),
  );
  const rangeValues = { ":low": low, ":high": high } as Record<string, AttributeValue>;
  return { range: " AND #range BETWEEN :low AND :high", rangeValues };
}

function* smallerQuestions(question: Question): Generator<Question> {
  const { filter } = question;
  if (filter) {
    yield { ...question, filter: undefined };
    for (const phrase of smallerPhrases(filter.phrase)) yield { ...question, filter: { ...filter, phrase } };
  }
  if (question.limit !== undefined) yield { ...question, limit: undefined };
  if (question.range !== "") yield { ...question, range: "", rangeValues: {} };
  if (!question.forward) yield { ...question, forward: true };
  if (question.start) yield { ...question, start: undefined };
}
