import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../testing.ts";

let aws: LocalAws;
let tableName: string;
beforeAll(async () => {
  aws = await startLocalAws();
  const table = aws.resource("aws:dynamodb/table:Table", "Items");
  await table.up({ hashKey: "id", attributes: [{ name: "id", type: "S" }], billingMode: "PAY_PER_REQUEST" });
  tableName = table.id;
});
afterAll(() => aws?.[Symbol.asyncDispose]());

const item = (id: string, n = "1") => JSON.stringify({ id: { S: id }, n: { N: n } });

test("an item is put, changed in place, and another one under another key", async () => {
  const resource = aws.resource("aws:dynamodb/tableItem:TableItem");
  const inputs = (text: string) => ({ tableName, hashKey: "id", item: text });
  expect(await resource.up(inputs(item("a")))).toBe("create");
  expect(await resource.up(inputs(item("a", "2")))).toBe("update");
  expect(JSON.parse(String(resource.outputs.item))).toEqual({ id: { S: "a" }, n: { N: "2" } });
  await resource.createAgain(inputs(item("a", "2")));
  expect(await resource.up(inputs(item("b")))).toBe("replace");
  const other = aws.resource("aws:dynamodb/tableItem:TableItem", "Other");
  await expect(other.up(inputs(item("b", "3")))).rejects.toThrow("ConditionalCheckFailedException");
  await resource.delete();
  expect(await resource.refresh()).toBe(false);
});

test("an item without the key, or that is no JSON, is refused", async () => {
  const resource = aws.resource("aws:dynamodb/tableItem:TableItem", "Bad");
  await expect(resource.up({ tableName, hashKey: "id", item: "{}" })).rejects.toThrow('no "id"');
  await expect(resource.up({ tableName, hashKey: "id", item: "nope" })).rejects.toThrow(
    "DynamoDB's JSON as text",
  );
});
