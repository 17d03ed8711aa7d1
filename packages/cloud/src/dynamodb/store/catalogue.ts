/** Every table there is: definitions kept on disk, tables kept open. */
import type { DatabaseSync } from "node:sqlite";
import type { TableDefinition } from "../definition.ts";
import { resourceNotFound } from "../errors.ts";
import type { Atomically } from "./database.ts";
import { createRows, dropRows, openTable, type TableStore, type TableStoreOptions } from "./table.ts";

export interface Catalogue {
  /** In the order ListTables has: by name, in bytes. */
  names(): readonly string[];
  find(name: string): TableStore | undefined;
  /** The table for a request on its items. */
  open(name: string): TableStore;
  create(definition: Omit<TableDefinition, "id">): TableStore;
  /** Replaces a table's definition, together with what else must change on disk. */
  update(name: string, change: (definition: TableDefinition) => TableDefinition): TableStore;
  remove(name: string): void;
}

export function openCatalogue(
  db: DatabaseSync,
  atomically: Atomically,
  record: TableStoreOptions["record"],
): Catalogue {
  const options: TableStoreOptions = { db, atomically, record };
  const tables = new Map<string, TableStore>();
  for (const row of db.prepare("SELECT definition FROM tables").all() as { definition: string }[]) {
    const definition = JSON.parse(row.definition) as TableDefinition;
    tables.set(definition.name, openTable(definition, options));
  }

  function open(name: string): TableStore {
    const table = tables.get(name);
    if (!table) throw resourceNotFound();
    return table;
  }

  return {
    names: () => [...tables.keys()].sort(),
    find: (name) => tables.get(name),
    open,
    create(unnumbered) {
      const definition = atomically(() => {
        const { lastInsertRowid } = db
          .prepare("INSERT INTO tables (name, definition) VALUES (?, '')")
          .run(unnumbered.name);
        const numbered: TableDefinition = { ...unnumbered, id: Number(lastInsertRowid) };
        db.prepare("UPDATE tables SET definition = ? WHERE id = ?").run(
          JSON.stringify(numbered),
          numbered.id,
        );
        createRows(db, numbered);
        return numbered;
      });
      const table = openTable(definition, options);
      tables.set(definition.name, table);
      return table;
    },
    update(name, change) {
      const { definition } = open(name);
      const next = atomically(() => {
        const changed = change(definition);
        db.prepare("UPDATE tables SET definition = ? WHERE id = ?").run(
          JSON.stringify(changed),
          definition.id,
        );
        return changed;
      });
      const table = openTable(next, options);
      tables.set(name, table);
      return table;
    },
    remove(name) {
      const { definition } = open(name);
      atomically(() => {
        dropRows(db, definition);
        db.prepare("DELETE FROM tables WHERE id = ?").run(definition.id);
      });
      tables.delete(name);
    },
  };
}
