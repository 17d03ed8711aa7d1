/** The queues: kept in a table, and whole in memory, since every call needs its queue. */
import type { DatabaseSync } from "node:sqlite";
import { settingsOf } from "./attributes.ts";
import type { Queue, QueueAttributes } from "./model.ts";

const schema = `
CREATE TABLE IF NOT EXISTS queue (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  attributes TEXT NOT NULL,
  tags TEXT NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  purged INTEGER NOT NULL DEFAULT 0
)`;

interface Row {
  id: number;
  name: string;
  attributes: string;
  tags: string;
  created: number;
  modified: number;
  purged: number;
}

export type QueueStore = ReturnType<typeof queueStore>;

export function queueStore(database: DatabaseSync, arnOf: (name: string) => string) {
  database.exec(schema);
  const insert = database.prepare(
    "INSERT INTO queue (name, attributes, tags, created, modified) VALUES (?, ?, ?, ?, ?)",
  );
  const update = database.prepare(
    "UPDATE queue SET attributes = ?, tags = ?, modified = ?, purged = ? WHERE id = ?",
  );
  const remove = database.prepare("DELETE FROM queue WHERE id = ?");

  const byName = new Map<string, Queue>();
  for (const row of database.prepare("SELECT * FROM queue").all() as unknown as Row[]) {
    const attributes = JSON.parse(row.attributes) as QueueAttributes;
    byName.set(row.name, {
      ...row,
      arn: arnOf(row.name),
      attributes,
      settings: settingsOf(attributes),
      tags: JSON.parse(row.tags) as Record<string, string>,
    });
  }

  return {
    get: (name: string): Queue | undefined => byName.get(name),
    byArn: (arn: string): Queue | undefined => {
      const queue = byName.get(arn.slice(arn.lastIndexOf(":") + 1));
      return queue?.arn === arn ? queue : undefined;
    },
    all: (): Queue[] => [...byName.values()],
    create(name: string, attributes: QueueAttributes, tags: Queue["tags"], now: number): Queue {
      const { lastInsertRowid } = insert.run(
        name,
        JSON.stringify(attributes),
        JSON.stringify(tags),
        now,
        now,
      );
      const queue: Queue = {
        id: Number(lastInsertRowid),
        name,
        arn: arnOf(name),
        created: now,
        modified: now,
        purged: 0,
        attributes,
        settings: settingsOf(attributes),
        tags,
      };
      byName.set(name, queue);
      return queue;
    },
    /** Changes what is given, in the table and in memory. */
    change(queue: Queue, change: Partial<Pick<Queue, "attributes" | "tags" | "modified" | "purged">>): void {
      Object.assign(queue, change);
      if (change.attributes) queue.settings = settingsOf(change.attributes);
      update.run(
        JSON.stringify(queue.attributes),
        JSON.stringify(queue.tags),
        queue.modified,
        queue.purged,
        queue.id,
      );
    },
    remove(queue: Queue): void {
      remove.run(queue.id);
      byName.delete(queue.name);
    },
  };
}
