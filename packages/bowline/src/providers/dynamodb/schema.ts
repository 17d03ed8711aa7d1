/** A table's inputs in DynamoDB's own words. */
import type { TableArgs } from "@pulumi/aws/dynamodb/table.js";
import type { Inputs } from "../plain.ts";

export type TableInputs = Inputs<TableArgs>;
export type Index = NonNullable<TableInputs["globalSecondaryIndexes"]>[number];

interface KeyElement {
  readonly AttributeName: string;
  readonly KeyType: string;
}

export function keySchema(hashKey: string | undefined, rangeKey: string | undefined): KeyElement[] {
  return [
    ...(hashKey ? [{ AttributeName: hashKey, KeyType: "HASH" }] : []),
    ...(rangeKey ? [{ AttributeName: rangeKey, KeyType: "RANGE" }] : []),
  ];
}

export function attributeDefinitions(inputs: TableInputs) {
  return (inputs.attributes ?? []).map(({ name, type }) => ({ AttributeName: name, AttributeType: type }));
}

export function isOnDemand(inputs: TableInputs): boolean {
  return inputs.billingMode === "PAY_PER_REQUEST";
}

export function throughput(inputs: { readonly readCapacity?: number; readonly writeCapacity?: number }) {
  return { ReadCapacityUnits: inputs.readCapacity ?? 1, WriteCapacityUnits: inputs.writeCapacity ?? 1 };
}

export function globalIndex(index: Index, onDemand: boolean) {
  return {
    IndexName: index.name,
    KeySchema: indexKeySchema(index),
    Projection: projection(index),
    ...(onDemand ? {} : { ProvisionedThroughput: throughput(index) }),
  };
}

/** Hash and range key, or the newer list of keys. */
function indexKeySchema(index: Index): KeyElement[] {
  const keys = (index.keySchemas ?? []).map(({ attributeName, keyType }) => ({
    AttributeName: attributeName,
    KeyType: keyType,
  }));
  return keys.length > 0 ? keys : keySchema(index.hashKey, index.rangeKey);
}

export function localIndex(
  index: NonNullable<TableInputs["localSecondaryIndexes"]>[number],
  hashKey: string | undefined,
) {
  return {
    IndexName: index.name,
    KeySchema: keySchema(hashKey, index.rangeKey),
    Projection: projection(index),
  };
}

function projection(index: {
  readonly projectionType: string;
  readonly nonKeyAttributes?: readonly string[];
}) {
  const others = index.nonKeyAttributes ?? [];
  return { ProjectionType: index.projectionType, ...(others.length > 0 ? { NonKeyAttributes: others } : {}) };
}

export function streamSpecification(inputs: TableInputs) {
  return inputs.streamEnabled
    ? { StreamEnabled: true, StreamViewType: inputs.streamViewType || "NEW_AND_OLD_IMAGES" }
    : { StreamEnabled: false };
}

export function encryptionSpecification(inputs: TableInputs) {
  const given = inputs.serverSideEncryption;
  return {
    Enabled: given?.enabled ?? false,
    ...(given?.kmsKeyArn ? { SSEType: "KMS", KMSMasterKeyId: given.kmsKeyArn } : {}),
  };
}

/** What cannot be changed about an index without making it anew. */
export function sameIndex(a: Index, b: Index): boolean {
  const shape = (index: Index) => JSON.stringify([indexKeySchema(index), projection(index)]);
  return shape(a) === shape(b);
}
