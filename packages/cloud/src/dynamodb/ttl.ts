/** Time to live: items go when their time ends, and their stream says that nobody deleted them. */
import type { DatabaseSync } from "node:sqlite";
import type { KeySchema, TableDefinition } from "./definition.ts";
import { placeOf } from "./key.ts";
import type { Catalogue } from "./store/catalogue.ts";
import type { Atomically } from "./store/database.ts";
import type { Rows } from "./store/rows.ts";
import { everyItem, expiryOf, rowsName } from "./store/table.ts";
import type { Item } from "./value.ts";

/** AWS leaves items alone whose time ended long ago: the attribute is then taken for something else. */
const longestOverdue = 5 * 365 * 24 * 3600;
const batch = 500;

/** Notes for every item when its time ends, as an attribute becomes the table's time to live. */
export function fillExpiries(rows: Rows, keys: KeySchema, attribute: string): void {
  for (const item of [...everyItem(rows)]) {
    const expires = expiryOf(item, attribute);
    if (expires !== undefined) rows.setExpiry(placeOf(item, keys), expires);
  }
}

export function dropExpiries(db: DatabaseSync, { id }: TableDefinition): void {
  db.exec(`UPDATE ${rowsName(id)} SET expires = NULL WHERE expires IS NOT NULL`);
}

/** Deletes what has expired; at most so many items of a table that other requests do not wait for long. */
export function sweep(catalogue: Catalogue, atomically: Atomically, now: number): void {
  const second = Math.floor(now / 1000);
  for (const name of catalogue.names()) {
    const table = catalogue.find(name);
    if (!table?.definition.ttl) continue;
    const expired = table.rows.expired(second, second - longestOverdue, batch);
    if (expired.length === 0) continue;
    atomically(() => {
      for (const row of expired) {
        const old = JSON.parse(row.item) as Item;
        table.write({ place: placeOf(old, table.definition.keys), old, byTtl: true });
      }
    });
  }
}
