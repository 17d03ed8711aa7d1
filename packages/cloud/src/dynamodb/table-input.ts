/** Reading the definition of a table or an index out of CreateTable and UpdateTable. */
import type { IndexDefinition, KeySchema, StreamView, Tag, Throughput } from "./definition.ts";
import { invalidParameter, serialization, validation } from "./errors.ts";
import type { KeyAttribute } from "./expression/key-condition.ts";
import {
  asStructure,
  constraint,
  type Input,
  readChoice,
  readFlag,
  readInteger,
  readList,
  readRequiredText,
  readStructure,
  readText,
} from "./input.ts";

export type Attributes = Readonly<Record<string, KeyAttribute["type"]>>;
export type Billing = "PROVISIONED" | "PAY_PER_REQUEST";

const mostUnits = 1_000_000_000_000;
const mostGlobalIndexes = 20;
const mostLocalIndexes = 5;

export function readAttributes(input: Input): Attributes | undefined {
  const list = readList(input, "AttributeDefinitions");
  if (!list) return undefined;
  const attributes: Record<string, KeyAttribute["type"]> = {};
  for (const entry of list) {
    const definition = asStructure(entry);
    const name = readRequiredText(definition, "AttributeName");
    const type = readChoice(definition, "AttributeType", ["B", "N", "S"]);
    if (type === undefined) throw constraint(type, "attributeType", "Member must not be null");
    if (Object.hasOwn(attributes, name)) {
      throw invalidParameter(`Duplicate AttributeName in AttributeDefinitions: ${name}`);
    }
    attributes[name] = type;
  }
  return attributes;
}

