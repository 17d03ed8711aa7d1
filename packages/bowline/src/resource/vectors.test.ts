import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import vectors from "../../vectors/resource.json" with { type: "json" };
import { readLinks } from "./links.ts";
import { createResource } from "./resource.ts";

interface Read {
  path: string[];
  value?: unknown;
  error?: string;
}

interface Case {
  name: string;
  env: Record<string, string>;
  file?: string;
  names?: string[];
  reads: Read[];
}

interface Answer {
  names: string[];
  reads: { value?: unknown; error?: string }[];
}

const folder = mkdtempSync(join(tmpdir(), "bowline-vectors-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The cases, with their encrypted files on disk and `{file}` replaced by where they are. */
const cases: Case[] = (vectors.cases as unknown as Case[]).map((one, index) => {
  const path = join(folder, `${index}.enc`);
  if (one.file !== undefined) writeFileSync(path, one.file, "base64");
  return JSON.parse(JSON.stringify(one).replaceAll("{file}", path)) as Case;
});

function answerInTypeScript({ env, reads }: Case): Answer {
  const links = readLinks(env);
  const resource = createResource<object>(() => links);
  return {
    names: Object.keys(resource).sort(),
    reads: reads.map(({ path }) => {
      try {
        return { value: path.reduce<unknown>((owner, key) => Reflect.get(Object(owner), key), resource) };
      } catch (error) {
        return { error: (error as Error).message };
      }
    }),
  };
}

function answerInPython(): Answer[] {
  const script = fileURLToPath(new URL("../../../python/tests/read_vectors.py", import.meta.url));
  const input = JSON.stringify(
    cases.map(({ env, reads }) => ({ env, paths: reads.map(({ path }) => path) })),
  );
  const run = spawnSync("python3", ["-B", script], { input, encoding: "utf8" });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as Answer[];
}

function check(answer: Answer | undefined, { names, reads }: Case): void {
  expect(answer?.reads).toEqual(reads.map(({ path, ...expected }) => expected));
  if (names) expect(answer?.names).toEqual(names);
}

describe("TypeScript", () => {
  test.each(cases)("$name", (one) => check(answerInTypeScript(one), one));
});

const python = spawnSync("python3", ["--version"]);
if (python.error) console.warn(`The Python SDK is not tested: ${python.error.message}.`);

describe.skipIf(python.error)("Python", () => {
  const answers = python.error ? [] : answerInPython();
  test.each(cases.map((one, index) => ({ ...one, index })))("$name", (one) => check(answers[one.index], one));
});
