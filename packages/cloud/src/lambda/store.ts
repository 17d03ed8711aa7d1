/** The Lambda service's tables. Each record is a JSON document under the names it is looked up by. */
import type { DatabaseSync } from "node:sqlite";
import type { PolicyStatement } from "../iam/policy.ts";
import type { Alias, EventInvokeConfig, FunctionUrl, FunctionVersion } from "./model.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS functions (
    name TEXT NOT NULL, version TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (name, version)
  );
  CREATE TABLE IF NOT EXISTS function_extras (
    name TEXT PRIMARY KEY, tags TEXT NOT NULL DEFAULT '{}', reserved INTEGER, last_version INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE IF NOT EXISTS urls (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, qualifier TEXT NOT NULL, document TEXT NOT NULL, UNIQUE (name, qualifier)
  );
  CREATE TABLE IF NOT EXISTS policies (
    name TEXT NOT NULL, qualifier TEXT NOT NULL, statements TEXT NOT NULL, revision TEXT NOT NULL,
    PRIMARY KEY (name, qualifier)
  );
  CREATE TABLE IF NOT EXISTS aliases (
    name TEXT NOT NULL, alias TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (name, alias)
  );
  CREATE TABLE IF NOT EXISTS event_invoke_configs (
    name TEXT NOT NULL, qualifier TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (name, qualifier)
  );
`;

export interface StoredPolicy {
  readonly statements: readonly PolicyStatement[];
  readonly revision: string;
}

export interface FunctionExtras {
  readonly tags: Readonly<Record<string, string>>;
  /** Reserved concurrency, when some is. */
  readonly reserved: number | undefined;
}

export type LambdaStore = ReturnType<typeof openStore>;

/** The key of `$LATEST` in tables where an alias may stand instead. */
export const LATEST = "$LATEST";

export function openStore(database: DatabaseSync) {
  database.exec(SCHEMA);
  const selectFunction = database.prepare("SELECT document FROM functions WHERE name = ? AND version = ?");
  const upsertFunction = database.prepare(
    "INSERT INTO functions (name, version, document) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET document = excluded.document",
  );
  const selectExtras = database.prepare("SELECT tags, reserved FROM function_extras WHERE name = ?");
  const selectPolicy = database.prepare(
    "SELECT statements, revision FROM policies WHERE name = ? AND qualifier = ?",
  );
  const selectUrl = database.prepare("SELECT document FROM urls WHERE id = ?");
  const selectAlias = database.prepare("SELECT document FROM aliases WHERE name = ? AND alias = ?");

  const parse = <T>(row: Record<string, unknown> | undefined): T | undefined =>
    row ? (JSON.parse(String(row.document)) as T) : undefined;
  const all = <T>(sql: string, ...values: string[]): T[] =>
    database
      .prepare(sql)
      .all(...values)
      .map((row) => JSON.parse(String(row.document)) as T);
  const run = (sql: string, ...values: (string | number | null)[]): number =>
    Number(database.prepare(sql).run(...values).changes);

  return {
    version: (name: string, version: string) => parse<FunctionVersion>(selectFunction.get(name, version)),
    putVersion(value: FunctionVersion): void {
      upsertFunction.run(value.name, value.version, JSON.stringify(value));
      run("INSERT INTO function_extras (name) VALUES (?) ON CONFLICT DO NOTHING", value.name);
    },
    functions: () =>
      all<FunctionVersion>("SELECT document FROM functions WHERE version = '$LATEST' ORDER BY name"),
    versions: (name: string) =>
      all<FunctionVersion>(
        "SELECT document FROM functions WHERE name = ? ORDER BY version = '$LATEST' DESC, CAST(version AS INTEGER)",
        name,
      ),
    allVersions: () => all<FunctionVersion>("SELECT document FROM functions"),
    nextVersion(name: string): number {
      run("UPDATE function_extras SET last_version = last_version + 1 WHERE name = ?", name);
      const row = database.prepare("SELECT last_version FROM function_extras WHERE name = ?").get(name);
      return Number(row?.last_version);
    },
    removeVersion: (name: string, version: string) =>
      run("DELETE FROM functions WHERE name = ? AND version = ?", name, version),
    removeFunction(name: string): void {
      database.exec("BEGIN");
      for (const table of [
        "functions",
        "function_extras",
        "urls",
        "policies",
        "aliases",
        "event_invoke_configs",
      ]) {
        run(`DELETE FROM ${table} WHERE name = ?`, name);
      }
      database.exec("COMMIT");
    },

    extras(name: string): FunctionExtras {
      const row = selectExtras.get(name);
      return {
        tags: JSON.parse(String(row?.tags ?? "{}")) as Record<string, string>,
        reserved: typeof row?.reserved === "number" ? row.reserved : undefined,
      };
    },
    putTags: (name: string, tags: Readonly<Record<string, string>>) =>
      run("UPDATE function_extras SET tags = ? WHERE name = ?", JSON.stringify(tags), name),
    putReserved: (name: string, reserved: number | undefined) =>
      run("UPDATE function_extras SET reserved = ? WHERE name = ?", reserved ?? null, name),
    totalReserved(except: string): number {
      const row = database
        .prepare("SELECT TOTAL(reserved) AS total FROM function_extras WHERE name <> ?")
        .get(except);
      return Number(row?.total);
    },

    policy(name: string, qualifier: string): StoredPolicy | undefined {
      const row = selectPolicy.get(name, qualifier);
      if (!row) return undefined;
      return { statements: JSON.parse(String(row.statements)), revision: String(row.revision) };
    },
    putPolicy(name: string, qualifier: string, policy: StoredPolicy): void {
      if (policy.statements.length === 0) {
        run("DELETE FROM policies WHERE name = ? AND qualifier = ?", name, qualifier);
        return;
      }
      run(
        "INSERT OR REPLACE INTO policies (name, qualifier, statements, revision) VALUES (?, ?, ?, ?)",
        name,
        qualifier,
        JSON.stringify(policy.statements),
        policy.revision,
      );
    },

    url: (id: string) => parse<FunctionUrl>(selectUrl.get(id)),
    urlOf: (name: string, qualifier: string | undefined) =>
      all<FunctionUrl>(
        "SELECT document FROM urls WHERE name = ? AND qualifier = ?",
        name,
        qualifier ?? LATEST,
      )[0],
    urlsOf: (name: string) =>
      all<FunctionUrl>("SELECT document FROM urls WHERE name = ? ORDER BY qualifier", name),
    putUrl: (url: FunctionUrl) =>
      run(
        "INSERT OR REPLACE INTO urls (id, name, qualifier, document) VALUES (?, ?, ?, ?)",
        url.id,
        url.functionName,
        url.qualifier ?? LATEST,
        JSON.stringify(url),
      ),
    removeUrl: (id: string) => run("DELETE FROM urls WHERE id = ?", id),

    alias: (name: string, alias: string) => parse<Alias>(selectAlias.get(name, alias)),
    aliases: (name: string) => all<Alias>("SELECT document FROM aliases WHERE name = ? ORDER BY alias", name),
    putAlias: (alias: Alias) =>
      run(
        "INSERT OR REPLACE INTO aliases (name, alias, document) VALUES (?, ?, ?)",
        alias.functionName,
        alias.name,
        JSON.stringify(alias),
      ),
    removeAlias: (name: string, alias: string) =>
      run("DELETE FROM aliases WHERE name = ? AND alias = ?", name, alias),

    eventInvokeConfig: (name: string, qualifier: string) =>
      all<EventInvokeConfig>(
        "SELECT document FROM event_invoke_configs WHERE name = ? AND qualifier = ?",
        name,
        qualifier,
      )[0],
    eventInvokeConfigs: (name: string) =>
      all<EventInvokeConfig>(
        "SELECT document FROM event_invoke_configs WHERE name = ? ORDER BY qualifier",
        name,
      ),
    putEventInvokeConfig: (config: EventInvokeConfig) =>
      run(
        "INSERT OR REPLACE INTO event_invoke_configs (name, qualifier, document) VALUES (?, ?, ?)",
        config.functionName,
        config.qualifier,
        JSON.stringify(config),
      ),
    removeEventInvokeConfig: (name: string, qualifier: string) =>
      run("DELETE FROM event_invoke_configs WHERE name = ? AND qualifier = ?", name, qualifier),
  };
}