export function readKeySchema(input: Input, attributes: Attributes): KeySchema {
  const list = readList(input, "KeySchema");
  if (!list) throw constraint(undefined, "keySchema", "Member must not be null");
  if (list.length === 0)
    throw constraint(list, "keySchema", "Member must have length greater than or equal to 1");
  if (list.length > 2) throw constraint(list, "keySchema", "Member must have length less than or equal to 2");
  const elements = list.map((entry) => {
    const element = asStructure(entry);
    return {
      name: readRequiredText(element, "AttributeName"),
      kind: readChoice(element, "KeyType", ["HASH", "RANGE"]),
    };
  });
  const names = elements.map(({ name }) => name);
  if (names.some((name) => !Object.hasOwn(attributes, name))) {
    throw invalidParameter(
      `Some index key attributes are not defined in AttributeDefinitions. Keys: [${names.join(", ")}], AttributeDefinitions: [${Object.keys(attributes).join(", ")}]`,
    );
  }
  const [hash, range] = elements;
  if (hash?.name === range?.name) {
    throw validation("Both the Hash Key and the Range Key element in the KeySchema have the same name");
  }
  if (hash?.kind !== "HASH") {
    throw validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  }
  if (range && range.kind !== "RANGE") {
    throw validation("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
  }
  const typed = (name: string): KeyAttribute => ({ name, type: attributes[name] ?? "S" });
  return { hash: typed(hash.name), range: range && typed(range.name) };
}

export function readBilling(input: Input): Billing | undefined {
  return readChoice(input, "BillingMode", ["PROVISIONED", "PAY_PER_REQUEST"]);
}

export function readThroughput(input: Input): Throughput | undefined {
  const given = readStructure(input, "ProvisionedThroughput");
  if (!given) return undefined;
  const read = readInteger(given, "ReadCapacityUnits", { least: 1 });
  const write = readInteger(given, "WriteCapacityUnits", { least: 1 });
  for (const [name, units] of [
    ["ReadCapacityUnits", read],
    ["WriteCapacityUnits", write],
  ] as const) {
    if (units !== undefined && units > mostUnits) {
      throw validation(`Given value ${units} for ${name} is out of bounds`);
    }
  }
  if (read === undefined || write === undefined) {
    throw invalidParameter(
      "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
    );
  }
  return { read, write };
}

/** The throughput that goes with a billing mode, of a table. */
export function checkThroughput(billing: Billing, throughput: Throughput | undefined): void {
  if (billing === "PAY_PER_REQUEST" && throughput) {
    throw invalidParameter(
      "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
    );
  }
  if (billing === "PROVISIONED" && !throughput) {
    throw invalidParameter(
      "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
    );
  }
}

export function readIndex(
  input: Input,
  { id, global, attributes, tableKeys, billing }: IndexSurroundings,
): IndexDefinition {
  const name = readIndexName(input);
  const keys = readKeySchema(input, attributes);
  if (!global) checkLocalKeys(name, keys, tableKeys);
  const projection = readStructure(input, "Projection");
  if (!projection) throw constraint(undefined, "projection", "Member must not be null");
  const type = readChoice(projection, "ProjectionType", ["ALL", "INCLUDE", "KEYS_ONLY"]);
  if (!type) throw invalidParameter("Unknown ProjectionType: null");
  const extra = readList(projection, "NonKeyAttributes");
  if (extra && type !== "INCLUDE") {
    throw invalidParameter(`ProjectionType is ${type}, but NonKeyAttributes is specified`);
  }
  if (!extra && type === "INCLUDE") {
    throw invalidParameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified");
  }
  const throughput = global ? readThroughput(input) : undefined;
  if (throughput && billing === "PAY_PER_REQUEST") {
    throw invalidParameter(
      `ProvisionedThroughput should not be specified for index: ${name} when BillingMode is PAY_PER_REQUEST`,
    );
  }
  if (global && !throughput && billing === "PROVISIONED") {
    throw invalidParameter(`ProvisionedThroughput must be specified for index: ${name}`);
  }
  return { id, name, global, keys, projection: { type, attributes: extra?.map(nonKeyName) }, throughput };
}

interface IndexSurroundings {
  readonly id: number;
  readonly global: boolean;
  readonly attributes: Attributes;
  readonly tableKeys: KeySchema;
  readonly billing: Billing;
}

function nonKeyName(name: unknown): string {
  if (typeof name !== "string") throw serialization("Start of structure or map found where not expected");
  return name;
}

export function readIndexName(input: Input): string {
  const name = readRequiredText(input, "IndexName");
  if (!/^[a-zA-Z0-9_.-]{3,255}$/.test(name)) {
    throw constraint(
      name,
      "indexName",
      /^[a-zA-Z0-9_.-]*$/.test(name)
        ? `Member must have length ${name.length < 3 ? "greater than or equal to 3" : "less than or equal to 255"}`
        : "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
    );
  }
  return name;
}

function checkLocalKeys(name: string, keys: KeySchema, tableKeys: KeySchema): void {
  if (!tableKeys.range) {
    throw invalidParameter(
      "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex",
    );
  }
  if (!keys.range) {
    throw invalidParameter(`Index KeySchema does not have a range key for index: ${name}`);
  }
  if (keys.hash.name !== tableKeys.hash.name) {
    throw invalidParameter(
      `Index KeySchema does not have the same leading hash key as table KeySchema for index: ${name}. index hash key: ${keys.hash.name}, table hash key: ${tableKeys.hash.name}`,
    );
  }
}

/** The indexes of a new table, numbered. */
export function readIndexes(
  input: Input,
  surroundings: Omit<IndexSurroundings, "id" | "global">,
): IndexDefinition[] {
  const indexes: IndexDefinition[] = [];
  for (const [parameter, global] of [
    ["LocalSecondaryIndexes", false],
    ["GlobalSecondaryIndexes", true],
  ] as const) {
    const list = readList(input, parameter);
    if (list?.length === 0) throw invalidParameter(`List of ${parameter} is empty`);
    for (const entry of list ?? []) {
      indexes.push(readIndex(asStructure(entry), { ...surroundings, id: indexes.length + 1, global }));
    }
  }
  checkIndexes(indexes);
  return indexes;
}

export function checkIndexes(indexes: readonly IndexDefinition[]): void {
  const names = new Set<string>();
  for (const { name } of indexes) {
    if (names.has(name)) throw invalidParameter(`Duplicate index name: ${name}`);
    names.add(name);
  }
  if (indexes.filter(({ global }) => !global).length > mostLocalIndexes) {
    throw invalidParameter("Number of LocalSecondaryIndexes exceeds per-table limit of 5");
  }
  if (indexes.filter(({ global }) => global).length > mostGlobalIndexes) {
    throw invalidParameter("GlobalSecondaryIndex count exceeds the per-table limit of 20");
  }
}

/** Every defined attribute must be a key somewhere. */
export function checkAttributesUsed(attributes: Attributes, schemas: readonly KeySchema[]): void {
  const used = new Set(schemas.flatMap(({ hash, range }) => [hash.name, range?.name]));
  if (Object.keys(attributes).every((name) => used.has(name))) return;
  throw invalidParameter(
    schemas.length === 1
      ? "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions"
      : `Some AttributeDefinitions are not used. AttributeDefinitions: [${Object.keys(attributes).join(", ")}], keys used: [${[...used].filter(Boolean).join(", ")}]`,
  );
}

/** The view type of a stream to be enabled; `"off"` where it is to be disabled; undefined where nothing is said. */
export function readStream(input: Input): StreamView | "off" | undefined {
  const given = readStructure(input, "StreamSpecification");
  if (!given) return undefined;
  const enabled = readFlag(given, "StreamEnabled");
  const view = readChoice(given, "StreamViewType", [
    "NEW_IMAGE",
    "OLD_IMAGE",
    "NEW_AND_OLD_IMAGES",
    "KEYS_ONLY",
  ]);
  if (!enabled) {
    if (view) throw validation("StreamViewType cannot be specified when StreamEnabled is false");
    return "off";
  }
  if (!view) throw invalidParameter("StreamViewType is required when StreamEnabled is true");
  return view;
}

export function readTags(input: Input): readonly Tag[] {
  const tags = (readList(input, "Tags") ?? []).map((entry) => {
    const tag = asStructure(entry);
    return { Key: readRequiredText(tag, "Key"), Value: readRequiredText(tag, "Value") };
  });
  const keys = new Set(tags.map(({ Key }) => Key));
  if (keys.size < tags.length) throw validation("Duplicate key found in Tags");
  const reserved = tags.find(({ Key }) => /^aws:/i.test(Key));
  if (reserved)
    throw validation("One or more parameter values were invalid: Tag keys cannot begin with aws:");
  return tags;
}

export function readTableClass(input: Input): string | undefined {
  return readChoice(input, "TableClass", ["STANDARD", "STANDARD_INFREQUENT_ACCESS"]);
}

/** Encryption with a key of the account; items are not in fact encrypted on this machine. */
export function readEncryption(input: Input, region: string, accountId: string) {
  const given = readStructure(input, "SSESpecification");
  if (!given) return undefined;
  if (!readFlag(given, "Enabled")) return null;
  const key = readText(given, "KMSMasterKeyId") ?? "alias/aws/dynamodb";
  return {
    type: "KMS" as const,
    key: key.startsWith("arn:")
      ? key
      : `arn:aws:kms:${region}:${accountId}:${key.startsWith("alias/") ? key : `key/${key}`}`,
  };
}
