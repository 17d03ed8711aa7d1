/** Each update changes an item of its own; what becomes of it is compared. */
import { type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { randomUpdate } from "./expressions.ts";
import type { Judge } from "./judge.ts";
import { type Expression, smallerPhrases, written } from "./phrase.ts";
import {
  type Answer,
  askBoth,
  batchSize,
  put,
  type Sides,
  shrink,
  TableName,
  withSortedSets,
} from "./table.ts";
import { type Item, type Source, smallerItems } from "./values.ts";

interface Question {
  readonly kind: "update";
  readonly expression: Expression;
  readonly item: Item;
}

const keyOf = (number: number): Item => ({ hash: { S: "update" }, range: { N: String(number) } });

export async function compareUpdates(sides: Sides, source: Source, judge: Judge, cases: number) {
  for (let done = 0; done < cases; done += batchSize) {
    const items = Array.from({ length: Math.min(batchSize, cases - done) }, () => source.updatableItem());
    await put(
      sides,
      items.map((item, number) => ({ ...item, ...keyOf(number) })),
    );
    for (const [number, item] of items.entries()) {
      const expression = randomUpdate(source);
      const question: Question = { kind: "update", expression, item };
      const answers = await askBoth(sides, (client) => updated(client, number, expression));
      if (!judge.judge(question, answers)) continue;
      const smallest = await shrink(question, smallerQuestions, (smaller) => answersTo(sides, smaller));
      judge.show({ item: smallest.item, ...written(smallest.expression) }, await answersTo(sides, smallest));
    }
  }
}

async function answersTo(sides: Sides, { expression, item }: Question): Promise<[Answer, Answer]> {
  await put(sides, [{ ...item, ...keyOf(-1) }]);
  return await askBoth(sides, (client) => updated(client, -1, expression));
}

async function updated(client: DynamoDBClient, number: number, expression: Expression): Promise<Answer> {
  const { text, ...placeholders } = written(expression);
  const { Attributes } = await client.send(
    new UpdateItemCommand({
      TableName,
      Key: keyOf(number),
      UpdateExpression: text,
      ...placeholders,
      ReturnValues: "ALL_NEW",
    }),
  );
  return withSortedSets(Attributes ?? {});
}

function* smallerQuestions(question: Question): Generator<Question> {
  const { item, expression } = question;
  for (const phrase of smallerPhrases(expression.phrase)) {
    yield { ...question, expression: { ...expression, phrase } };
  }
  for (const smaller of smallerItems(item)) yield { ...question, item: smaller };
}
