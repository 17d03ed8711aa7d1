import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { type Provider, up } from "./index.ts";
import { differences } from "./parity/differences.ts";
import { cases } from "./semantics.case.ts";

class Note extends pulumi.CustomResource {
  declare readonly path: pulumi.Output<string>;
  constructor(name: string, args: { text?: string; name?: string }) {
    super("notes:index:Note", name, { path: undefined, ...args });
  }
}

test("the provider of the README works as it stands there", async () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const code = /```ts\n\/\/ notes\.ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  expect(code.trim().split("\n").length).toBeLessThanOrEqual(30);
  const folder = await mkdtemp(join(tmpdir(), "bowline-readme-"));
  const diary = join(folder, "diary");
  await mkdir(diary);
  await writeFile(join(folder, "note.ts"), code);
  const { notes } = (await import(/* @vite-ignore */ join(folder, "note.ts"))) as {
    notes(folder: string): Provider;
  };
  const deploy = (text: string | undefined, name?: string) =>
    up({
      project: "diary",
      stack: "dev",
      stateDir: join(folder, "state"),
      secretsKey: new Uint8Array(32),
      providers: [notes(diary)],
      program: () => ({ path: new Note("today", { text, name } as { text: string }).path }),
    });
  const first = await deploy("It rained.");
  expect(first.diagnostics).toEqual([]);
  const path = String(first.outputs.path);
  expect(readFileSync(path, "utf8")).toBe("It rained.");
  expect((await deploy("It rained.")).changes).toEqual({ same: 2 });
  expect((await deploy("It poured.")).outputs.path).toBe(path);
  expect(readFileSync(path, "utf8")).toBe("It poured.");
  const renamed = await deploy("It poured.", "sunday");
  expect(renamed.changes).toMatchObject({ replace: 1 });
  expect(existsSync(path)).toBe(false);
  expect((await deploy(undefined)).diagnostics[0]?.message).toBe("text: is missing");
  await rm(folder, { recursive: true });
});

test("the README explains each difference from Pulumi's engine", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const rows = readme.split("\n").map((line) => line.split("|")[1]?.trim());
  for (const { name } of differences) {
    expect(rows).toContain(name);
    expect(cases.map((example) => example.name)).toContain(name);
  }
});
