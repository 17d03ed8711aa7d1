/** CreateTable, DescribeTable, ListTables, DeleteTable. */
import { randomUUID } from "node:crypto";
import { type Operation, operation } from "../../service.ts";
import { accountAccess, tableAccess, tableArn } from "../access.ts";
import type { DynamoDbContext } from "../context.ts";
import type { TableDefinition } from "../definition.ts";
import { describeTable } from "../describe.ts";
import { resourceInUse, tableNotFound, validation } from "../errors.ts";
import {
  constraint,
  type Input,
  readFlag,
  readInteger,
  readList,
  readStructure,
  readTableName,
  readText,
} from "../input.ts";
import type { TableStore } from "../store/table.ts";
import {
  checkAttributesUsed,
  checkThroughput,
  readAttributes,
  readBilling,
  readEncryption,
  readIndexes,
  readKeySchema,
  readStream,
  readTableClass,
  readTags,
  readThroughput,
} from "../table-input.ts";
import { readResourcePolicy } from "./policies.ts";

export function tableOperations(context: DynamoDbContext): Record<string, Operation> {
  const { hub, catalogue, streams, atomically } = context;

  return {
    CreateTable: operation<Input, unknown>({
      access(input) {
        const resource = tableArn(hub, readTableName(input.TableName));
        const actions = ["CreateTable"];
        if (readList(input, "Tags")?.length) actions.push("TagResource");
        if (readText(input, "ResourcePolicy")) actions.push("PutResourcePolicy");
        return actions.map((action) => ({ action: `dynamodb:${action}`, resource }));
      },
      run(input, call) {
        const definition = readDefinition(input, context, call.time);
        const { name } = definition;
        if (catalogue.find(name)) throw resourceInUse(`Table already exists: ${name}`);
        const view = readStream(input);
        const table = atomically(() => {
          if (view === undefined || view === "off") return catalogue.create(definition);
          const stream = streams.enable(definition, view);
          return catalogue.create({ ...definition, stream, latestStream: stream });
        });
        return { TableDescription: describeTable(table, "CREATING") };
      },
    }),

    DescribeTable: operation<Input, unknown>({
      access: tableAccess(hub, "DescribeTable"),
      run: (input) => ({ Table: describeTable(findTable(context, input)) }),
    }),

    ListTables: operation<Input, unknown>({
      access: accountAccess("ListTables"),
      run(input) {
        const limit = readInteger(input, "Limit", { least: 1, most: 100 }) ?? 100;
        const after = readText(input, "ExclusiveStartTableName");
        const names = catalogue.names().filter((name) => after === undefined || name > after);
        const page = names.slice(0, limit);
        return { TableNames: page, LastEvaluatedTableName: names.length > limit ? page.at(-1) : undefined };
      },
    }),

    DeleteTable: operation<Input, unknown>({
      access: tableAccess(hub, "DeleteTable"),
      run(input) {
        const table = findTable(context, input);
        const { definition } = table;
        if (definition.deletionProtection) {
          throw validation(
            `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
          );
        }
        const described = describeTable(table, "DELETING");
        atomically(() => {
          if (definition.stream) streams.disable(definition.stream.id);
          catalogue.remove(definition.name);
        });
        return { TableDescription: described };
      },
    }),
  };
}

/** The table for a request on the table itself. */
export function findTable({ catalogue }: DynamoDbContext, input: Input): TableStore {
  const name = readTableName(input.TableName);
  const table = catalogue.find(name);
  if (!table) throw tableNotFound(name);
  return table;
}

function readDefinition(input: Input, { hub }: DynamoDbContext, time: number): Omit<TableDefinition, "id"> {
  const name = readTableName(input.TableName);
  const attributes = readAttributes(input);
  if (!attributes) throw constraint(undefined, "attributeDefinitions", "Member must not be null");
  const keys = readKeySchema(input, attributes);
  const billing = readBilling(input) ?? "PROVISIONED";
  const throughput = readThroughput(input);
  checkThroughput(billing, throughput);
  const indexes = readIndexes(input, { attributes, tableKeys: keys, billing });
  checkAttributesUsed(attributes, [keys, ...indexes.map((index) => index.keys)]);
  const created = time / 1000;
  const arn = tableArn(hub, name);
  return {
    uuid: randomUUID(),
    name,
    arn,
    created,
    keys,
    attributes,
    billing,
    throughput,
    onDemandSince: billing === "PAY_PER_REQUEST" ? created : undefined,
    indexes,
    nextIndexId: indexes.length + 1,
    deletionProtection: readFlag(input, "DeletionProtectionEnabled") ?? false,
    tableClass: readTableClass(input),
    encryption: readEncryption(input, hub.region, hub.accountId) ?? undefined,
    onDemandLimits: readStructure(input, "OnDemandThroughput"),
    policy: readResourcePolicy(readText(input, "ResourcePolicy")),
    tags: readTags(input),
  };
}
