/** Secrets in SQLite, whole in memory but for their values, which stay encrypted on the disk. */
import type { Hub } from "../service.ts";
import type { SealedValue, Secret } from "./model.ts";

const schema = `
CREATE TABLE IF NOT EXISTS secret (arn TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS value (
  arn TEXT NOT NULL, version TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (arn, version)
) WITHOUT ROWID;
`;

export interface SecretStore {
  /** By name. */
  byName(name: string): Secret | undefined;
  byArn(arn: string): Secret | undefined;
  /** Oldest first. */
  all(): readonly Secret[];
  /** Writes a secret, with the values given; values of versions that it no longer has go. */
  put(secret: Secret, values?: ReadonlyMap<string, SealedValue>): void;
  value(arn: string, version: string): SealedValue | undefined;
  delete(secret: Secret): void;
}

export function openSecretStore(hub: Hub): SecretStore {
  const database = hub.database("secretsmanager");
  database.exec(schema);
  const names = new Map<string, Secret>();
  const arns = new Map<string, Secret>();
  for (const { body } of database.prepare("SELECT body FROM secret").all()) {
    const secret = JSON.parse(String(body)) as Secret;
    names.set(secret.name, secret);
    arns.set(secret.arn, secret);
  }
  const write = database.prepare("INSERT OR REPLACE INTO secret VALUES (?, ?)");
  const remove = database.prepare("DELETE FROM secret WHERE arn = ?");
  const writeValue = database.prepare("INSERT OR REPLACE INTO value VALUES (?, ?, ?)");
  const findValue = database.prepare("SELECT body FROM value WHERE arn = ? AND version = ?");
  const removeValue = database.prepare("DELETE FROM value WHERE arn = ? AND version = ?");
  const removeValues = database.prepare("DELETE FROM value WHERE arn = ?");

  function atOnce(change: () => void): void {
    database.exec("BEGIN IMMEDIATE");
    try {
      change();
      database.exec("COMMIT");
    } catch (error) {
      database.exec("ROLLBACK");
      throw error;
    }
  }

  return {
    byName: (name) => names.get(name),
    byArn: (arn) => arns.get(arn),
    all: () => [...arns.values()].sort((a, b) => a.created - b.created || (a.name < b.name ? -1 : 1)),
    put(secret, values = new Map()) {
      const kept = new Set(secret.versions.map(({ id }) => id));
      const gone = (arns.get(secret.arn)?.versions ?? []).filter(({ id }) => !kept.has(id));
      atOnce(() => {
        write.run(secret.arn, JSON.stringify(secret));
        for (const [version, value] of values) writeValue.run(secret.arn, version, JSON.stringify(value));
        for (const { id } of gone) removeValue.run(secret.arn, id);
      });
      names.set(secret.name, secret);
      arns.set(secret.arn, secret);
    },
    value(arn, version) {
      const row = findValue.get(arn, version);
      return row && (JSON.parse(String(row.body)) as SealedValue);
    },
    delete({ arn, name }) {
      atOnce(() => {
        removeValues.run(arn);
        remove.run(arn);
      });
      names.delete(name);
      arns.delete(arn);
    },
  };
}
