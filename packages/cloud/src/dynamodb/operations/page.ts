/** Reading a page of a table or an index: what Query and Scan have in common. */
import type { Call } from "../../service.ts";
import {
  type CapacityMode,
  capacityMode,
  consumedCapacity,
  noUsage,
  readUnits,
  type Usage,
  useIndex,
} from "../capacity.ts";
import { type KeySchema, keyAttributes } from "../definition.ts";
import { invalidParameter, serialization, validation } from "../errors.ts";
import { evaluateCondition } from "../expression/evaluate.ts";
import { project } from "../expression/project.ts";
import type { Expressions } from "../expression/request.ts";
import { type Input, readChoice, readFlag, readInteger, readTableName, readText } from "../input.ts";
import { keyOf, type Place, placeOf } from "../key.ts";
import { RawJson } from "../protocol.ts";
import type { Catalogue } from "../store/catalogue.ts";
import type { Row, RowKey } from "../store/rows.ts";
import type { StoredIndex, TableStore } from "../store/table.ts";
import { attribute, checkValue, type Item, isRecord } from "../value.ts";

const pageBytes = 1024 * 1024;
const selections = ["SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"] as const;

/** What is read, and how much of each item is wanted. */
export interface PageRequest {
  readonly table: TableStore;
  readonly index?: StoredIndex;
  /** The key schema of what is read. */
  readonly keys: KeySchema;
  readonly expressions: Expressions;
  readonly limit?: number;
  readonly after?: RowKey;
  readonly startKey?: Item;
  readonly countOnly: boolean;
  /** The index does not have all that is wanted: each item is read from the table. */
  readonly fetchesItems: boolean;
  readonly consistent: boolean;
  readonly capacity: CapacityMode;
}

export function readPageRequest(
  input: Input,
  catalogue: Catalogue,
  readAll: (input: Input) => Expressions,
): PageRequest {
  const table = catalogue.open(readTableName(input.TableName));
  const indexName = readText(input, "IndexName");
  const limit = readInteger(input, "Limit", { least: 1 });
  const expressions = readAll(input);
  const index = indexName === undefined ? undefined : table.indexes.get(indexName);
  if (indexName !== undefined && !index) {
    throw validation(`The table does not have the specified index: ${indexName}`);
  }
  const consistent = readFlag(input, "ConsistentRead") ?? false;
  if (index?.definition.global && consistent) {
    throw validation("Consistent reads are not supported on global secondary indexes");
  }
  const select = readChoice(input, "Select", selections);
  checkSelect(select, expressions, index);
  const keys = index?.definition.keys ?? table.definition.keys;
  const startKey = readStartKey(input.ExclusiveStartKey, keys, table);
  return {
    table,
    index,
    keys,
    expressions,
    limit,
    consistent,
    startKey,
    after: startKey && rowKeyOf(startKey, table, index),
    countOnly: select === "COUNT",
    fetchesItems: index !== undefined && wantsMore(select, expressions, index, table),
    capacity: capacityMode(input),
  };
}

function rowKeyOf(key: Item, table: TableStore, index: StoredIndex | undefined): RowKey {
  const base: Place = placeOf(key, table.definition.keys);
  return index ? { ...placeOf(key, index.definition.keys), base } : base;
}

function checkSelect(
  select: (typeof selections)[number] | undefined,
  { projection }: Expressions,
  index: StoredIndex | undefined,
): void {
  if (select === "SPECIFIC_ATTRIBUTES" && !projection) {
    throw validation(
      "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
    );
  }
  if (select !== undefined && select !== "SPECIFIC_ATTRIBUTES" && projection) {
    throw validation(`Cannot specify the ProjectionExpression when choosing to get ${select}`);
  }
  if (select === "ALL_PROJECTED_ATTRIBUTES" && !index) {
    throw invalidParameter(
      "Select type ALL_PROJECTED_ATTRIBUTES is not supported without an index to query or scan",
    );
  }
}

