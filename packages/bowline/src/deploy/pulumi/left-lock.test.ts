import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { leftLock } from "./left-lock.ts";

const folder = mkdtempSync(join(tmpdir(), "bowline-left-lock-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const said = (pid: number | undefined, host = hostname()) =>
  `error: the stack is currently locked by 1 lock(s).\n  file:///x: created by ada@${host} (pid ${pid}) at 2026-11-21T20:04:42Z`;

test("only the lock of a killed run of this machine is taken for one", async () => {
  const cli = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  await once(cli, "spawn");
  const lock = leftLock(folder);
  lock.remember(cli.pid);
  expect(lock.isOurs(said(cli.pid))).toBe(false);

  cli.kill("SIGKILL");
  await once(cli, "exit");
  const next = leftLock(folder);
  expect(next.isOurs(said(cli.pid))).toBe(true);
  expect(next.isOurs(said(cli.pid, "elsewhere"))).toBe(false);
  expect(next.isOurs(said(1))).toBe(false);
  expect(next.isOurs(`${said(cli.pid)}\n${said(4711)}`)).toBe(false);
  expect(next.isOurs("error: something else")).toBe(false);

  // The next run is started, and told of the lock, before it can be taken away.
  next.remember(process.pid);
  next.forget();
  expect(next.isOurs(said(cli.pid))).toBe(true);
  lock.forget();
  expect(next.isOurs(said(cli.pid))).toBe(false);
});
