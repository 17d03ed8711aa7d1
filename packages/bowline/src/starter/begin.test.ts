import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { beginApp } from "./begin.ts";

const base = mkdtempSync(join(tmpdir(), "bowline-starter-"));
const versions = { bowline: "^1.0.0", pulumi: "^3.0.0" };
let count = 0;

function folder(files: Readonly<Record<string, string>> = {}, name = `my shop ${count++}`) {
  const dir = join(base, name);
  mkdirSync(dir, { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(dir, path), text);
  return { dir, read: (path: string) => readFileSync(join(dir, path), "utf8") };
}

afterEach(() => rmSync(base, { recursive: true, force: true }));

test("an empty folder becomes an app of that folder's name", () => {
  const { dir, read } = folder({}, "My Shop!");
  const { written, needsInstall } = beginApp(dir, "typescript", versions);
  expect(written).toEqual([
    "bowline.config.ts",
    "src/hello.ts",
    "tsconfig.json",
    "package.json",
    ".gitignore",
  ]);
  expect(needsInstall).toBe(true);
  expect(read("bowline.config.ts")).toContain('name: "my-shop"');
  expect(JSON.parse(read("package.json"))).toMatchObject({ name: "my-shop", type: "module" });
  expect(read(".gitignore")).toBe(".bowline/\nnode_modules/\n");
});

test("what is there stays: only what is missing is added", () => {
  const manifest = { name: "mine", devDependencies: { bowline: "0.1.0" }, dependencies: { zod: "4" } };
  const { dir, read } = folder({
    "package.json": JSON.stringify(manifest),
    "tsconfig.json": "{}",
    ".gitignore": "/node_modules\ndist",
  });
  expect(beginApp(dir, "python", versions).written).toEqual([
    "bowline.config.ts",
    "src/hello.py",
    "package.json",
    ".gitignore",
  ]);
  expect(JSON.parse(read("package.json"))).toEqual({
    ...manifest,
    dependencies: { "@pulumi/pulumi": "^3.0.0", zod: "4" },
  });
  expect(read("tsconfig.json")).toBe("{}");
  expect(read(".gitignore")).toBe("/node_modules\ndist\n.bowline/\n");
});

test("an app that is there is not begun again", () => {
  const { dir } = folder({ "bowline.config.ts": "mine" });
  expect(() => beginApp(dir, "typescript", versions)).toThrow("There is an app already");
});

test("a manifest that cannot be read leaves the folder as it was", () => {
  const { dir, read } = folder({ "package.json": "{ not json" });
  expect(() => beginApp(dir, "typescript", versions)).toThrow("is not JSON");
  expect(() => read("bowline.config.ts")).toThrow("ENOENT");
});
