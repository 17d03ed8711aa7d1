import { spawnSync } from "node:child_process";
import { createCipheriv } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test, vi } from "vitest";
import { readLinks } from "./links.ts";
import { random } from "./random.fixture.ts";
import { createResource } from "./resource.ts";

// Thousands of small files and parses: quick alone, slow where many tests share few cores.
vi.setConfig({ testTimeout: 180_000 });

const folder = mkdtempSync(join(tmpdir(), "bowline-roundtrip-"));
afterAll(() => rmSync(folder, { recursive: true }));

const next = random(7);
const pick = <T>(list: readonly T[]): T => list[next(list.length)] as T;
const letters = [..."aZ09-_ .:/\\\"'\n\t\r{}[]#$&=é日😀\u0000\u007f\u2028"];
const text = (longest: number) => Array.from({ length: next(longest) }, () => pick(letters)).join("");

/** Any JSON value; whole numbers as large as both languages hold exactly. */
function value(depth: number): unknown {
  switch (next(depth > 0 ? 7 : 5)) {
    case 0:
      return text(40);
    case 1:
      return next(2 ** 31) - 2 ** 30;
    case 2:
      return next(1e6) / 1024;
    case 3:
      return next(2) === 0;
    case 4:
      return null;
    case 5:
      return Array.from({ length: next(4) }, () => value(depth - 1));
    default:
      return object(depth - 1);
  }
}

const object = (depth: number) =>
  Object.fromEntries(Array.from({ length: next(5) }, () => [text(12), value(depth)]));

const name = () =>
  pick([..."abcXYZ"]) + Array.from({ length: next(12) }, () => pick([..."abcXYZ019-_"])).join("");
const linkSet = (): Record<string, object> =>
  Object.fromEntries(Array.from({ length: 1 + next(8) }, () => [name(), { ...object(3), type: "t" }]));

/** An environment, as a deployment writes it: some links in variables, the others encrypted. */
function environment(links: Record<string, object>, index: number): Record<string, string> {
  const entries = Object.entries(links);
  const hidden = Object.fromEntries(entries.filter(() => next(2) === 0));
  const shown = entries.filter(([one]) => !(one in hidden));
  const env = Object.fromEntries(shown.map(([one, link]) => [`SST_RESOURCE_${one}`, JSON.stringify(link)]));
  if (Object.keys(hidden).length === 0) return env;
  const key = Buffer.from(Array.from({ length: 32 }, () => next(256)));
  const cipher = createCipheriv("aes-256-gcm", key, Buffer.alloc(12));
  const file = join(folder, `${index}.enc`);
  writeFileSync(
    file,
    Buffer.concat([cipher.update(JSON.stringify(hidden)), cipher.final(), cipher.getAuthTag()]),
  );
  return { ...env, SST_KEY_FILE: file, SST_KEY: key.toString("base64") };
}

const sets = Array.from({ length: 1000 }, linkSet);
const environments = sets.map(environment);

test("1,000 random sets of links arrive in TypeScript as they were", () => {
  for (const [index, links] of sets.entries()) {
    const env = environments[index] ?? {};
    expect({ ...createResource(() => readLinks(env)) }).toEqual(links);
  }
});

const python = spawnSync("python3", ["--version"]);
if (python.error) console.warn(`The Python SDK is not tested: ${python.error.message}.`);

// Python writes its answer unescaped: Node 24.21 reads a key \\u65e5 wrong where an object before it had a key \\\\.
test.skipIf(python.error)("and in Python", () => {
  const program = `
import json, sys
sys.path.insert(0, ${JSON.stringify(fileURLToPath(new URL("../../../python/src", import.meta.url)))})
from bowline._resource import Resources
from bowline._sources import Links
def read(env):
    links = Links(env)
    return Resources(lambda: links)
json.dump([read(env) for env in json.load(sys.stdin)], sys.stdout, ensure_ascii=False)
`;
  const run = spawnSync("python3", ["-Bc", program], {
    input: JSON.stringify(environments),
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  expect(run.stderr).toBe("");
  expect(JSON.parse(run.stdout)).toEqual(sets);
});
