import {
  type AttributeValue,
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestCloud, type TestCloud } from "../testing.ts";

let cloud: TestCloud;
let client: DynamoDBClient;
const TableName = "expressions";

beforeAll(async () => {
  cloud = await startTestCloud();
  client = cloud.client(DynamoDBClient);
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "id", AttributeType: "S" },
        { AttributeName: "part", AttributeType: "B" },
      ],
      KeySchema: [
        { AttributeName: "id", KeyType: "HASH" },
        { AttributeName: "part", KeyType: "RANGE" },
      ],
    }),
  );
});
afterAll(() => cloud[Symbol.asyncDispose]());

let count = 0;
async function freshKey(attributes: Record<string, AttributeValue> = {}) {
  const key = { id: { S: `item${++count}` }, part: { B: new Uint8Array([1]) } };
  await client.send(new PutItemCommand({ TableName, Item: { ...key, ...attributes } }));
  return key;
}

const values: Record<string, AttributeValue> = {
  ":n": { N: "1" },
  ":m": { N: "2" },
  ":s": { S: "x" },
  ":l": { L: [] },
  ":ss": { SS: ["x"] },
  ":t": { BOOL: true },
};

/** The values that an expression uses. */
function used(text: string, given = values): Record<string, AttributeValue> | undefined {
  const names: readonly string[] = text.match(/:\w+/g) ?? [];
  const found = Object.entries(given).filter(([name]) => names.includes(name));
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}

describe("AWS's words for conditions it refuses", () => {
  test.each([
    ["a = = :n", 'Syntax error; token: "=", near: "= = :n"'],
    ["a =", 'Syntax error; token: "<EOF>", near: "="'],
    ["", "The expression can not be empty;"],
    ["status = :n", "Attribute name is a reserved keyword; reserved keyword: status"],
    ["((a = :n))", "The expression has redundant parentheses;"],
    ["no_such(a)", "Invalid function name; function: no_such"],
    ["size(a)", "The function is not allowed to be used this way in an expression; function: size"],
    [
      "attribute_exists(a) = :n",
      "The function is not allowed to be used this way in an expression; function: attribute_exists",
    ],
    [
      "begins_with(a)",
      "Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1",
    ],
    [
      "begins_with(a, :n)",
      "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
    ],
    [
      "attribute_exists(:n)",
      "Operator or function requires a document path; operator or function: attribute_exists",
    ],
    [
      "attribute_type(a, :s)",
      "Invalid attribute type name found; type: x, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
    ],
    ["a < :t", "Incorrect operand type for operator or function; operator: <, operand type: BOOL"],
    [
      "a = a",
      "The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [a]",
    ],
    [
      "a BETWEEN :m AND :n",
      "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}",
    ],
    [
      "a BETWEEN :n AND :s",
      "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:x}",
    ],
    [
      "a = :undefined",
      "An expression attribute value used in expression is not defined; attribute value: :undefined",
    ],
    [
      "#undefined = :n",
      "An expression attribute name used in the document path is not defined; attribute name: #undefined",
    ],
  ])("%s", async (FilterExpression, message) => {
    const scan = new ScanCommand({
      TableName,
      FilterExpression,
      ExpressionAttributeValues: used(FilterExpression),
    });
    await expect(client.send(scan)).rejects.toMatchObject({
      name: "ValidationException",
      message: `Invalid FilterExpression: ${message}`,
    });
  });

  test("placeholders that nothing uses", async () => {
    const scan = (names: Record<string, string> | undefined, given: Record<string, AttributeValue>) =>
      client.send(
        new ScanCommand({
          TableName,
          FilterExpression: "a = :n",
          ExpressionAttributeNames: names,
          ExpressionAttributeValues: { ":n": { N: "1" }, ...given },
        }),
      );
    await expect(scan({ "#x": "x", "#y": "y" }, {})).rejects.toMatchObject({
      message: "Value provided in ExpressionAttributeNames unused in expressions: keys: {#x, #y}",
    });
    await expect(scan(undefined, { ":z": { N: "1" } })).rejects.toMatchObject({
      message: "Value provided in ExpressionAttributeValues unused in expressions: keys: {:z}",
    });
  });
});

