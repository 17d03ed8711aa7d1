import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { askedOfCloudflare, resolved } from "./testing.ts";
import { Worker } from "./worker.ts";
import type { WorkerArgs } from "./worker-args.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bowline-worker-"));
  writeFileSync(join(root, "api.ts"), "export default { fetch: () => new Response() };");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function deployed(args: Partial<WorkerArgs>) {
  let url: unknown;
  const { resources, problems } = await askedOfCloudflare(root, async () => {
    url = await resolved(new Worker("Api", { handler: "api.ts", ...args }).url);
  });
  expect(problems).toEqual([]);
  return { ...resources, url };
}

test("in the cloud a Worker answers at its domain, in the innermost zone or the one that is named", async () => {
  expect(await deployed({ domain: "api.shop.example.com", placement: "smart" })).toMatchObject({
    url: "https://api.shop.example.com",
    WorkersCustomDomain: {
      accountId: "account",
      hostname: "api.shop.example.com",
      service: "shop-prod-api",
      zoneId: "inner",
    },
    WorkersScript: { placement: { mode: "smart" } },
    WorkersScriptSubdomain: { enabled: false },
  });
  const named = await deployed({ domain: { name: "api.shop.example.com", zone: "example.com" } });
  expect(named).toMatchObject({ WorkersCustomDomain: { zoneId: "outer" } });
});
