import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSecrets } from "./store.ts";

let folder: string;
const key = new Uint8Array(32).fill(1);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bowline-secrets-"));
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

describe("the secret store", () => {
  test("gives back what was set, to the character", () => {
    const store = openSecrets(folder, key);
    const values = {
      Plain: "hunter2",
      Pem: "-----BEGIN-----\nab==\n-----END-----\n",
      Odd: ' "#$export \u0000é🔑',
      Empty: "",
    };
    for (const [name, value] of Object.entries(values)) store.set(name, value);
    expect(Object.fromEntries(openSecrets(folder, key).load())).toEqual(values);
    expect(store.names()).toEqual(["Empty", "Odd", "Pem", "Plain"]);
  });

  test("no value is readable on disk, and the files are their owner's only", () => {
    openSecrets(folder, key).set("StripeKey", "canary-8842");
    for (const name of readdirSync(folder)) {
      expect(readFileSync(join(folder, name)).includes("canary-8842")).toBe(false);
      expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    }
  });

  test("the same value twice is encrypted differently", () => {
    const store = openSecrets(folder, key);
    store.set("A", "same");
    const first = readFileSync(join(folder, "A.secret"));
    store.set("A", "same");
    expect(readFileSync(join(folder, "A.secret")).equals(first)).toBe(false);
  });

  test("another key, a damaged file and a renamed file are refused by name", () => {
    const store = openSecrets(folder, key);
    store.set("A", "value");
    expect(() => openSecrets(folder, new Uint8Array(32)).load()).toThrow("The secret A cannot be decrypted");
    renameSync(join(folder, "A.secret"), join(folder, "B.secret"));
    expect(() => store.load()).toThrow("The secret B cannot be decrypted");
    writeFileSync(join(folder, "B.secret"), "short");
    expect(() => store.load()).toThrow("The secret B cannot be decrypted");
  });

  test("removing says whether there was one", () => {
    const store = openSecrets(folder, key);
    store.set("A", "value");
    expect([store.remove("A"), store.remove("A"), store.names()]).toEqual([true, false, []]);
  });

  test("a name that is no name never becomes a path", () => {
    expect(() => openSecrets(folder, key).set("../escape", "x")).toThrow("cannot be a name");
  });
});