describe("AWS's words for updates it refuses", () => {
  test.each([
    [
      "SET id = :s",
      "One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key",
    ],
    [
      "SET a = :n, a.b = :n",
      "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]",
    ],
    [
      "SET a.b = :n, a[0] = :n",
      "Invalid UpdateExpression: Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a, [0]]",
    ],
    [
      "SET a = :n SET b = :n",
      'Invalid UpdateExpression: The "SET" section can only be used once in an update expression;',
    ],
    [
      "ADD a :s",
      "Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND",
    ],
    [
      "SET a = list_append(:l, :n)",
      "Invalid UpdateExpression: Incorrect operand type for operator or function; operator or function: list_append, operand type: N",
    ],
    ["SET a = absent", "The provided expression refers to an attribute that does not exist in the item"],
    ["SET absent.b = :n", "The document path provided in the update expression is invalid for update"],
    ["SET text = text + :n", "An operand in the update expression has an incorrect data type"],
    ["ADD text :ss", "An operand in the update expression has an incorrect data type"],
    [
      "SET a = huge + :n",
      "Number overflow. Attempting to store a number with magnitude larger than supported range",
    ],
  ])("%s", async (UpdateExpression, message) => {
    const Key = await freshKey({ text: { S: "x" }, huge: { N: "1e50" } });
    const update = new UpdateItemCommand({
      TableName,
      Key,
      UpdateExpression: UpdateExpression.replaceAll("text", "#t"),
      ExpressionAttributeNames: UpdateExpression.includes("text") ? { "#t": "text" } : undefined,
      ExpressionAttributeValues: used(UpdateExpression),
    });
    await expect(client.send(update)).rejects.toMatchObject({ name: "ValidationException", message });
  });
});

describe("conditions", () => {
  const document = (x: string): AttributeValue => ({
    M: { list: { L: [{ N: x }, { SS: ["b", "a"] }] }, empty: { S: "" }, no: { BOOL: false } },
  });
  const item: Record<string, AttributeValue> = {
    doc: document("1.0"),
    empty: { S: "" },
    no: { BOOL: false },
    nothing: { NULL: true },
    accents: { S: "é𝄞" },
    constructor: { S: "own" },
  };

  test.each<[string, Record<string, AttributeValue>, boolean]>([
    ["doc = :v", { ":v": document("1") }, true],
    ["doc <> :v", { ":v": document("1") }, false],
    ["doc = :v", { ":v": document("2") }, false],
    ["doc.#list[1] = :v", { ":v": { SS: ["a", "b"] } }, true],
    ["contains(doc.#list, :v)", { ":v": { SS: ["a", "b"] } }, true],
    ["attribute_exists(#empty) AND size(#empty) = :v", { ":v": { N: "0" } }, true],
    ["attribute_exists(#no) AND #no = :v", { ":v": { BOOL: false } }, true],
    ["attribute_type(nothing, :v)", { ":v": { S: "NULL" } }, true],
    ["unset1 = unset2", {}, false],
    ["unset1 <> unset2", {}, true],
    ["NOT unset1 < :v", { ":v": { N: "1" } }, true],
    ["unset1 <= unset2", {}, false],
    ["size(accents) = :v", { ":v": { N: "3" } }, true],
    ["attribute_exists(toString)", {}, false],
    ["#constructor = :v", { ":v": { S: "own" } }, true],
    [
      "accents IN (:v, :w) OR nothing = :u",
      { ":v": { S: "a" }, ":w": { S: "b" }, ":u": { NULL: true } },
      true,
    ],
  ])("%s", async (FilterExpression, given, holds) => {
    const key = await freshKey(item);
    const names = new Set(FilterExpression.match(/#\w+/g));
    const { Count } = await client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: "id = :id",
        FilterExpression,
        ExpressionAttributeNames:
          names.size > 0 ? Object.fromEntries([...names].map((name) => [name, name.slice(1)])) : undefined,
        ExpressionAttributeValues: { ":id": key.id, ...given },
      }),
    );
    expect(Count).toBe(holds ? 1 : 0);
  });
});

