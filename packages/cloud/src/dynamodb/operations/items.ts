/** GetItem, PutItem, UpdateItem, DeleteItem. */
import { type Call, type Operation, operation } from "../../service.ts";
import { itemAccess } from "../access.ts";
import { capacityMode, consumedCapacity, noUsage, readUnits, useWrite } from "../capacity.ts";
import type { DynamoDbContext } from "../context.ts";
import { validation } from "../errors.ts";
import { resolvePath } from "../expression/bindings.ts";
import { project } from "../expression/project.ts";
import { readExpressions } from "../expression/request.ts";
import { type Input, readChoice, readFlag, readTableName } from "../input.ts";
import { placeOf, readKey } from "../key.ts";
import { legacyRead, usesLegacy } from "../legacy.ts";
import { RawJson } from "../protocol.ts";
import { type Item, itemSize } from "../value.ts";
import { perform, readDelete, readPut, readUpdate, updatedPaths, type Write } from "../write.ts";

const projectionOnly = ["ProjectionExpression"] as const;

/** The projection of a request for single items, in either way of saying it. */
export function readProjection(input: Input) {
  return usesLegacy(input, projectionOnly, ["AttributesToGet"])
    ? legacyRead(input, undefined).projection
    : readExpressions(input, projectionOnly).projection;
}

export function itemOperations(context: DynamoDbContext): Record<string, Operation> {
  const { hub, catalogue } = context;
  const access =
    (action: string, named: "Key" | "Item", reads = false) =>
    (input: Input, call: Call) => [
      itemAccess(hub, catalogue, call, { action, input, items: [input[named]], reads }),
    ];

  return {
    GetItem: operation<Input, unknown>({
      access: access("GetItem", "Key", true),
      run(input, call) {
        const table = catalogue.open(readTableName(input.TableName));
        const projection = readProjection(input);
        const key = readKey(input.Key, table.definition.keys);
        const mode = capacityMode(input);
        const consistent = readFlag(input, "ConsistentRead") ?? false;
        const row = table.rows.get(placeOf(key, table.definition.keys));
        if (row && !projection && mode === "NONE" && call.request) return new RawJson(`{"Item":${row.item}}`);
        const item = row && (JSON.parse(row.item) as Item);
        const usage = { ...noUsage(), table: readUnits(row?.size ?? 0, consistent) };
        return {
          Item: item && (projection ? project(item, projection) : item),
          ConsumedCapacity: consumedCapacity(mode, table.definition.name, usage),
        };
      },
    }),

    PutItem: operation<Input, unknown>({
      access: access("PutItem", "Item"),
      run(input) {
        checkReturnValues(input, ["ALL_OLD", "NONE"]);
        return written(input, readPut(input, catalogue));
      },
    }),

    DeleteItem: operation<Input, unknown>({
      access: access("DeleteItem", "Key"),
      run(input) {
        checkReturnValues(input, ["ALL_OLD", "NONE"]);
        return written(input, readDelete(input, catalogue));
      },
    }),

    UpdateItem: operation<Input, unknown>({
      access: access("UpdateItem", "Key"),
      run(input) {
        checkReturnValues(input, returnValues);
        return written(input, readUpdate(input, catalogue));
      },
    }),
  };
}

const returnValues = ["ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"] as const;

function checkReturnValues(input: Input, allowed: readonly string[]): void {
  const wanted = readChoice(input, "ReturnValues", returnValues);
  if (wanted !== undefined && !allowed.includes(wanted)) {
    throw validation("Return values set to invalid value");
  }
}

function written(input: Input, write: Write): Record<string, unknown> {
  const wanted = readChoice(input, "ReturnValues", returnValues) ?? "NONE";
  const mode = capacityMode(input);
  const result = perform(write, wanted !== "NONE" || mode !== "NONE");
  const { definition } = write.table;
  const usage = noUsage();
  if (mode !== "NONE") useWrite(usage, definition, result.change);
  return {
    Attributes: returned(wanted, write, result.old, result.next),
    ConsumedCapacity: consumedCapacity(mode, definition.name, usage),
    ItemCollectionMetrics: collectionMetrics(input, write),
  };
}

function returned(
  wanted: (typeof returnValues)[number],
  { update, bindings }: Write,
  old: Item | undefined,
  next: Item | undefined,
): Item | undefined {
  if (wanted === "NONE") return undefined;
  const item = wanted.endsWith("_OLD") ? old : next;
  if (!item || wanted.startsWith("ALL")) return item;
  const paths = update ? updatedPaths(update).map((path) => resolvePath(path, bindings)) : [];
  const picked = project(item, paths);
  return Object.keys(picked).length > 0 ? picked : undefined;
}

const bytesInGigabyte = 1024 ** 3;

/** Only tables with local indexes have item collections. */
export function collectionMetrics(input: Input, { table, key, place }: Write): unknown {
  const wanted = readChoice(input, "ReturnItemCollectionMetrics", ["SIZE", "NONE"]);
  const { indexes, keys } = table.definition;
  if (wanted !== "SIZE" || !indexes.some((index) => !index.global)) return undefined;
  let bytes = 0;
  for (const row of table.rows.query({ slot: place.slot, hash: place.hash, forward: true }))
    bytes += row.size;
  const low = Math.floor(bytes / bytesInGigabyte);
  return {
    ItemCollectionKey: { [keys.hash.name]: key[keys.hash.name] },
    SizeEstimateRangeGB: [low, low + 1],
  };
}

/** The read units of one item. */
export function itemReadUnits(item: Item | undefined, consistent: boolean): number {
  return readUnits(item ? itemSize(item) : 0, consistent);
}
