/** Each condition filters a partition: the items that are left say for which it holds. */
import { type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { randomCondition } from "./expressions.ts";
import type { Judge } from "./judge.ts";
import { type Expression, smallerPhrases, written } from "./phrase.ts";
import { type Answer, askBoth, put, type Sides, shrink, TableName } from "./table.ts";
import { type Item, type Source, smallerItems } from "./values.ts";

interface Question {
  readonly kind: "condition";
  readonly expression: Expression;
  readonly items: readonly Item[];
}

export interface Amount {
  readonly cases: number;
  /** How many items each condition is held against, and how many conditions are held against the same items. */
  readonly items: number;
  readonly casesPerItems: number;
}

export async function compareConditions(sides: Sides, source: Source, judge: Judge, amount: Amount) {
  let items: readonly Item[] = [];
  let hash = "";
  for (let done = 0; done < amount.cases; done++) {
    if (done % amount.casesPerItems === 0) {
      items = Array.from({ length: amount.items }, () => source.item());
      hash = `items ${done}`;
      await putUnder(sides, hash, items);
    }
    const expression = randomCondition(source);
    const question: Question = { kind: "condition", expression, items };
    const answers = await askBoth(sides, (client) => held(client, hash, expression));
    if (!judge.judge(question, answers)) continue;
    const smallest = await shrink(question, smallerQuestions, (smaller) => answersTo(sides, smaller));
    const { expression: shown, ...rest } = smallest;
    judge.show({ ...rest, ...written(shown) }, await answersTo(sides, smallest));
  }
}

function putUnder(sides: Sides, hash: string, items: readonly Item[]): Promise<void> {
  const keyed = items.map((item, number) => ({ ...item, hash: { S: hash }, range: { N: String(number) } }));
  return put(sides, keyed);
}

let asked = 0;

async function answersTo(sides: Sides, { expression, items }: Question): Promise<[Answer, Answer]> {
  const hash = `smaller ${asked++}`;
  await putUnder(sides, hash, items);
  return await askBoth(sides, (client) => held(client, hash, expression));
}

async function held(client: DynamoDBClient, hash: string, expression: Expression): Promise<Answer> {
  const { text, ExpressionAttributeNames, ExpressionAttributeValues } = written(expression);
  const { Items } = await client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: "#hash = :hash",
      FilterExpression: text,
      ProjectionExpression: "#number",
      ExpressionAttributeNames: { ...ExpressionAttributeNames, "#hash": "hash", "#number": "range" },
      ExpressionAttributeValues: { ...ExpressionAttributeValues, ":hash": { S: hash } },
    }),
  );
  return Items?.map(({ range }) => range?.N);
}

function* smallerQuestions(question: Question): Generator<Question> {
  const { items, expression } = question;
  for (const [index, item] of items.entries()) {
    if (items.length > 1) yield { ...question, items: [item] };
    else for (const smaller of smallerItems(item)) yield { ...question, items: items.with(index, smaller) };
  }
  for (const phrase of smallerPhrases(expression.phrase)) {
    yield { ...question, expression: { ...expression, phrase } };
  }
}
