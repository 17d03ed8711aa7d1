/** Parameters and their versions in SQLite; secure ones encrypted with a key of this cloud. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Hub } from "../service.ts";

export type ParameterType = "String" | "StringList" | "SecureString";

export interface ParameterVersion {
  readonly version: number;
  readonly type: ParameterType;
  /** For a SecureString the ciphertext, as `GetParameter` shows it without decryption. */
  readonly stored: string;
  readonly modified: number;
  readonly modifiedBy: string;
  readonly description: string | undefined;
  readonly allowedPattern: string | undefined;
  readonly tier: string;
}

export interface Parameter {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Oldest first, the newest hundred. */
  readonly versions: readonly ParameterVersion[];
}

export interface ParameterStore {
  get(name: string): Parameter | undefined;
  all(): readonly Parameter[];
  put(parameter: Parameter): void;
  delete(name: string): boolean;
  encrypt(value: string, name: string): string;
  /** The value in clear. */
  reveal(name: string, version: ParameterVersion): string;
}

export function openParameterStore(hub: Hub): ParameterStore {
  const database = hub.database("ssm");
  database.exec(
    "CREATE TABLE IF NOT EXISTS parameter (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID",
  );
  const find = database.prepare("SELECT body FROM parameter WHERE name = ?");
  const all = database.prepare("SELECT body FROM parameter ORDER BY name");
  const write = database.prepare("INSERT OR REPLACE INTO parameter VALUES (?, ?)");
  const remove = database.prepare("DELETE FROM parameter WHERE name = ?");
  const key = loadKey(join(hub.folder("ssm"), "key"));
  const parse = (row: Record<string, unknown>) => JSON.parse(String(row.body)) as Parameter;

  return {
    get(name) {
      const row = find.get(name);
      return row && parse(row);
    },
    all: () => all.all().map(parse),
    put(parameter) {
      write.run(parameter.name, JSON.stringify(parameter));
    },
    delete: (name) => Number(remove.run(name).changes) > 0,
    encrypt(value, name) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(name));
      return Buffer.concat([
        nonce,
        cipher.update(value, "utf8"),
        cipher.final(),
        cipher.getAuthTag(),
      ]).toString("base64");
    },
    reveal(name, { type, stored }) {
      if (type !== "SecureString") return stored;
      const bytes = Buffer.from(stored, "base64");
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12)).setAAD(Buffer.from(name));
      decipher.setAuthTag(bytes.subarray(-16));
      return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString("utf8");
    },
  };
}

function loadKey(file: string): Buffer {
  if (existsSync(file)) return readFileSync(file);
  writeFileSync(`${file}.new`, randomBytes(32), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return readFileSync(file);
}
