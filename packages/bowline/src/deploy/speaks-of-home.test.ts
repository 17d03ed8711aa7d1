import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { speaksOfHome } from "./speaks-of-home.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bowline-home-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const PLAIN = `import { defineConfig } from "bowline/config"; export default defineConfig({ app: () => ({ name: "shop" }) });`;

test.for([
  ["a config without it", { "bowline.config.ts": PLAIN }, false],
  ["a config with it", { "bowline.config.ts": `${PLAIN} const app = { home: "aws" };` }, true],
  [
    "a module that is imported",
    {
      "bowline.config.ts": `import { app } from "./infra/app"; ${PLAIN}`,
      "infra/app.ts": `export * from "../settings/index.ts";`,
      "settings/index.ts": `import "../bowline.config.ts"; export const app = { home: process.env.HOME_OF };`,
    },
    true,
  ],
  [
    "a folder, and a handler that only looks like a module",
    {
      "bowline.config.ts": `import "./infra"; ${PLAIN} const handler = "./src/api.handler";`,
      "infra/index.ts": "export const homely = true;",
      "src/api.ts": `export const home = "not imported";`,
    },
    false,
  ],
] as const)("%s", ([, files, expected]) => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  expect(speaksOfHome(join(folder, "bowline.config.ts"))).toBe(expected);
});
