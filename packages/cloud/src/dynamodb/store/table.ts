/** One table's items: every write goes through `write`, which keeps indexes and stream in step. */
import type { DatabaseSync } from "node:sqlite";
import type { IndexDefinition, TableDefinition } from "../definition.ts";
import { indexPlaceOf, type Place, placeOf } from "../key.ts";
import { type AttributeValue, attribute, type Item, itemSize, setAttribute } from "../value.ts";
import type { Atomically } from "./database.ts";
import { openRows, type Row, type Rows, rowsTableSql } from "./rows.ts";

export interface Change {
  readonly place: Place;
  readonly old?: Item;
  /** Absent: the item is deleted. */
  readonly next?: Item;
  /** The size of `next`. */
  readonly size?: number;
  /** Set when nobody asked: the item's time to live ended. */
  readonly byTtl?: boolean;
}

export interface StoredIndex {
  readonly definition: IndexDefinition;
  readonly rows: Rows;
}

export interface TableStore {
  readonly definition: TableDefinition;
  readonly rows: Rows;
  /** By name. */
  readonly indexes: ReadonlyMap<string, StoredIndex>;
  /** Whether a write must know the item that was there before. */
  readonly needsOld: boolean;
  read(place: Place): Item | undefined;
  write(change: Change): void;
}

export interface TableStoreOptions {
  readonly db: DatabaseSync;
  readonly atomically: Atomically;
  /** Writes a change to the table's stream, in the same SQLite transaction. */
  readonly record: (definition: TableDefinition, change: Change) => void;
}

export const rowsName = (table: number) => `items_${table}`;
export const indexRowsName = (table: number, index: number) => `index_${table}_${index}`;

export function openTable(definition: TableDefinition, options: TableStoreOptions): TableStore {
  const { db, atomically, record } = options;
  const rows = openRows(db, rowsName(definition.id), false);
  const indexes = new Map<string, StoredIndex>();
  for (const index of definition.indexes) {
    const indexRows = openRows(db, indexRowsName(definition.id, index.id), true);
    indexes.set(index.name, { definition: index, rows: indexRows });
  }
  const needsOld = indexes.size > 0 || definition.stream !== undefined;
  const ttl = definition.ttl?.attribute;

  function writeRows(change: Change): void {
    const { place, old, next } = change;
    if (next) {
      const expires = ttl === undefined ? undefined : expiryOf(next, ttl);
      rows.put(place, JSON.stringify(next), change.size ?? itemSize(next), expires);
    } else {
      rows.remove(place);
    }
    for (const index of indexes.values()) moveInIndex(index, place, old, next, definition);
    if (definition.stream) record(definition, change);
  }

  return {
    definition,
    rows,
    indexes,
    needsOld,
    read(place) {
      const row = rows.get(place);
      return row && (JSON.parse(row.item) as Item);
    },
    write(change) {
      if (needsOld) atomically(() => writeRows(change));
      else writeRows(change);
    },
  };
}

/** Second at which the item's time to live ends. */
export function expiryOf(item: Item, ttlAttribute: string): number | undefined {
  const seconds = Number(attribute(item, ttlAttribute)?.N);
  return Number.isFinite(seconds) ? Math.floor(Math.min(seconds, Number.MAX_SAFE_INTEGER)) : undefined;
}

function moveInIndex(
  { definition: index, rows }: StoredIndex,
  base: Place,
  old: Item | undefined,
  next: Item | undefined,
  table: TableDefinition,
): void {
  const from = old && indexPlaceOf(old, index.keys);
  const to = next && indexPlaceOf(next, index.keys);
  const projectedItem = next && to && projectInto(next, index, table);
  const projected = projectedItem && JSON.stringify(projectedItem);
  if (from && old) {
    const stays = to && samePart(from.hash, to.hash) && samePart(from.range, to.range);
    if (stays && projected === JSON.stringify(projectInto(old, index, table))) return;
    if (!stays) rows.remove({ ...from, base });
  }
  if (to && projectedItem && projected !== undefined)
    rows.put({ ...to, base }, projected, itemSize(projectedItem));
}

function samePart(a: Place["hash"], b: Place["hash"]): boolean {
  if (typeof a === "string" || typeof b === "string") return a === b;
  return Buffer.compare(a, b) === 0;
}

/** What an index keeps of an item. */
export function projectInto(item: Item, index: IndexDefinition, table: TableDefinition): Item {
  if (index.projection.type === "ALL") return item;
  const { keys } = table;
  const names = [keys.hash, keys.range, index.keys.hash, index.keys.range].map((key) => key?.name);
  const projected: Item = {};
  for (const name of new Set([...names, ...(index.projection.attributes ?? [])])) {
    const value: AttributeValue | undefined = name === undefined ? undefined : attribute(item, name);
    if (name !== undefined && value) setAttribute(projected, name, value);
  }
  return projected;
}

/** Makes the SQLite tables of a new table. */
export function createRows(db: DatabaseSync, definition: TableDefinition): void {
  db.exec(rowsTableSql(rowsName(definition.id), false));
  for (const index of definition.indexes) createIndexRows(db, definition, index);
}

function createIndexRows(db: DatabaseSync, table: TableDefinition, index: IndexDefinition): void {
  db.exec(rowsTableSql(indexRowsName(table.id, index.id), true));
}

/** Makes an index of a table that has items already. */
export function backfillIndex(db: DatabaseSync, table: TableDefinition, index: IndexDefinition): void {
  createIndexRows(db, table, index);
  const rows = openRows(db, indexRowsName(table.id, index.id), true);
  for (const item of everyItem(openRows(db, rowsName(table.id), false))) {
    const place = indexPlaceOf(item, index.keys);
    if (!place) continue;
    const projected = projectInto(item, index, table);
    rows.put({ ...place, base: placeOf(item, table.keys) }, JSON.stringify(projected), itemSize(projected));
  }
}

export function* everyItem(rows: Rows): Iterable<Item> {
  for (const row of rows.scan({ fromSlot: 0, toSlot: 2 ** 32 }) as Iterable<Row>) {
    yield JSON.parse(row.item) as Item;
  }
}

export function dropIndexRows(db: DatabaseSync, table: TableDefinition, index: IndexDefinition): void {
  db.exec(`DROP TABLE ${indexRowsName(table.id, index.id)}`);
}

export function dropRows(db: DatabaseSync, table: TableDefinition): void {
  for (const index of table.indexes) dropIndexRows(db, table, index);
  db.exec(`DROP TABLE ${rowsName(table.id)}`);
}
