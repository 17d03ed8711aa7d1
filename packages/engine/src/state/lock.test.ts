import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startChild } from "../child/start.ts";
import { acquireLock, breakLock, LockedError, lockHolder } from "./lock.ts";

const ENTRY = new URL("../testing/entry.ts", import.meta.url);
const CONTENDERS = Number(process.env.LOCK_CONTENDERS ?? 8);

async function temporary() {
  const path = await mkdtemp(join(tmpdir(), "bowline-lock-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** The pid of a process that has just ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await new Promise((resolve) => child.once("exit", resolve));
  return child.pid ?? 0;
}

function dead(pid: number): string {
  const since = "2026-01-01T00:00:00.000Z";
  return JSON.stringify({ pid, host: hostname(), since, command: "up", token: `dead-${pid}-token` });
}

describe("the lock of a stage", () => {
  test("names its holder to whoever comes second, and is free after its release", async () => {
    await using dir = await temporary();
    const lock = await acquireLock(dir.path, "deploy");
    const refused = await acquireLock(dir.path, "deploy").catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(LockedError);
    expect((refused as LockedError).holder).toMatchObject({
      pid: process.pid,
      host: hostname(),
      command: "deploy",
    });
    await lock.release();
    await (await acquireLock(dir.path, "deploy")).release();
    expect(await readdir(dir.path)).toEqual([]);
  });

  test("of a process that died is taken over", async () => {
    await using dir = await temporary();
    await writeFile(join(dir.path, "lock"), dead(await deadPid()));
    expect(await lockHolder(dir.path)).toBeUndefined();
    const lock = await acquireLock(dir.path, "deploy");
    expect((await lockHolder(dir.path))?.pid).toBe(process.pid);
    await lock.release();
  });

  test("of a dead process is taken over by exactly one of many, even after a takeover that died, too", async () => {
    await using dir = await temporary();
    const pid = await deadPid();
    await writeFile(join(dir.path, "lock"), dead(pid));
    await writeFile(join(dir.path, `lock.${`dead-${pid}-token`.slice(0, 8)}`), dead(pid));
    const attempts = await Promise.allSettled(
      Array.from({ length: 30 }, () => acquireLock(dir.path, "deploy")),
    );
    expect(attempts.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("of another machine stays until it is broken", async () => {
    await using dir = await temporary();
    const elsewhere = {
      pid: 1,
      host: "elsewhere",
      since: "2026-01-01T00:00:00.000Z",
      command: "deploy",
      token: "t",
    };
    await writeFile(join(dir.path, "lock"), JSON.stringify(elsewhere));
    await expect(acquireLock(dir.path, "deploy")).rejects.toThrow("process 1 on elsewhere, since 2026-01-01");
    expect(await breakLock(dir.path)).toMatchObject({ host: "elsewhere" });
    await (await acquireLock(dir.path, "deploy")).release();
  });

  test(`lets one of ${CONTENDERS} processes proceed at a time`, { timeout: 600_000 }, async () => {
    await using dir = await temporary();
    const stateDir = join(dir.path, "state");
    await mkdir(stateDir);
    const journal = join(dir.path, "journal");
    const deploy = (name: string) =>
      startChild({
        entry: ENTRY,
        data: { stateDir, program: "contend", input: { journal, name } },
        operation: "up",
      }).result;
    const outcomes = await Promise.allSettled(
      Array.from({ length: CONTENDERS }, (_, index) => deploy(`p${index}`)),
    );
    const done = outcomes.filter((outcome) => outcome.status === "fulfilled");
    const refused = outcomes.filter((outcome) => outcome.status === "rejected");
    expect(done.every(({ value }) => value.ok)).toBe(true);
    expect(refused.every(({ reason }) => reason instanceof LockedError && reason.holder.pid > 0)).toBe(true);
    expect(done.length).toBeGreaterThan(0);
    // Nobody entered before the one before had left.
    const lines = readFileSync(journal, "utf8").trim().split("\n");
    expect(lines).toHaveLength(done.length * 2);
    for (let index = 0; index < lines.length; index += 2) {
      expect(lines[index + 1]).toBe(lines[index]?.replace("enter", "leave"));
    }
    console.log(
      `lock test: ${done.length} proceeded one by one, ${refused.length} were told who holds the lock`,
    );
  });
});
