/** No function outlives its cloud, however the cloud ends. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteFunctionCommand } from "@aws-sdk/client-lambda";
import { expect, test } from "vitest";
import { startLambdaCloud } from "./testing.ts";

const SPINNING = {
  "index.mjs": `import { spawn } from "node:child_process";
    export const handler = async ({ spin }) => {
      const child = spawn("sleep", ["600"]);
      console.log("pids " + process.pid + " " + child.pid);
      while (spin);
      return [process.pid, child.pid];
    };`,
};

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** There is no event for the death of somebody else's child. */
async function gone(pids: readonly number[]): Promise<void> {
  while (pids.some(alive)) await new Promise((resolve) => setTimeout(resolve, 20));
}

test("deleting a function and stopping the cloud end its processes and theirs", async () => {
  const cloud = await startLambdaCloud();
  const deleted = await cloud.create(SPINNING);
  const kept = await cloud.create(SPINNING);
  const first = (await cloud.invoke(deleted)).payload as number[];
  const second = (await cloud.invoke(kept)).payload as number[];
  expect([...first, ...second].every(alive)).toBe(true);
  await cloud.lambda.send(new DeleteFunctionCommand({ FunctionName: deleted }));
  await gone(first);
  expect(second.every(alive)).toBe(true);
  await cloud[Symbol.asyncDispose]();
  await gone(second);
});

test.skipIf(process.platform === "win32")("killing the cloud ends even a function that spins", async () => {
  const dir = await mkdtemp(join(tmpdir(), "bowline-orphan-"));
  const program = `
    import { startLambdaCloud } from ${JSON.stringify(new URL("./testing.ts", import.meta.url).href)};
    const cloud = await startLambdaCloud({
      dir: ${JSON.stringify(dir)},
    });
    const name = await cloud.create(${JSON.stringify(SPINNING)}, { Timeout: 600 });
    cloud.event((event) => event.type === "function.log").then((event) => console.log(event.line));
    await cloud.invoke(name, { spin: true });
  `;
  const child = spawn(process.execPath, ["--conditions=source", "--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  for await (const chunk of child.stdout) {
    printed += chunk;
    if (/pids \d+ \d+\n/.test(printed)) break;
  }
  const pids = printed.match(/\d+/g)?.map(Number) ?? [];
  expect(pids).toHaveLength(2);
  expect(pids.every(alive)).toBe(true);
  child.kill("SIGKILL");
  await once(child, "exit");
  await gone(pids);
  await rm(dir, { recursive: true, force: true });
});
