/** Kills the deploying process again and again, at seeded instants, and looks at what a plain run makes of it. */

import { readFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { startChild } from "./child/start.ts";
import { readState } from "./index.ts";

const ENTRY = new URL("./testing/entry.ts", import.meta.url);
const KEY = new Uint8Array(32).fill(7);
const RESOURCES = Number(process.env.CRASH_RESOURCES ?? 40);
const KILLS = Number(process.env.CRASH_KILLS ?? 12);

test(`a run killed at any instant loses nothing (${KILLS} kills)`, { timeout: 3_600_000 }, async () => {
  const stateDir = await mkdtemp(join(tmpdir(), "bowline-crash-"));
  const random = seeded(20_261_121);
  const counts = { killed: 0, finished: 0, recovered: 0 };
  const run = (version: number, started = () => {}) => {
    const input = { count: RESOURCES, version };
    return startChild({
      entry: ENTRY,
      data: { stateDir, program: "many", input, delayMs: 20, parallel: 8 },
      operation: "up",
      onEvent: (event) => {
        if (event.resourcePreEvent?.metadata.type === "test:index:Thing") started();
      },
    });
  };
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const first = run(0, begin);
  await begun;
  const start = performance.now();
  expect(await first.result).toMatchObject({ ok: true });
  const working = performance.now() - start;

  for (let version = 1; version <= KILLS; version++) {
    const { promise: atWork, resolve } = Promise.withResolvers<void>();
    const child = run(version, resolve);
    // One in ten while it is still starting.
    const killed = random() < 0.1 ? delay(random() * 1000) : atWork.then(() => delay(random() * working));
    await Promise.race([killed, child.result]);
    child.kill();
    const { ok } = await child.result;
    counts[ok ? "finished" : "killed"]++;
    // Never unreadable, not even while nobody has mended it.
    const { pending } = await readState(stateDir, KEY);
    counts.recovered += pending.length;

    const result = await run(version).result;
    expect(result.diagnostics.filter(({ severity }) => severity !== "info")).toEqual([]);
    const { resources, pending: left } = await readState(stateDir, KEY);
    expect(left).toEqual([]);
    const inState = resources.filter(({ type }) => type === "test:index:Thing").map(({ id }) => id);
    const folder = await readdir(join(stateDir, "things"));
    const existing = folder
      .filter((name) => name.endsWith(".json"))
      .map((name) => decodeURIComponent(name.slice(0, -5)));
    expect(inState.sort()).toEqual(existing.sort());
  }
  const log = readFileSync(join(stateDir, "things", "log"), "utf8")
    .trim()
    .split("\n");
  const created = log.filter((line) => line.startsWith("create"));
  expect(new Set(created).size).toBe(created.length);
  console.log(`crash test: ${JSON.stringify({ ...counts, resources: RESOURCES, created: created.length })}`);
  await rm(stateDir, { recursive: true });
});

/** Mulberry32: the same instants every time, as far as clocks allow. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
