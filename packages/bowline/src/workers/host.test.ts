import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { workersClient } from "./access.ts";
import { startWorkersHost, type WorkersHost } from "./host.ts";
import { leftoverRuntime } from "./leftover.ts";
import type { WorkerLine } from "./log.ts";
import type { ScriptObject } from "./objects.ts";

const KEY = new Uint8Array(32).fill(3);
const folder = mkdtempSync(join(tmpdir(), "bowline-workers-"));
const lines: WorkerLine[] = [];
const warnings: string[] = [];
let host: WorkersHost;

function start(): Promise<WorkersHost> {
  return startWorkersHost({
    root: folder,
    folder,
    key: KEY,
    role: (arn) => ({ AWS_ACCESS_KEY_ID: `key of ${arn}` }),
    onLine: (line) => void lines.push(line),
    onWarning: (message) => void warnings.push(message),
  });
}

function script(scriptName: string, body: string, bindings: ScriptObject["bindings"] = []): ScriptObject {
  return {
    scriptName,
    consumer: scriptName,
    content: body,
    compatibilityDate: "2026-07-01",
    compatibilityFlags: [],
    bindings,
  };
}

const says = (text: string) => `export default { fetch: () => new Response(${JSON.stringify(text)}) };`;

beforeAll(async () => {
  host = await start();
});
afterAll(async () => {
  await host.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("deploying needs the token, which only the owner of the folder can read", async () => {
  const put = (headers: Record<string, string>) =>
    fetch(`${host.access.endpoint}/objects/script/x`, { method: "PUT", headers, body: "{}" });
  expect((await put({})).status).toBe(403);
  expect((await put({ authorization: "Bearer wrong" })).status).toBe(403);
  expect(statSync(join(folder, "host.json")).mode & 0o077).toBe(0);
});

test("of Workers deployed together, the one that does not start is told and taken back; the others run", async () => {
  const client = workersClient(host.access);
  const [good, bad, other] = await Promise.allSettled([
    client.put("script", "good", script("good", says("good"))),
    client.put("script", "bad", script("bad", "throw new RangeError('no rope');")),
    client.put("script", "other", script("other", says("other"))),
  ]);
  expect(good).toMatchObject({ status: "fulfilled" });
  expect(other).toMatchObject({ status: "fulfilled" });
  expect(bad).toMatchObject({
    reason: { message: expect.stringContaining("bad does not start: Uncaught RangeError: no rope") },
  });
  expect(await client.get("script", "bad")).toBeUndefined();
  expect(await (await fetch(await client.url("good"))).text()).toBe("good");
  expect(await (await fetch(await client.url("other"))).text()).toBe("other");
  expect((await fetch(await client.url("bad"))).status).toBe(503);
});

test("an update that does not start leaves what ran; who calls meanwhile waits and is answered", async () => {
  const client = workersClient(host.access);
  const url = await client.url("good");
  await expect(client.put("script", "good", script("good", "import 'nothing';"))).rejects.toThrow(
    "good does not start",
  );
  expect(await (await fetch(url)).text()).toBe("good");
  const update = client.put("script", "good", script("good", says("better")));
  const answers = await Promise.all([fetch(url), fetch(url)].map(async (answer) => (await answer).text()));
  await update;
  expect(answers.every((text) => text === "good" || text === "better")).toBe(true);
  expect(await (await fetch(url)).text()).toBe("better");
});

test("other code is exchanged in place: in turn, when it does not start, and when it is much longer", async () => {
  const client = workersClient(host.access);
  const url = await client.url("coded");
  const file = join(folder, "coded.mjs");
  const code = async (body: string) => {
    writeFileSync(file, body);
    await host.replaceCode("coded", file);
  };
  await client.put("script", "coded", script("coded", says("first")));
  const answer = async () => (await fetch(url, { headers: { connection: "close" } })).text();
  for (const text of ["second", "third", "fourth"]) {
    await code(says(text));
    expect(await answer()).toBe(text);
  }
  await expect(code("throw new RangeError('no rope');")).rejects.toThrow(
    "coded does not start: Uncaught RangeError: no rope",
  );
  expect(await answer()).toBe("fourth");
  await code(`${says("longer")}//${"x".repeat(200_000)}`);
  expect(await answer()).toBe("longer");
  await code(
    "let cron = ''; export default { scheduled(event) { cron = event.cron; }, fetch: () => new Response(cron) };",
  );
  const headers = { authorization: `Bearer ${host.access.token}` };
  const body = JSON.stringify({ cron: "0 4 * * *" });
  await fetch(`${host.access.endpoint}/scheduled/coded`, { method: "POST", headers, body });
  expect(await answer()).toBe("0 4 * * *");
});

test("a cron runs, a message that fails goes to the dead letters, a role's credentials and absent Workers are there", async () => {
  const client = workersClient(host.access);
  await client.put("queue", "q1", { id: "q1", queueName: "jobs" });
  await client.put("queue", "q2", { id: "q2", queueName: "dead" });
  const body = `export default {
    async fetch(request, env) {
      const path = new URL(request.url).pathname;
      if (path === "/send") await env.JOBS.send("rope");
      if (path === "/absent") return env.ABSENT.fetch(request);
      return Response.json([await env.KV.get("cron"), await env.KV.get("dead"), env.AWS_ACCESS_KEY_ID]);
    },
    async scheduled(event, env) { await env.KV.put("cron", event.cron); },
    async queue(batch, env) {
      if (batch.queue === "jobs") throw new Error("cannot");
      await env.KV.put("dead", batch.messages[0].body);
    },
  };`;
  await client.put(
    "script",
    "worker",
    script("worker", body, [
      { type: "kv_namespace", name: "KV", namespaceId: "kv" },
      { type: "queue", name: "JOBS", queueName: "jobs" },
      { type: "service", name: "ABSENT", service: "nobody" },
      { type: "plain_text", name: "BOWLINE_AWS_ROLE", text: "the role" },
      { type: "ai", name: "AI" },
    ]),
  );
  const settings = { scriptName: "worker", batchSize: 1, maxRetries: 0, maxWaitTimeMs: 0 };
  await client.put("consumer", "c1", { id: "c1", queueId: "q1", deadLetterQueue: "dead", ...settings });
  await client.put("consumer", "c2", { id: "c2", queueId: "q2", ...settings });
  const url = await client.url("worker");
  await fetch(`${host.access.endpoint}/scheduled/worker`, {
    method: "POST",
    headers: { authorization: `Bearer ${host.access.token}` },
    body: JSON.stringify({ cron: "0 3 * * *" }),
  });
  await fetch(`${url}/send`);
  await expect
    .poll(async () => (await fetch(url)).json(), { timeout: 20_000 })
    .toEqual(["0 3 * * *", "rope", "key of the role"]);
  const absent = await fetch(`${url}/absent`);
  expect([absent.status, await absent.text()]).toEqual([503, "The Worker nobody is not deployed."]);
  expect(warnings).toContainEqual(expect.stringContaining("worker: env.AI (ai) needs Cloudflare itself"));
});

test("what a killed command left running is ended by the next", async () => {
  const client = workersClient(host.access);
  await client.put("script", "good", script("good", says("here")));
  const pids = readFileSync(join(folder, "runtime.pid"), "utf8").split("\n").map(Number);
  expect(pids.every(alive)).toBe(true);
  leftoverRuntime(folder).end();
  await expect.poll(() => pids.some(alive)).toBe(false);
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("after a restart everything is there at the same URLs, and secrets are not in the folder", async () => {
  const client = workersClient(host.access);
  const body = "export default { fetch: (request, env) => new Response(env.KEY) };";
  await client.put(
    "script",
    "good",
    script("good", body, [{ type: "secret_text", name: "KEY", text: "canary-88" }]),
  );
  const url = await client.url("good");
  await host.stop();
  for (const file of readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )) {
    expect(readFileSync(join(file.parentPath, file.name)).includes("canary-88")).toBe(false);
  }
  host = await start();
  expect(await workersClient(host.access).url("good")).toBe(url);
  expect(await (await fetch(url)).text()).toBe("canary-88");
});
