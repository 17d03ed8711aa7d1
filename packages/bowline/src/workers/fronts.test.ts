import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openFronts } from "./fronts.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bowline-fronts-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a Worker keeps its port, and moves with a warning when another program has it", async () => {
  const warnings: string[] = [];
  const open = () =>
    openFronts(
      folder,
      (message) => void warnings.push(message),
      async () => undefined,
    );
  const first = open();
  const url = await first.url("api");
  expect((await fetch(url)).status).toBe(503);
  await first.stop();
  const again = open();
  expect(await again.url("api")).toBe(url);
  await again.stop();

  const other = createServer().listen(Number(new URL(url).port), "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const third = open();
  try {
    expect(await third.url("api")).not.toBe(url);
    expect(warnings).toEqual([
      expect.stringMatching(/in use by another program: the Worker api moves to port/),
    ]);
  } finally {
    await third.stop();
    other.close();
  }
});