describe("updates", () => {
  const numbers = (...list: string[]): AttributeValue => ({ L: list.map((N) => ({ N })) });

  test.each<[string, Record<string, AttributeValue>, Record<string, AttributeValue>]>([
    ["REMOVE l[0], l[2]", { l: numbers("1", "2", "3") }, { l: numbers("2") }],
    ["SET l[9] = :n, l[7] = :m", { l: numbers("5") }, { l: numbers("5", "2", "1") }],
    ["SET l[0] = :n REMOVE l[1]", { l: numbers("5", "6", "7") }, { l: numbers("1", "7") }],
    ["SET a = b, b = a", { a: { S: "1" }, b: { S: "2" } }, { a: { S: "2" }, b: { S: "1" } }],
    ["SET d.y = d.x", { d: { M: { x: { N: "1" } } } }, { d: { M: { x: { N: "1" }, y: { N: "1" } } } }],
    ["ADD n :n", {}, { n: { N: "1" } }],
    ["SET n = n - n2", { n: { N: "0" }, n2: { N: "0" } }, { n: { N: "0" }, n2: { N: "0" } }],
    ["ADD s :ss", { s: { SS: ["a"] } }, { s: { SS: ["a", "x"] } }],
    ["DELETE s :ss", { s: { SS: ["x"] } }, {}],
    ["DELETE s :ss", {}, {}],
    ["SET n = n + :tiny", { n: { N: "1" } }, { n: { N: "1.0000000000000000000000000000000000001" } }],
  ])("%s", async (UpdateExpression, before, after) => {
    const Key = await freshKey(before);
    const given = used(UpdateExpression, { ...values, ":tiny": { N: "1e-37" } });
    const { Attributes } = await client.send(
      new UpdateItemCommand({
        TableName,
        Key,
        UpdateExpression,
        ExpressionAttributeValues: given,
        ReturnValues: "ALL_NEW",
      }),
    );
    expect(Attributes).toEqual({ ...Key, ...after });
  });

  test("what an update changed is returned, before and after, and nothing else", async () => {
    const Key = await freshKey({ d: { M: { x: { N: "1" }, y: { N: "2" } } }, other: { S: "o" } });
    const update = (ReturnValues: "UPDATED_OLD" | "UPDATED_NEW", x: string) =>
      client.send(
        new UpdateItemCommand({
          TableName,
          Key,
          UpdateExpression: "SET d.x = :x REMOVE gone",
          ExpressionAttributeValues: { ":x": { N: x } },
          ReturnValues,
        }),
      );
    expect((await update("UPDATED_OLD", "5")).Attributes).toEqual({ d: { M: { x: { N: "1" } } } });
    expect((await update("UPDATED_NEW", "6")).Attributes).toEqual({ d: { M: { x: { N: "6" } } } });
  });

  test("removing from an item that is not there does not make it", async () => {
    const Key = { id: { S: "never" }, part: { B: new Uint8Array([1]) } };
    await client.send(new UpdateItemCommand({ TableName, Key, UpdateExpression: "REMOVE a" }));
    const { Count } = await client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: "id = :id",
        ExpressionAttributeValues: { ":id": { S: "never" } },
      }),
    );
    expect(Count).toBe(0);
  });
});

describe("the parameters from before expressions", () => {
  test("Expected, AttributeUpdates, KeyConditions, QueryFilter and AttributesToGet still work", async () => {
    const Key = await freshKey({ n: { N: "1" }, list: { L: [{ S: "a" }] }, set: { SS: ["a", "b"] } });
    const update = (expected: string) =>
      client.send(
        new UpdateItemCommand({
          TableName,
          Key,
          Expected: {
            n: { ComparisonOperator: "EQ", AttributeValueList: [{ N: expected }] },
            no: { Exists: false },
          },
          AttributeUpdates: {
            n: { Action: "ADD", Value: { N: "4" } },
            list: { Action: "ADD", Value: { L: [{ S: "b" }] } },
            set: { Action: "DELETE", Value: { SS: ["a"] } },
          },
        }),
      );
    await update("1");
    await expect(update("1")).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
    const { Items } = await client.send(
      new QueryCommand({
        TableName,
        KeyConditions: {
          id: { ComparisonOperator: "EQ", AttributeValueList: [Key.id] },
          part: { ComparisonOperator: "BEGINS_WITH", AttributeValueList: [Key.part] },
        },
        QueryFilter: { n: { ComparisonOperator: "GT", AttributeValueList: [{ N: "4" }] } },
        AttributesToGet: ["n", "list", "set"],
      }),
    );
    expect(Items).toEqual([{ n: { N: "5" }, list: { L: [{ S: "a" }, { S: "b" }] }, set: { SS: ["b"] } }]);
  });

  test("the old and the new way do not mix", async () => {
    const scan = new ScanCommand({
      TableName,
      FilterExpression: "attribute_exists(a)",
      AttributesToGet: ["a"],
    });
    await expect(client.send(scan)).rejects.toMatchObject({
      message:
        "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {FilterExpression}",
    });
  });
});

test("binary range keys are ordered by their bytes, prefixes included", async () => {
  const id = { S: "bytes" };
  const parts = [[255, 255], [1], [255], [0, 1], [1, 255], [2]];
  for (const part of parts) {
    await client.send(new PutItemCommand({ TableName, Item: { id, part: { B: new Uint8Array(part) } } }));
  }
  const query = async (condition: string, prefix?: number[]) => {
    const { Items } = await client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: `id = :id${condition}`,
        ExpressionAttributeValues: { ":id": id, ...(prefix && { ":p": { B: new Uint8Array(prefix) } }) },
      }),
    );
    return Items?.map((item) => [...(item.part?.B ?? [])]);
  };
  expect(await query("")).toEqual([[0, 1], [1], [1, 255], [2], [255], [255, 255]]);
  expect(await query(" AND begins_with(part, :p)", [1])).toEqual([[1], [1, 255]]);
  expect(await query(" AND begins_with(part, :p)", [255])).toEqual([[255], [255, 255]]);
  expect(await query(" AND part > :p", [1])).toEqual([[1, 255], [2], [255], [255, 255]]);
});
