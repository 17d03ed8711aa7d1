import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkName } from "../link/name.ts";
import { seal, unseal } from "./seal.ts";

/** A stage's secrets, wherever it is at home. */
export interface SecretStore {
  set(name: string, value: string): void | Promise<void>;
  /** True when there was one. */
  remove(name: string): boolean | Promise<boolean>;
  names(): string[] | Promise<string[]>;
  /** All of them, decrypted. */
  load(): Map<string, string> | Promise<Map<string, string>>;
}

/** On this machine: one encrypted file each, so that two processes setting secrets lose none. */
export interface LocalSecretStore extends SecretStore {
  set(name: string, value: string): void;
  remove(name: string): boolean;
  names(): string[];
  load(): Map<string, string>;
}

const ENDING = ".secret";

export function openSecrets(folder: string, key: Uint8Array): LocalSecretStore {
  const fileOf = (name: string) => join(folder, `${checkName(name, "A secret")}${ENDING}`);
  const names = () => secretNames(folder);
  return {
    set(name, value) {
      const file = fileOf(name);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const draft = `${file}.${randomBytes(4).toString("hex")}.tmp`;
      writeFileSync(draft, seal(value, name, key), { mode: 0o600 });
      renameSync(draft, file);
    },
    remove(name) {
      const there = names().includes(name);
      rmSync(fileOf(name), { force: true });
      return there;
    },
    names,
    load() {
      return new Map(names().map((name) => [name, unseal(readFileSync(fileOf(name)), name, key)]));
    },
  };
}

/** Which there are, told without a key. */
export function secretNames(folder: string): string[] {
  return readNames(folder)
    .filter((file) => file.endsWith(ENDING))
    .map((file) => file.slice(0, -ENDING.length))
    .sort();
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw cause;
  }
}
