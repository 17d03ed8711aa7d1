import { isDeepStrictEqual } from "node:util";
import type { ResourceHandler } from "@bowline/engine";
import { UNKNOWN } from "@bowline/engine";
import type { TableItemArgs, TableItemState } from "@pulumi/aws/dynamodb/tableItem.js";
import { type Aws, jsonText } from "../aws.ts";
import { hasCode } from "../client.ts";
import type { Inputs } from "../plain.ts";
import { resource } from "../resource.ts";

type ItemInputs = Inputs<TableItemArgs>;
/** In DynamoDB's own JSON: `{ "id": { "S": "1" } }`. */
type Item = Readonly<Record<string, unknown>>;

export function tableItem(aws: Aws): ResourceHandler {
  const get = async (inputs: ItemInputs) => {
    const { Item: found } = await aws.client.json<{ Item?: Item }>("dynamodb", "GetItem", {
      TableName: inputs.tableName,
      Key: keyOf(inputs),
      ConsistentRead: true,
    });
    return found;
  };
  return resource<TableItemArgs, TableItemState>(aws.endpoint, {
    required: ["tableName", "hashKey", "item"],
    replaceOn: ["tableName", "hashKey", "rangeKey", "region"],
    complete: (inputs) => (inputs.item === undefined ? inputs : { ...inputs, item: jsonText(inputs.item) }),
    validate,
    // Another key is another item.
    replaces: (old, inputs) => (isDeepStrictEqual(keyOf(old.inputs), keyOf(inputs)) ? [] : ["item"]),
    find: idOf,
    async create(inputs) {
      try {
        await aws.client.json("dynamodb", "PutItem", {
          TableName: inputs.tableName,
          Item: itemOf(inputs),
          ConditionExpression: "attribute_not_exists(#key)",
          ExpressionAttributeNames: { "#key": inputs.hashKey },
        });
      } catch (error) {
        if (
          !hasCode(error, "ConditionalCheckFailedException") ||
          !isDeepStrictEqual(await get(inputs), itemOf(inputs))
        )
          throw error;
      }
      return idOf(inputs);
    },
    async describe(_id, inputs) {
      const found = await get(inputs);
      return found && { item: JSON.stringify(found), region: aws.region };
    },
    async update(_id, inputs) {
      await aws.client.json("dynamodb", "PutItem", { TableName: inputs.tableName, Item: itemOf(inputs) });
    },
    async delete(_id, { inputs }) {
      await aws.client.json("dynamodb", "DeleteItem", { TableName: inputs.tableName, Key: keyOf(inputs) });
    },
  });
}

function itemOf(inputs: ItemInputs): Item {
  return JSON.parse(inputs.item) as Item;
}

function keyOf(inputs: ItemInputs): Item {
  const item = itemOf(inputs);
  const names = [inputs.hashKey, inputs.rangeKey].filter((name) => name !== undefined);
  return Object.fromEntries(names.map((name) => [name, item[name]]));
}

function idOf(inputs: ItemInputs): string {
  const values = Object.values(keyOf(inputs)).map((value) => Object.values(value as object).join());
  return [inputs.tableName, inputs.hashKey, inputs.rangeKey ?? "", ...values].join("|");
}

function validate(inputs: ItemInputs) {
  if (inputs.item.includes(UNKNOWN)) return [];
  const wrong = (reason: string) => [{ property: "item" as const, reason }];
  try {
    const item = JSON.parse(inputs.item) as unknown;
    const missing = [inputs.hashKey, inputs.rangeKey].find(
      (name) => name !== undefined && !(name in Object(item)),
    );
    return missing === undefined
      ? []
      : wrong(`The item has no "${missing}", which is part of the table's key.`);
  } catch {
    return wrong('The item is DynamoDB\'s JSON as text: JSON.stringify({ id: { S: "1" } }).');
  }
}