/** Whether more is wanted of items than the index has: fetched for local indexes, refused for global ones. */
function wantsMore(
  select: (typeof selections)[number] | undefined,
  { projection }: Expressions,
  { definition }: StoredIndex,
  table: TableStore,
): boolean {
  if (definition.projection.type === "ALL") return false;
  if (select === "ALL_ATTRIBUTES") {
    if (!definition.global) return true;
    throw invalidParameter(
      `Select type ALL_ATTRIBUTES is not supported for global secondary index ${definition.name} because its projection type is not ALL`,
    );
  }
  const keyNames = keyAttributes(definition.keys, table.definition.keys).map(({ name }) => name);
  const projected = new Set([...keyNames, ...(definition.projection.attributes ?? [])]);
  const missing = (projection ?? []).map(([head]) => String(head)).filter((name) => !projected.has(name));
  if (missing.length === 0) return false;
  if (!definition.global) return true;
  throw invalidParameter(
    `Global secondary index ${definition.name} does not project [${[...new Set(missing)].join(", ")}]`,
  );
}

function readStartKey(given: unknown, keys: KeySchema, table: TableStore): Item | undefined {
  if (given === undefined || given === null) return undefined;
  if (!isRecord(given)) throw serialization("Unexpected field type");
  for (const name in given) checkValue(given[name]);
  const key = given as Item;
  const wanted = keyAttributes(keys, table.definition.keys);
  const fits = wanted.every(({ name, type }) => attribute(key, name)?.[type] !== undefined);
  if (!fits || Object.keys(key).length !== wanted.length) {
    throw validation(
      "The provided starting key is invalid: The provided key element does not match the schema",
    );
  }
  return key;
}

/** Reads rows until the page is full, and shapes the response. */
export function answerPage(request: PageRequest, rows: Iterable<Row>, call: Call): unknown {
  const { table, index, expressions, limit, countOnly, fetchesItems } = request;
  const { filter, projection, bindings } = expressions;
  const raw = call.request !== undefined && !filter && !projection && !fetchesItems;
  const usage = noUsage();
  const texts: string[] = [];
  const items: Item[] = [];
  let scanned = 0;
  let count = 0;
  let bytes = 0;
  let last: Item | undefined;
  for (const row of rows) {
    scanned++;
    bytes += row.size;
    const full = scanned === limit || bytes >= pageBytes;
    if (raw && !full) {
      if (!countOnly) texts.push(row.item);
      count++;
      continue;
    }
    const found = JSON.parse(row.item) as Item;
    if (full) last = keyOf(found, request.keys, table.definition.keys);
    const item = fetchesItems ? (table.read(placeOf(found, table.definition.keys)) ?? found) : found;
    if (!filter || evaluateCondition(filter, item, bindings)) {
      count++;
      if (raw) {
        if (!countOnly) texts.push(row.item);
      } else if (!countOnly) {
        items.push(projection ? project(item, projection) : item);
      }
    }
    if (fetchesItems) usage.table += readUnits(row.size, request.consistent);
    if (full) break;
  }
  const units = readUnits(bytes, request.consistent);
  if (index) useIndex(usage, index.definition.name, index.definition.global, units);
  else usage.table += units;
  return respond(request, { raw, texts, items, scanned, count, last, usage });
}

interface PageResult {
  readonly raw: boolean;
  readonly texts: readonly string[];
  readonly items: readonly Item[];
  readonly scanned: number;
  readonly count: number;
  readonly last?: Item;
  readonly usage: Usage;
}

function respond(request: PageRequest, result: PageResult): unknown {
  const { raw, texts, items, scanned, count, last, usage } = result;
  const rest = {
    Count: count,
    ScannedCount: scanned,
    LastEvaluatedKey: last,
    ConsumedCapacity: consumedCapacity(request.capacity, request.table.definition.name, usage),
  };
  if (request.countOnly) return rest;
  if (!raw) return { Items: items, ...rest };
  return new RawJson(`{"Items":[${texts.join(",")}],${JSON.stringify(rest).slice(1)}`);
}
