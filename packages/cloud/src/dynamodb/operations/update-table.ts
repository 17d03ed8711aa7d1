/** UpdateTable: throughput, indexes, stream and switches of a table that exists. */
import { AwsError } from "../../error.ts";
import { type Operation, operation } from "../../service.ts";
import { tableAccess } from "../access.ts";
import type { DynamoDbContext } from "../context.ts";
import type { IndexDefinition, TableDefinition } from "../definition.ts";
import { describeTable } from "../describe.ts";
import { invalidParameter, resourceNotFound, validation } from "../errors.ts";
import { asStructure, type Input, readFlag, readList, readRequiredText, readStructure } from "../input.ts";
import { backfillIndex, dropIndexRows } from "../store/table.ts";
import {
  checkIndexes,
  checkThroughput,
  readAttributes,
  readBilling,
  readEncryption,
  readIndex,
  readStream,
  readTableClass,
  readThroughput,
} from "../table-input.ts";
import { findTable } from "./tables.ts";

const changing = [
  "BillingMode",
  "DeletionProtectionEnabled",
  "GlobalSecondaryIndexUpdates",
  "OnDemandThroughput",
  "ProvisionedThroughput",
  "ReplicaUpdates",
  "SSESpecification",
  "StreamSpecification",
  "TableClass",
  "WarmThroughput",
];

export function updateTableOperations(context: DynamoDbContext): Record<string, Operation> {
  const { hub, catalogue } = context;

  return {
    UpdateTable: operation<Input, unknown>({
      access: tableAccess(hub, "UpdateTable"),
      run(input, call) {
        const { name } = findTable(context, input).definition;
        if (!changing.some((parameter) => input[parameter] !== undefined)) {
          throw validation(
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamSpecification or GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required",
          );
        }
        if (readList(input, "ReplicaUpdates")?.length) {
          throw validation("The local cloud has one region: a table can have no replicas.");
        }
        const table = catalogue.update(name, (definition) => {
          const billed = updateBilling(input, definition, call.time);
          const indexed = updateIndexes(input, billed, context);
          const streamed = updateStream(input, indexed, context);
          return updateSwitches(input, streamed, context);
        });
        return { TableDescription: describeTable(table, "UPDATING") };
      },
    }),
  };
}

function updateBilling(input: Input, definition: TableDefinition, time: number): TableDefinition {
  const wanted = readBilling(input);
  const throughput = readThroughput(input);
  if (wanted === undefined && throughput === undefined) return definition;
  const billing = wanted ?? definition.billing;
  checkThroughput(billing, throughput ?? (billing === "PROVISIONED" ? definition.throughput : undefined));
  if (billing === "PROVISIONED") {
    return { ...definition, billing, throughput: throughput ?? definition.throughput };
  }
  return {
    ...definition,
    billing,
    throughput: undefined,
    onDemandSince: definition.billing === billing ? definition.onDemandSince : time / 1000,
    indexes: definition.indexes.map((index) => ({ ...index, throughput: undefined })),
  };
}

function updateIndexes(input: Input, definition: TableDefinition, { db }: DynamoDbContext): TableDefinition {
  const updates = (readList(input, "GlobalSecondaryIndexUpdates") ?? []).map(asStructure);
  const reshaping = updates.filter((update) => update.Create || update.Delete);
  if (reshaping.length > 1) {
    throw new AwsError(
      "LimitExceededException",
      "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
    );
  }
  let next: TableDefinition = {
    ...definition,
    attributes: { ...definition.attributes, ...readAttributes(input) },
  };
  for (const update of updates) {
    const create = readStructure(update, "Create");
    const change = readStructure(update, "Update");
    const remove = readStructure(update, "Delete");
    if (create) {
      const index = readIndex(create, {
        id: next.nextIndexId,
        global: true,
        attributes: next.attributes,
        tableKeys: next.keys,
        billing: next.billing,
      });
      next = { ...next, indexes: [...next.indexes, index], nextIndexId: index.id + 1 };
      checkIndexes(next.indexes);
      backfillIndex(db, next, index);
    } else if (change) {
      const changed = { ...globalIndex(next, change), throughput: readThroughput(change) };
      next = {
        ...next,
        indexes: next.indexes.map((index) => (index.id === changed.id ? changed : index)),
      };
    } else if (remove) {
      const removed = globalIndex(next, remove);
      dropIndexRows(db, next, removed);
      next = { ...next, indexes: next.indexes.filter(({ id }) => id !== removed.id) };
    } else {
      throw invalidParameter("One of GlobalSecondaryIndexUpdate.Update, .Create, .Delete must be present");
    }
  }
  return { ...next, attributes: usedAttributes(next) };
}

function globalIndex(definition: TableDefinition, input: Input): IndexDefinition {
  const name = readRequiredText(input, "IndexName");
  const found = definition.indexes.find((index) => index.global && index.name === name);
  if (!found) throw resourceNotFound(`Requested resource not found: Index: ${name} not found`);
  return found;
}

/** The definitions of attributes that are keys: those of a dropped index go with it. */
function usedAttributes({ attributes, keys, indexes }: TableDefinition): TableDefinition["attributes"] {
  const schemas = [keys, ...indexes.map((index) => index.keys)];
  const used = new Set(schemas.flatMap(({ hash, range }) => [hash.name, range?.name]));
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => used.has(name)));
}

function updateStream(
  input: Input,
  definition: TableDefinition,
  { streams }: DynamoDbContext,
): TableDefinition {
  const wanted = readStream(input);
  if (wanted === undefined) return definition;
  const { stream, name } = definition;
  if (wanted === "off") {
    if (!stream) throw validation(`Table is already stream disabled: TableName: ${name}`);
    streams.disable(stream.id);
    return { ...definition, stream: undefined };
  }
  if (stream) throw validation(`Table already has an enabled stream: TableName: ${name}`);
  const enabled = streams.enable(definition, wanted);
  return { ...definition, stream: enabled, latestStream: { arn: enabled.arn, label: enabled.label } };
}

function updateSwitches(
  input: Input,
  definition: TableDefinition,
  { hub }: DynamoDbContext,
): TableDefinition {
  const encryption = readEncryption(input, hub.region, hub.accountId);
  return {
    ...definition,
    deletionProtection: readFlag(input, "DeletionProtectionEnabled") ?? definition.deletionProtection,
    tableClass: readTableClass(input) ?? definition.tableClass,
    onDemandLimits: readStructure(input, "OnDemandThroughput") ?? definition.onDemandLimits,
    encryption: encryption === undefined ? definition.encryption : (encryption ?? undefined),
  };
}
