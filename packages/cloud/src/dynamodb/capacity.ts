/** Consumed capacity, as AWS counts it. */
import type { TableDefinition } from "./definition.ts";
import { type Input, readChoice } from "./input.ts";
import { indexPlaceOf } from "./key.ts";
import type { Change } from "./store/table.ts";
import { itemSize } from "./value.ts";

export type CapacityMode = "INDEXES" | "TOTAL" | "NONE";

export function capacityMode(input: Input): CapacityMode {
  return readChoice(input, "ReturnConsumedCapacity", ["INDEXES", "TOTAL", "NONE"]) ?? "NONE";
}

export interface Usage {
  table: number;
  /** By index name. */
  readonly indexes: Map<string, { readonly global: boolean; units: number }>;
}

export const noUsage = (): Usage => ({ table: 0, indexes: new Map() });

export function readUnits(bytes: number, consistent: boolean): number {
  const units = Math.max(1, Math.ceil(bytes / 4096));
  return consistent ? units : units / 2;
}

const writeUnits = (bytes: number) => Math.max(1, Math.ceil(bytes / 1024));

export function useIndex(usage: Usage, name: string, global: boolean, units: number): void {
  const index = usage.indexes.get(name);
  if (index) index.units += units;
  else usage.indexes.set(name, { global, units });
}

/** Counts a write and what it does to the indexes. */
export function useWrite(
  usage: Usage,
  definition: TableDefinition,
  change: Partial<Change>,
  factor = 1,
): void {
  const { old, next } = change;
  const bytes = Math.max(old ? itemSize(old) : 0, next ? (change.size ?? itemSize(next)) : 0);
  usage.table += writeUnits(bytes) * factor;
  for (const { name, global, keys } of definition.indexes) {
    const touched = (old && indexPlaceOf(old, keys)) ?? (next && indexPlaceOf(next, keys));
    if (touched) useIndex(usage, name, global, writeUnits(bytes) * factor);
  }
}

/** The `ConsumedCapacity` of a response; nothing unless it was asked for. */
export function consumedCapacity(
  mode: CapacityMode,
  tableName: string,
  { table, indexes }: Usage,
): Record<string, unknown> | undefined {
  if (mode === "NONE") return undefined;
  let total = table;
  const local: Record<string, { CapacityUnits: number }> = {};
  const global: Record<string, { CapacityUnits: number }> = {};
  for (const [name, index] of indexes) {
    total += index.units;
    (index.global ? global : local)[name] = { CapacityUnits: index.units };
  }
  const summary = { TableName: tableName, CapacityUnits: total };
  if (mode === "TOTAL") return summary;
  return {
    ...summary,
    Table: { CapacityUnits: table },
    LocalSecondaryIndexes: Object.keys(local).length > 0 ? local : undefined,
    GlobalSecondaryIndexes: Object.keys(global).length > 0 ? global : undefined,
  };
}
