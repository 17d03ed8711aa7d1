import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BowlineError } from "../error.ts";
import type { ObjectKind } from "./access.ts";

/** What is deployed, kept for the next start. */
export interface Registry {
  get<T>(kind: ObjectKind, id: string): T | undefined;
  list<T>(kind: ObjectKind): T[];
  put(kind: ObjectKind, id: string, object: object): void;
  delete(kind: ObjectKind, id: string): void;
}

/**
 * One encrypted file an object, because a Worker's bindings hold secrets.
 * Its name is authenticated too: a file renamed does not become another object.
 */
export function openRegistry(folder: string, key: Uint8Array): Registry {
  const objects = new Map<string, object>();
  for (const file of filesOf(folder)) {
    // What a killed process was writing was never promised to anyone.
    if (file.endsWith(".tmp")) rmSync(join(folder, file), { force: true });
    else objects.set(file, unseal(folder, file, key));
  }
  return {
    get: <T>(kind: ObjectKind, id: string) => objects.get(nameOf(kind, id)) as T | undefined,
    list: <T>(kind: ObjectKind) =>
      [...objects].filter(([name]) => name.startsWith(`${kind}-`)).map(([, object]) => object as T),
    put(kind, id, object) {
      const name = nameOf(kind, id);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const draft = join(folder, `${name}.${randomBytes(4).toString("hex")}.tmp`);
      writeFileSync(draft, seal(object, name, key), { mode: 0o600 });
      renameSync(draft, join(folder, name));
      objects.set(name, object);
    },
    delete(kind, id) {
      const name = nameOf(kind, id);
      rmSync(join(folder, name), { force: true });
      objects.delete(name);
    },
  };
}

function nameOf(kind: ObjectKind, id: string): string {
  return `${kind}-${encodeURIComponent(id)}`;
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw cause;
  }
}

function seal(object: object, name: string, key: Uint8Array): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(name));
  return Buffer.concat([
    nonce,
    cipher.update(JSON.stringify(object), "utf8"),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
}

function unseal(folder: string, name: string, key: Uint8Array): object {
  try {
    const file = readFileSync(join(folder, name));
    const decipher = createDecipheriv("aes-256-gcm", key, file.subarray(0, 12)).setAAD(Buffer.from(name));
    decipher.setAuthTag(file.subarray(-16));
    const text = Buffer.concat([decipher.update(file.subarray(12, -16)), decipher.final()]).toString("utf8");
    return JSON.parse(text) as object;
  } catch (cause) {
    throw new BowlineError(
      "bad-state",
      `${join(folder, name)} cannot be read: it is damaged or was made with another key.`,
      {
        hint: "Delete the stage's folder to begin anew, or bring back the key it was made with.",
        exitCode: 1,
        cause,
      },
    );
  }
}
