import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { acquireLock } from "../state/lock.ts";
import { type ChildOptions, startChild } from "./start.ts";

const ENTRY = new URL("../testing/entry.ts", import.meta.url);

async function runHostile(input: string, more: Partial<ChildOptions> = {}) {
  const stateDir = await mkdtemp(join(tmpdir(), "bowline-child-"));
  const child = startChild({
    entry: ENTRY,
    data: { stateDir, program: "hostile", input },
    operation: "up",
    ...more,
  });
  const remove = () => rm(stateDir, { recursive: true, force: true });
  return { ...child, stateDir, [Symbol.asyncDispose]: remove };
}

describe("a program in a process of its own", () => {
  test("answers its result and its events", async () => {
    const events: unknown[] = [];
    await using child = await runHostile("quiet", { onEvent: (event) => events.push(event) });
    const result = await child.result;
    expect(result.diagnostics).toEqual([]);
    expect(result.outputs).toEqual({ arn: "arn:test:thing" });
    expect(events.length).toBeGreaterThan(3);
  });

  test("talks with its parent, and prints", async () => {
    const lines: string[] = [];
    const messages: unknown[] = [];
    await using child = await runHostile("talk", {
      onOutput: (line, stream) => lines.push(`${stream}: ${line}`),
      onMessage: (message) => messages.push(message),
    });
    child.send({ good: "morning" });
    expect((await child.result).outputs).toEqual({ said: { good: "morning" } });
    expect(messages).toEqual([{ echo: { good: "morning" } }]);
    expect(lines.sort()).toEqual(["stderr: and from its stderr", "stdout: hello from the program"]);
  });

  test.for([
    ["exit", /called process\.exit\(3\).*hostile\.ts/s],
    ["throw", /thrown on purpose\n.*hostile\.ts/s],
    ["throwText", /a text thrown on purpose/],
    ["reject", /rejected on purpose\n.*hostile\.ts/s],
    ["throwLater", /thrown in a timer/],
    ["never", /waits for something that never happens/],
    ["circular", /"first" \(test:index:Thing\) waits for the value of its property "value"/],
    ["suicide", /was killed \(SIGKILL\)/],
  ] as const)("that does %s is reported", async ([input, message]) => {
    await using child = await runHostile(input);
    const result = await child.result;
    expect(result.ok).toBe(false);
    expect(result.diagnostics.map((diagnostic) => diagnostic.message).join("\n")).toMatch(message);
  });

  test("that runs out of memory is reported", async () => {
    await using child = await runHostile("memory", { execArgv: ["--max-old-space-size=64"] });
    const result = await child.result;
    expect(result.diagnostics[0]?.message).toMatch(/ran out of memory/);
  });

  test("that leaves a timer running ends all the same", async () => {
    await using child = await runHostile("leftOpen");
    expect((await child.result).ok).toBe(true);
  });

  test("stops when it is asked to, with what is in flight finished", async () => {
    const abort = new AbortController();
    await using child = await runHostile("endless", {
      signal: abort.signal,
      onEvent: (event) => {
        if (event.resOutputsEvent?.metadata.type === "test:index:Thing") abort.abort();
      },
    });
    const result = await child.result;
    expect(result.ok).toBe(false);
    expect(result.steps.map(({ op, type }) => `${op} ${type}`)).toContain("create test:index:Thing");
    expect(result.diagnostics.at(-1)?.message).toMatch(/cancelled/);
  });

  test("is killed when there is no time", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await using child = await runHostile("endless", {
      onEvent: (event) => event.resOutputsEvent && resolve(),
    });
    await promise;
    child.kill();
    expect((await child.result).diagnostics[0]?.message).toMatch(/was killed \(SIGKILL\)/);
  });

  test("says who holds the stage", async () => {
    const stateDir = await mkdtemp(join(tmpdir(), "bowline-child-"));
    const lock = await acquireLock(stateDir, "a test");
    const child = startChild({
      entry: ENTRY,
      data: { stateDir, program: "hostile", input: "quiet" },
      operation: "up",
    });
    await expect(child.result).rejects.toMatchObject({ holder: { pid: process.pid, command: "a test" } });
    await lock.release();
    await rm(stateDir, { recursive: true });
  });
});
