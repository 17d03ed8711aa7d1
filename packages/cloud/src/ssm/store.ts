/** Parameters and their versions in SQLite. */
import { join } from "node:path";
import { AwsError } from "../error.ts";
import type { Hub } from "../service.ts";
import { openSeal } from "../store/seal.ts";

export type ParameterType = "String" | "StringList" | "SecureString";

export interface ParameterVersion {
  readonly version: number;
  readonly type: ParameterType;
  /** For a SecureString the ciphertext, as `GetParameter` shows it without decryption. */
  readonly stored: string;
  /** The key of KMS a SecureString is encrypted with, as it was given. */
  readonly keyId?: string;
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
  /** What a version holds that was sealed with a key of this folder, before KMS was there to do it. */
  openOld(name: string, version: ParameterVersion): string;
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
  const keyFile = join(hub.folder("ssm"), "key");
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
    openOld: (name, { stored }) => openSeal(keyFile).open(Buffer.from(stored, "base64"), name).toString(),
  };
}

export function notFound(name: string): AwsError {
  return new AwsError("ParameterNotFound", `Parameter ${name} not found.`);
}

export function latest(parameter: Parameter): ParameterVersion {
  const version = parameter.versions.at(-1);
  if (!version) throw notFound(parameter.name);
  return version;
}
