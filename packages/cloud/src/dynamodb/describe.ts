/** A table as DescribeTable shows it. */
import type { IndexDefinition, KeySchema, TableDefinition, Throughput } from "./definition.ts";
import type { TableStore } from "./store/table.ts";

export type TableStatus = "CREATING" | "ACTIVE" | "UPDATING" | "DELETING";

export function describeTable(
  { definition, rows, indexes }: TableStore,
  status: TableStatus = "ACTIVE",
): Record<string, unknown> {
  const { billing, stream, latestStream } = definition;
  const { count, size } = status === "CREATING" ? { count: 0, size: 0 } : rows.measure();
  const described = (index: IndexDefinition) => {
    const measured = status === "CREATING" ? undefined : indexes.get(index.name)?.rows.measure();
    return describeIndex(definition, index, measured ?? { count: 0, size: 0 }, status);
  };
  const global = definition.indexes.filter((index) => index.global).map(described);
  const local = definition.indexes.filter((index) => !index.global).map(described);
  return {
    TableName: definition.name,
    TableArn: definition.arn,
    TableId: definition.uuid,
    TableStatus: status,
    CreationDateTime: definition.created,
    AttributeDefinitions: Object.entries(definition.attributes).map(([AttributeName, AttributeType]) => ({
      AttributeName,
      AttributeType,
    })),
    KeySchema: keySchema(definition.keys),
    ItemCount: count,
    TableSizeBytes: size,
    ProvisionedThroughput: describeThroughput(definition.throughput),
    BillingModeSummary:
      billing === "PAY_PER_REQUEST"
        ? { BillingMode: billing, LastUpdateToPayPerRequestDateTime: definition.onDemandSince }
        : undefined,
    OnDemandThroughput: definition.onDemandLimits,
    WarmThroughput: { ReadUnitsPerSecond: 12000, WriteUnitsPerSecond: 4000, Status: "ACTIVE" },
    GlobalSecondaryIndexes: global.length > 0 ? global : undefined,
    LocalSecondaryIndexes: local.length > 0 ? local : undefined,
    StreamSpecification: stream && { StreamEnabled: true, StreamViewType: stream.view },
    LatestStreamArn: latestStream?.arn,
    LatestStreamLabel: latestStream?.label,
    DeletionProtectionEnabled: definition.deletionProtection,
    TableClassSummary: definition.tableClass && { TableClass: definition.tableClass },
    SSEDescription: definition.encryption && {
      Status: "ENABLED",
      SSEType: definition.encryption.type,
      KMSMasterKeyArn: definition.encryption.key,
    },
  };
}

function keySchema({ hash, range }: KeySchema) {
  const elements = [{ AttributeName: hash.name, KeyType: "HASH" }];
  if (range) elements.push({ AttributeName: range.name, KeyType: "RANGE" });
  return elements;
}

function describeThroughput(throughput: Throughput | undefined) {
  return {
    NumberOfDecreasesToday: 0,
    ReadCapacityUnits: throughput?.read ?? 0,
    WriteCapacityUnits: throughput?.write ?? 0,
  };
}

function describeIndex(
  table: TableDefinition,
  index: IndexDefinition,
  { count, size }: { readonly count: number; readonly size: number },
  status: TableStatus,
): Record<string, unknown> {
  const common = {
    IndexName: index.name,
    IndexArn: `${table.arn}/index/${index.name}`,
    KeySchema: keySchema(index.keys),
    Projection: { ProjectionType: index.projection.type, NonKeyAttributes: index.projection.attributes },
    ItemCount: count,
    IndexSizeBytes: size,
  };
  if (!index.global) return common;
  return {
    ...common,
    IndexStatus: status,
    ProvisionedThroughput: describeThroughput(index.throughput),
    WarmThroughput: { ReadUnitsPerSecond: 12000, WriteUnitsPerSecond: 4000, Status: "ACTIVE" },
  };
}
