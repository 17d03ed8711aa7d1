/** Changes a table in place, one change at a time, as the service asks for. */
import type { ResourceContext } from "@bowline/engine";
import { type Aws, isEmpty, tagChanges, tagList } from "../aws.ts";
import type { Client } from "../client.ts";
import {
  attributeDefinitions,
  encryptionSpecification,
  globalIndex,
  type Index,
  isOnDemand,
  sameIndex,
  streamSpecification,
  type TableInputs,
  throughput,
} from "./schema.ts";
import { tableReady } from "./table-state.ts";

export async function updateTable(
  aws: Aws,
  name: string,
  inputs: TableInputs,
  old: TableInputs,
  context: ResourceContext,
): Promise<void> {
  const change = async (input: object) => {
    await aws.client.json("dynamodb", "UpdateTable", { TableName: name, ...input });
    await tableReady(aws.client, name, context.signal);
  };
  const indexes = indexChanges(inputs, old);
  for (const index of indexes.removed) {
    await change({ GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: index.name } }] });
  }
  await changeThroughput(inputs, old, indexes.kept, change);
  for (const index of indexes.added) {
    await change({
      AttributeDefinitions: attributeDefinitions(inputs),
      GlobalSecondaryIndexUpdates: [{ Create: globalIndex(index, isOnDemand(inputs)) }],
    });
  }
  await changeStream(inputs, old, change);
  if (differ(inputs.serverSideEncryption, old.serverSideEncryption)) {
    await change({ SSESpecification: encryptionSpecification(inputs) });
  }
  if ((inputs.tableClass ?? "STANDARD") !== (old.tableClass ?? "STANDARD")) {
    await change({ TableClass: inputs.tableClass ?? "STANDARD" });
  }
  if ((inputs.deletionProtectionEnabled ?? false) !== (old.deletionProtectionEnabled ?? false)) {
    await change({ DeletionProtectionEnabled: inputs.deletionProtectionEnabled ?? false });
  }
  await changeTimeToLive(aws.client, name, inputs, old);
  const tags = tagChanges(inputs, old, context);
  const ResourceArn = aws.arn("dynamodb", `table/${name}`);
  if (tags.removed.length > 0)
    await aws.client.json("dynamodb", "UntagResource", { ResourceArn, TagKeys: tags.removed });
  if (!isEmpty(tags.put))
    await aws.client.json("dynamodb", "TagResource", { ResourceArn, Tags: tagList(tags.put) });
}

type Change = (input: object) => Promise<void>;

interface KeptIndex {
  readonly now: Index;
  readonly before: Index;
}

function indexChanges(inputs: TableInputs, old: TableInputs) {
  const before = new Map((old.globalSecondaryIndexes ?? []).map((index) => [index.name, index]));
  const now = inputs.globalSecondaryIndexes ?? [];
  const kept: KeptIndex[] = now.flatMap((index) => {
    const former = before.get(index.name);
    return former && sameIndex(former, index) ? [{ now: index, before: former }] : [];
  });
  const keptNames = new Set(kept.map(({ now: { name } }) => name));
  return {
    kept,
    removed: [...before.values()].filter(({ name }) => !keptNames.has(name)),
    added: now.filter(({ name }) => !keptNames.has(name)),
  };
}

async function changeThroughput(
  inputs: TableInputs,
  old: TableInputs,
  kept: readonly KeptIndex[],
  change: Change,
): Promise<void> {
  if (isOnDemand(inputs)) {
    if (!isOnDemand(old)) await change({ BillingMode: "PAY_PER_REQUEST" });
    return;
  }
  const wasOnDemand = isOnDemand(old);
  const indexUpdates = kept
    .filter(({ now, before }) => wasOnDemand || differ(throughput(now), throughput(before)))
    .map(({ now }) => ({ Update: { IndexName: now.name, ProvisionedThroughput: throughput(now) } }));
  const tableChanged = wasOnDemand || differ(throughput(inputs), throughput(old));
  if (!tableChanged && indexUpdates.length === 0) return;
  await change({
    ...(wasOnDemand ? { BillingMode: "PROVISIONED" } : {}),
    ...(tableChanged ? { ProvisionedThroughput: throughput(inputs) } : {}),
    ...(indexUpdates.length > 0 ? { GlobalSecondaryIndexUpdates: indexUpdates } : {}),
  });
}

/** A stream's view cannot be changed: it ends, and another one begins. */
async function changeStream(inputs: TableInputs, old: TableInputs, change: Change): Promise<void> {
  const now = streamSpecification(inputs);
  const before = streamSpecification(old);
  if (!differ(now, before)) return;
  if (before.StreamEnabled) await change({ StreamSpecification: { StreamEnabled: false } });
  if (now.StreamEnabled) await change({ StreamSpecification: now });
}

/** Likewise the attribute that says when an item expires. */
async function changeTimeToLive(
  client: Client,
  name: string,
  { ttl }: TableInputs,
  { ttl: old }: TableInputs,
): Promise<void> {
  const wasOn = old?.enabled ?? false;
  const isOn = ttl?.enabled ?? false;
  const sameAttribute = ttl?.attributeName === old?.attributeName;
  if (wasOn && (!isOn || !sameAttribute)) await setTimeToLive(client, name, old?.attributeName, false);
  if (isOn && (!wasOn || !sameAttribute)) await setTimeToLive(client, name, ttl?.attributeName, true);
}

export async function setTimeToLive(
  client: Client,
  table: string,
  attribute: string | undefined,
  enabled: boolean,
): Promise<void> {
  await client.json("dynamodb", "UpdateTimeToLive", {
    TableName: table,
    TimeToLiveSpecification: { AttributeName: attribute, Enabled: enabled },
  });
}

function differ(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}
