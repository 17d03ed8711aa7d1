import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cloudflareLocator } from "./locate.ts";

/** A fake of the lists that Cloudflare's API documents. */
const LISTS: Readonly<Record<string, object[]>> = {
  "/accounts/acc/storage/kv/namespaces?per_page=1000": [{ id: "kv1", title: "cache" }],
  "/accounts/acc/d1/database?name=rows": [
    { uuid: "d2", name: "rows-old" },
    { uuid: "d1", name: "rows" },
  ],
  "/accounts/acc/queues?per_page=1000": [{ queue_id: "q1", queue_name: "jobs" }],
  "/accounts/acc/queues/q1/consumers": [{ consumer_id: "c1", script: "worker" }],
};

const server = createServer((request, response) => {
  const result = LISTS[request.url ?? ""];
  const known = request.headers.authorization === "Bearer secret";
  const status = known ? (result ? 200 : 404) : 403;
  response.writeHead(status, { "content-type": "application/json" });
  response.end(
    JSON.stringify({ result, errors: known ? [] : [{ code: 10000, message: "Authentication error" }] }),
  );
});
let env: Record<string, string>;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  env = { CLOUDFLARE_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
});
afterAll(() => void server.close());

const locate = (name: string, inputs: Record<string, string>, token = "secret") =>
  cloudflareLocator(token, env)(
    `cloudflare:index/${name[0]?.toLowerCase()}${name.slice(1)}:${name}`,
    { accountId: "acc", ...inputs },
    new Set(),
  );

test.for([
  ["R2Bucket", { name: "photos" }, "photos"],
  ["WorkersScript", { scriptName: "worker" }, "worker"],
  ["WorkersKvNamespace", { title: "cache" }, "kv1"],
  ["WorkersKvNamespace", { title: "other" }, undefined],
  ["D1Database", { name: "rows" }, "d1"],
  ["Queue", { queueName: "jobs" }, "q1"],
  ["QueueConsumer", { queueId: "q1", scriptName: "worker" }, "c1"],
  ["QueueConsumer", { queueId: "gone", scriptName: "worker" }, undefined],
] as const)("an interrupted %s %o is %s", async ([name, inputs, id]) => {
  expect(await locate(name, inputs)).toEqual(id === undefined ? {} : { id });
});

test("of other types nobody can tell, and a refusal is no answer", async () => {
  expect(locate("DnsRecord", { name: "example.com" })).toBeUndefined();
  await expect(locate("Queue", { queueName: "jobs" }, "wrong")).rejects.toThrow(
    /does not say what there is at queues.*403 Authentication error/,
  );
});
