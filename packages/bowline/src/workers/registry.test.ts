import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRegistry } from "./registry.ts";

const KEY = new Uint8Array(32).fill(7);
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bowline-registry-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("objects are there after a restart, and their secrets are not to be read on disk", () => {
  const registry = openRegistry(folder, KEY);
  registry.put("script", "shop/api", { text: "canary-1f" });
  registry.put("script", "gone", {});
  registry.delete("script", "gone");
  for (const file of readdirSync(folder)) {
    expect(readFileSync(join(folder, file)).includes("canary-1f")).toBe(false);
  }
  const again = openRegistry(folder, KEY);
  expect(again.list("script")).toEqual([{ text: "canary-1f" }]);
  expect(again.get("script", "shop/api")).toEqual({ text: "canary-1f" });
  expect(again.list("kv")).toEqual([]);
});

test("what a killed process was writing is not there; what is damaged, or bears another's name, is named", () => {
  const registry = openRegistry(folder, KEY);
  registry.put("kv", "a", { id: "a" });
  writeFileSync(join(folder, "kv-b.12345678.tmp"), "half");
  expect(openRegistry(folder, KEY).list("kv")).toEqual([{ id: "a" }]);
  renameSync(join(folder, "kv-a"), join(folder, "kv-c"));
  expect(() => openRegistry(folder, KEY)).toThrow("kv-c cannot be read");
});
