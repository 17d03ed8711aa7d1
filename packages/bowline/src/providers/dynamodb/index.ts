import type { ResourceHandler } from "@bowline/engine";
import type { Aws } from "../aws.ts";
import { table } from "./table.ts";
import { tableItem } from "./table-item.ts";

export function dynamodb(aws: Aws): Readonly<Record<string, ResourceHandler>> {
  return { "aws:dynamodb/table:Table": table(aws), "aws:dynamodb/tableItem:TableItem": tableItem(aws) };
}
