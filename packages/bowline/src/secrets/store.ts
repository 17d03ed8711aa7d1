import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BowlineError } from "../error.ts";
import { checkName } from "../link/name.ts";

/** A stage's secrets: one encrypted file each, so that two processes setting secrets lose none. */
export interface SecretStore {
  set(name: string, value: string): void;
  /** True when there was one. */
  remove(name: string): boolean;
  names(): string[];
  /** All of them, decrypted. */
  load(): Map<string, string>;
}

const ENDING = ".secret";

export function openSecrets(folder: string, key: Uint8Array): SecretStore {
  const fileOf = (name: string) => join(folder, `${checkName(name, "A secret")}${ENDING}`);
  const names = () =>
    readNames(folder)
      .filter((file) => file.endsWith(ENDING))
      .map((file) => file.slice(0, -ENDING.length))
      .sort();
  return {
    set(name, value) {
      const file = fileOf(name);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const draft = `${file}.${randomBytes(4).toString("hex")}.tmp`;
      writeFileSync(draft, encrypt(value, name, key), { mode: 0o600 });
      renameSync(draft, file);
    },
    remove(name) {
      const there = names().includes(name);
      rmSync(fileOf(name), { force: true });
      return there;
    },
    names,
    load() {
      return new Map(names().map((name) => [name, decrypt(readFileSync(fileOf(name)), name, key)]));
    },
  };
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw cause;
  }
}

/** The name is authenticated too: a file renamed does not decrypt as another secret. */
function encrypt(value: string, name: string, key: Uint8Array): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(name));
  return Buffer.concat([nonce, cipher.update(value, "utf8"), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(file: Buffer, name: string, key: Uint8Array): string {
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, file.subarray(0, 12)).setAAD(Buffer.from(name));
    decipher.setAuthTag(file.subarray(-16));
    return Buffer.concat([decipher.update(file.subarray(12, -16)), decipher.final()]).toString("utf8");
  } catch (cause) {
    throw new BowlineError(
      "bad-secret",
      `The secret ${name} cannot be decrypted: its file is damaged or was made with another key.`,
      {
        hint: `Set it again: bowline secret set ${name}`,
        exitCode: 1,
        cause,
      },
    );
  }
}
