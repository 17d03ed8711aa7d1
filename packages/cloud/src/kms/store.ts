/** Keys, aliases and grants in SQLite, with the keys and aliases in memory too: every use of a key looks one up. */
import type { Hub } from "../service.ts";
import type { Alias, Grant, Key } from "./model.ts";

const schema = `
CREATE TABLE IF NOT EXISTS key (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alias (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS grants (id TEXT PRIMARY KEY, key_id TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS grants_key ON grants (key_id);
`;

export interface KeyStore {
  key(id: string): Key | undefined;
  /** By id. */
  keys(): readonly Key[];
  putKey(key: Key): void;
  /** With its aliases and grants. */
  deleteKey(id: string): void;
  alias(name: string): Alias | undefined;
  /** By name. */
  aliases(): readonly Alias[];
  aliasesOf(keyId: string): readonly Alias[];
  putAlias(alias: Alias): void;
  deleteAlias(name: string): void;
  /** Oldest first. */
  grantsOf(keyId: string): readonly Grant[];
  allGrants(): readonly Grant[];
  putGrant(grant: Grant): void;
  deleteGrant(grant: Grant): void;
}

export function openKeyStore(hub: Hub): KeyStore {
  const database = hub.database("kms");
  database.exec(schema);
  const bodies = <T>(sql: string): T[] =>
    database
      .prepare(sql)
      .all()
      .map(({ body }) => JSON.parse(String(body)) as T);
  const keys = new Map(bodies<Key>("SELECT body FROM key ORDER BY id").map((key) => [key.id, key]));
  const aliases = new Map(
    bodies<Alias>("SELECT body FROM alias ORDER BY name").map((alias) => [alias.name, alias]),
  );
  const writeKey = database.prepare("INSERT OR REPLACE INTO key VALUES (?, ?)");
  const removeKey = database.prepare("DELETE FROM key WHERE id = ?");
  const writeAlias = database.prepare("INSERT OR REPLACE INTO alias VALUES (?, ?)");
  const removeAlias = database.prepare("DELETE FROM alias WHERE name = ?");
  const writeGrant = database.prepare("INSERT OR REPLACE INTO grants VALUES (?, ?, ?)");
  const removeGrant = database.prepare("DELETE FROM grants WHERE id = ?");
  const removeGrants = database.prepare("DELETE FROM grants WHERE key_id = ?");
  const findGrants = database.prepare("SELECT body FROM grants WHERE key_id = ?");
  // Authorising a use of a key reads its grants: those of a key in use are kept at hand.
  const grants = new Map<string, readonly Grant[]>();
  const byAge = (a: Grant, b: Grant) => a.created - b.created || (a.id < b.id ? -1 : 1);

  const aliasesOf = (keyId: string) => [...aliases.values()].filter((alias) => alias.keyId === keyId);

  return {
    key: (id) => keys.get(id),
    keys: () => [...keys.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    putKey(key) {
      writeKey.run(key.id, JSON.stringify(key));
      keys.set(key.id, key);
    },
    deleteKey(id) {
      const gone = aliasesOf(id);
      database.exec("BEGIN IMMEDIATE");
      try {
        for (const { name } of gone) removeAlias.run(name);
        removeGrants.run(id);
        removeKey.run(id);
        database.exec("COMMIT");
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
      for (const { name } of gone) aliases.delete(name);
      grants.delete(id);
      keys.delete(id);
    },
    alias: (name) => aliases.get(name),
    aliases: () => [...aliases.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    aliasesOf,
    putAlias(alias) {
      writeAlias.run(alias.name, JSON.stringify(alias));
      aliases.set(alias.name, alias);
    },
    deleteAlias(name) {
      removeAlias.run(name);
      aliases.delete(name);
    },
    grantsOf(keyId) {
      let found = grants.get(keyId);
      if (!found) {
        found = findGrants
          .all(keyId)
          .map(({ body }) => JSON.parse(String(body)) as Grant)
          .sort(byAge);
        grants.set(keyId, found);
      }
      return found;
    },
    allGrants: () => bodies<Grant>("SELECT body FROM grants").sort(byAge),
    putGrant(grant) {
      writeGrant.run(grant.id, grant.keyId, JSON.stringify(grant));
      grants.delete(grant.keyId);
    },
    deleteGrant({ id, keyId }) {
      removeGrant.run(id);
      grants.delete(keyId);
    },
  };
}
