import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test, vi } from "vitest";
import { linkSets } from "./link-sets.fixture.ts";
import { readLinks } from "./links.ts";
import { createResource } from "./resource.ts";

// Thousands of small files and parses: quick alone, slow where many tests share few cores.
vi.setConfig({ testTimeout: 180_000 });

const folder = mkdtempSync(join(tmpdir(), "bowline-roundtrip-"));
afterAll(() => rmSync(folder, { recursive: true }));

// The oracles' lane “links” asks 20,000 of them.
const sets = [...linkSets(7, 1000, folder)];

test("1,000 random sets of links arrive in TypeScript as they were", () => {
  for (const { links, env } of sets) expect({ ...createResource(() => readLinks(env)) }).toEqual(links);
});

const python = spawnSync("python3", ["--version"]);
if (python.error) console.warn(`The Python SDK is not tested: ${python.error.message}.`);

test.skipIf(python.error)("and in Python", () => {
  const script = fileURLToPath(new URL("../../../python/tests/read_environments.py", import.meta.url));
  const run = spawnSync("python3", ["-B", script], {
    input: sets.map(({ env }) => `${JSON.stringify(env)}\n`).join(""),
    encoding: "utf8",
    env: { ...process.env, PYTHONUTF8: "1" },
    maxBuffer: 2 ** 26,
  });
  expect(run.stderr).toBe("");
  // Only a line feed ends a line: the text itself may hold other separators.
  const read = run.stdout.split("\n").slice(0, -1);
  expect(read.map((line) => JSON.parse(line) as unknown)).toEqual(sets.map(({ links }) => links));
});
