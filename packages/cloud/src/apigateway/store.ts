/** APIs and their parts: kept in one table, and whole in memory, since every request is routed by them. */
import type { DatabaseSync } from "node:sqlite";
import type { Configuration, Parts } from "./model.ts";

const schema = `
CREATE TABLE IF NOT EXISTS part (
  api TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (api, kind, id)
)`;

type Kind = keyof Parts;

export type ApiStore = ReturnType<typeof apiStore>;

export function apiStore(database: DatabaseSync) {
  database.exec(schema);
  const put = database.prepare(
    // Keeps the row, and with it the order in which parts are listed.
    "INSERT INTO part (api, kind, id, content) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET content = excluded.content",
  );
  const removeOne = database.prepare("DELETE FROM part WHERE api = ? AND kind = ? AND id = ?");
  const removeAll = database.prepare("DELETE FROM part WHERE api = ?");

  const parts = new Map<string, Map<string, unknown>>();
  /** Counts the changes of an API, so that what was worked out from it can be kept until the next one. */
  const revisions = new Map<string, number>();
  let revision = 0;

  function shelf(api: string, kind: Kind): Map<string, unknown> {
    const name = `${api}/${kind}`;
    let found = parts.get(name);
    if (!found) {
      found = new Map();
      parts.set(name, found);
    }
    return found;
  }

  const rows = database.prepare("SELECT * FROM part ORDER BY rowid").all();
  for (const row of rows as unknown as { api: string; kind: Kind; id: string; content: string }[]) {
    shelf(row.api, row.kind).set(row.id, JSON.parse(row.content));
  }

  return {
    /** Ids of all APIs. */
    apis: (): string[] =>
      [...parts.keys()]
        .filter((name) => name.endsWith("/api"))
        .flatMap((name) => [...(parts.get(name)?.keys() ?? [])]),
    get<K extends Kind>(api: string, kind: K, id: string): Parts[K] | undefined {
      return parts.get(`${api}/${kind}`)?.get(id) as Parts[K] | undefined;
    },
    all<K extends Kind>(api: string, kind: K): Parts[K][] {
      return [...(parts.get(`${api}/${kind}`)?.values() ?? [])] as Parts[K][];
    },
    save<K extends Kind>(api: string, kind: K, id: string, part: Parts[K]): void {
      shelf(api, kind).set(id, part);
      put.run(api, kind, id, JSON.stringify(part));
      revisions.set(api, ++revision);
    },
    remove(api: string, kind: Kind, id: string): void {
      shelf(api, kind).delete(id);
      removeOne.run(api, kind, id);
      revisions.set(api, ++revision);
    },
    removeApi(api: string): void {
      for (const name of [...parts.keys()]) if (name.startsWith(`${api}/`)) parts.delete(name);
      removeAll.run(api);
      revisions.set(api, ++revision);
    },
    revision: (api: string): number => revisions.get(api) ?? 0,
    /** The API as it is now. */
    configuration(api: string): Configuration {
      return {
        routes: this.all(api, "route"),
        integrations: this.all(api, "integration"),
        authorizers: this.all(api, "authorizer"),
      };
    },
  };
}
