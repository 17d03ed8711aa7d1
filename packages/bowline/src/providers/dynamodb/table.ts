import type { ResourceContext, ResourceHandler } from "@bowline/engine";
import { UNKNOWN } from "@bowline/engine";
import type { TableArgs, TableState } from "@pulumi/aws/dynamodb/table.js";
import { type Aws, allTags, tagList } from "../aws.ts";
import { hasCode } from "../client.ts";
import type { Outputs } from "../plain.ts";
import { type Creation, mayAdopt, resource } from "../resource.ts";
import {
  attributeDefinitions,
  encryptionSpecification,
  globalIndex,
  isOnDemand,
  keySchema,
  localIndex,
  streamSpecification,
  type TableInputs,
  throughput,
} from "./schema.ts";
import { describeTable, type TableDescription, tableGone, tableReady } from "./table-state.ts";
import { setTimeToLive, updateTable } from "./table-update.ts";

export function table(aws: Aws): ResourceHandler {
  return resource<TableArgs, TableState>(aws.endpoint, {
    autoName: { property: "name", maxLength: 255, forbidden: /[^A-Za-z0-9_.-]/g },
    replaceOn: [
      "name",
      "hashKey",
      "rangeKey",
      "localSecondaryIndexes",
      "importTable",
      "region",
      "restoreBackupArn",
      "restoreDateTime",
      "restoreSourceName",
      "restoreSourceTableArn",
      "restoreToLatestTime",
    ],
    recorded: [
      "globalTableWitness",
      "importTable",
      "onDemandThroughput",
      "pointInTimeRecovery",
      "replicas",
      "restoreBackupArn",
      "restoreSourceName",
      "restoreSourceTableArn",
      "warmThroughput",
    ],
    volatile: ["streamArn", "streamLabel"],
    complete: (inputs) => ({
      ...inputs,
      billingMode: inputs.billingMode ?? "PROVISIONED",
      // Order means nothing in either: a program that lists them otherwise changes nothing.
      attributes: inputs.attributes && sortedByName(inputs.attributes),
      globalSecondaryIndexes: inputs.globalSecondaryIndexes && sortedByName(inputs.globalSecondaryIndexes),
    }),
    validate,
    replaces: (old, inputs) => (keyTypesChanged(old.inputs, inputs) ? ["attributes"] : []),
    find: (inputs) => inputs.name,
    async create(inputs, context) {
      const name = String(inputs.name);
      await createTable(aws, name, inputs, context);
      await tableReady(aws.client, name, context.signal);
      if (inputs.ttl?.enabled) await setTimeToLive(aws.client, name, inputs.ttl.attributeName, true);
      return name;
    },
    async describe(id, inputs, context) {
      return outputsOf(aws, inputs, await describeTable(aws.client, id), context);
    },
    async update(id, inputs, old, context) {
      await updateTable(aws, id, inputs, old.inputs, context);
    },
    async delete(id, _old, context) {
      await aws.client.json("dynamodb", "DeleteTable", { TableName: id });
      await tableGone(aws.client, id, context.signal);
    },
    predict: (inputs) => ({ arn: aws.arn("dynamodb", `table/${inputs.name}`), region: aws.region }),
  });
}

function sortedByName<T extends { readonly name: string }>(items: readonly T[]): readonly T[] {
  // In a preview the list, or an item of it, may not be known yet.
  const known = Array.isArray(items) && items.every((item) => typeof item.name === "string");
  return known ? [...items].sort((a, b) => (a.name < b.name ? -1 : 1)) : items;
}

async function createTable(aws: Aws, name: string, inputs: TableInputs, context: Creation): Promise<void> {
  const onDemand = isOnDemand(inputs);
  const globalIndexes = (inputs.globalSecondaryIndexes ?? []).map((index) => globalIndex(index, onDemand));
  const localIndexes = (inputs.localSecondaryIndexes ?? []).map((index) => localIndex(index, inputs.hashKey));
  try {
    await aws.client.json("dynamodb", "CreateTable", {
      TableName: name,
      AttributeDefinitions: attributeDefinitions(inputs),
      KeySchema: keySchema(inputs.hashKey, inputs.rangeKey),
      BillingMode: inputs.billingMode,
      ...(onDemand ? {} : { ProvisionedThroughput: throughput(inputs) }),
      ...(globalIndexes.length > 0 ? { GlobalSecondaryIndexes: globalIndexes } : {}),
      ...(localIndexes.length > 0 ? { LocalSecondaryIndexes: localIndexes } : {}),
      ...(inputs.streamEnabled ? { StreamSpecification: streamSpecification(inputs) } : {}),
      ...(inputs.serverSideEncryption?.enabled ? { SSESpecification: encryptionSpecification(inputs) } : {}),
      ...(inputs.tableClass ? { TableClass: inputs.tableClass } : {}),
      ...(inputs.deletionProtectionEnabled ? { DeletionProtectionEnabled: true } : {}),
      ...tagsArgument(allTags(inputs.tags, context)),
    });
  } catch (error) {
    if (!hasCode(error, "ResourceInUseException") || !mayAdopt(name, context)) throw error;
  }
}

