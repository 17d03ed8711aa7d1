import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { buildWorker } from "./worker.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bowline-build-"));
  mkdirSync(join(root, "src"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const build = (handler: string, classes: readonly string[] = []) =>
  buildWorker(
    {
      root,
      artifacts: join(root, "artifacts"),
      home: "local",
      purpose: "deploy",
      progress: () => undefined,
      built: () => undefined,
    },
    { consumer: "Api", handler, runtime: "workerd", worker: { classes } },
  );

test.each<[name: string, source: string, handler: string, message: string, hint: string]>([
  ["is not there", "", "src/nowhere.ts", 'no file for the handler "src/nowhere.ts"', "Looked for it in"],
  [
    "is named as a function's is",
    "export default {};",
    "src/api.default",
    'no file for the handler "src/api.default"',
    'A Worker\'s handler is the file itself: "src/api.ts"',
  ],
  [
    "has no default export",
    "export const handler = () => {};",
    "src/api.ts",
    "Api: src/api.ts has no default export",
    "It exports handler",
  ],
  ["does not parse", "export default {\n  fetch( {\n", "src/api.ts", "Api: src/api.ts:3:", ""],
  [
    "lacks the class of a Durable Object",
    "export default {};",
    "src/api.ts",
    'Api: src/api.ts does not export the class "Room"',
    "export class Room extends DurableObject",
  ],
])("a handler that %s is an error that says so", async (name, source, handler, message, hint) => {
  writeFileSync(join(root, "src/api.ts"), source);
  await expect(build(handler, name.includes("Durable") ? ["Room"] : [])).rejects.toMatchObject({
    message: expect.stringContaining(message),
    hint: hint === "" ? undefined : expect.stringContaining(hint),
  });
});

test("a Worker is one module, made of the user's files, whose folder may have any name", async () => {
  mkdirSync(join(root, "src/a+b (c)"));
  writeFileSync(join(root, "src/rope.ts"), "export const rope = 'hemp';");
  const handler = "src/a+b (c)/api.ts";
  writeFileSync(
    join(root, handler),
    "import { rope } from '../rope.ts'; export default { fetch: () => new Response(rope) };",
  );
  const { files, sources } = await build(handler);
  expect(Object.keys(files).sort()).toEqual(["worker.mjs", "worker.mjs.map"]);
  expect(sources).toEqual(expect.arrayContaining([join(root, handler), join(root, "src/rope.ts")]));
});