function tagsArgument(tags: Readonly<Record<string, string>>) {
  return Object.keys(tags).length > 0 ? { Tags: tagList(tags) } : {};
}

/** A key's type is part of the table; that of an index's key only of the index. */
function keyTypesChanged(before: TableInputs, after: TableInputs): boolean {
  const keys = [
    before.hashKey,
    before.rangeKey,
    ...(before.localSecondaryIndexes ?? []).map((index) => index.rangeKey),
  ];
  const typeIn = (inputs: TableInputs, key: string | undefined) =>
    inputs.attributes?.find(({ name }) => name === key)?.type;
  return keys.some((key) => {
    const now = typeIn(after, key);
    return key !== undefined && now !== undefined && now !== typeIn(before, key);
  });
}

function validate(inputs: TableInputs) {
  if (
    inputs.hashKey === undefined &&
    inputs.restoreSourceName === undefined &&
    inputs.importTable === undefined
  ) {
    return [{ property: "hashKey" as const, reason: '"hashKey" is required by aws:dynamodb/table:Table.' }];
  }
  const { attributes } = inputs;
  if (!Array.isArray(attributes) || attributes.some((attribute) => typeof attribute === "string")) return [];
  const defined = new Set(attributes.map(({ name }) => name));
  const indexKeys = [
    ...asList(inputs.globalSecondaryIndexes),
    ...asList(inputs.localSecondaryIndexes),
  ].flatMap((index) => [
    "hashKey" in index ? index.hashKey : undefined,
    index.rangeKey,
    ...("keySchemas" in index ? asList(index.keySchemas).map((key) => key.attributeName) : []),
  ]);
  const used = new Set(
    [inputs.hashKey, inputs.rangeKey, ...indexKeys].filter((key) => key !== undefined && key !== ""),
  );
  if (used.has(UNKNOWN) || defined.has(UNKNOWN)) return [];
  const undefinedKeys = [...used].filter((key) => !defined.has(key));
  const unusedAttributes = [...defined].filter((name) => !used.has(name));
  return [
    ...undefinedKeys.map((key) => ({
      property: "attributes" as const,
      reason: `The key "${key}" is not among the attributes: add { name: "${key}", type: "S" }.`,
    })),
    ...unusedAttributes.map((name) => ({
      property: "attributes" as const,
      reason: `The attribute "${name}" is no key of the table or of an index: only keys are declared.`,
    })),
  ];
}

function asList<T>(items: readonly T[] | undefined): readonly T[] {
  return Array.isArray(items) ? items.filter((item) => typeof item === "object") : [];
}

function outputsOf(
  aws: Aws,
  inputs: TableInputs,
  found: TableDescription,
  context: ResourceContext,
): Outputs<TableState> {
  const stream = found.StreamSpecification;
  return {
    name: found.TableName,
    arn: found.TableArn,
    region: aws.region,
    billingMode: found.BillingModeSummary?.BillingMode ?? "PROVISIONED",
    readCapacity: found.ProvisionedThroughput?.ReadCapacityUnits ?? 0,
    writeCapacity: found.ProvisionedThroughput?.WriteCapacityUnits ?? 0,
    deletionProtectionEnabled: found.DeletionProtectionEnabled ?? false,
    streamEnabled: stream?.StreamEnabled ?? false,
    streamViewType: stream?.StreamViewType ?? "",
    streamArn: stream?.StreamEnabled ? (found.LatestStreamArn ?? "") : "",
    streamLabel: stream?.StreamEnabled ? (found.LatestStreamLabel ?? "") : "",
    globalSecondaryIndexes: inputs.globalSecondaryIndexes ?? [],
    pointInTimeRecovery: inputs.pointInTimeRecovery ?? { enabled: false },
    serverSideEncryption: inputs.serverSideEncryption ?? { enabled: false },
    tableClass: found.TableClassSummary?.TableClass ?? "STANDARD",
    ttl: inputs.ttl ?? { attributeName: "", enabled: false },
    tagsAll: allTags(inputs.tags, context),
  };
}
