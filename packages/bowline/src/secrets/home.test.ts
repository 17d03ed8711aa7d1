import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cloud, startCloud } from "@bowline/cloud";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openAccount } from "../deploy/pulumi/aws-account.ts";
import { openAwsHome } from "../deploy/pulumi/aws-home.ts";
import type { CloudHome } from "../deploy/pulumi/home.ts";
import { FALLBACK, homeSecrets, loadHomeSecrets } from "./home.ts";

let folder: string;
let cloud: Cloud;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bowline-home-secrets-"));
  cloud = await startCloud({ dir: folder });
});
afterAll(async () => {
  await cloud.stop();
  await rm(folder, { recursive: true, force: true });
});

/** As one machine finds it. */
async function openHome(name: string, stage: string): Promise<CloudHome> {
  const account = await openAccount(
    {},
    {
      AWS_ENDPOINT_URL: cloud.endpoint,
      AWS_REGION: cloud.region,
      AWS_ACCESS_KEY_ID: cloud.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: cloud.credentials.secretAccessKey,
    },
  );
  const of = (owner: string) => openAwsHome(account, { name, stage: owner }, () => {});
  return { state: await of(stage), of };
}

test("machines that set secrets at once, in a home that is not made yet, lose none", async () => {
  const owner = { name: "rush", stage: "prod" };
  const machines = ["Ada", "Ben", "Cyd", "Dan"];
  await Promise.all(
    machines.map(async (machine) => {
      const store = homeSecrets((await openHome("rush", "prod")).state, owner);
      await Promise.all(
        Array.from({ length: 10 }, async (_, index) => {
          await store.set(`${machine}${index}`, `value ${machine}${index}`);
          await store.set("Shared", `from ${machine}`);
        }),
      );
    }),
  );
  const found = await homeSecrets((await openHome("rush", "prod")).state, owner).load();
  expect(found.size).toBe(41);
  expect(found.get("Shared")).toMatch(/^from /);
  for (const [name, value] of found) if (name !== "Shared") expect(value).toBe(`value ${name}`);
});

test("a stage gets its own values, and for the rest those of the fallback", async () => {
  const owner = { name: "shop", stage: "prod" };
  const home = await openHome("shop", "prod");
  expect(await loadHomeSecrets(home, owner)).toEqual(new Map());
  const fallback = homeSecrets(await home.of(FALLBACK), { ...owner, stage: FALLBACK });
  await fallback.set("Both", "of all");
  await fallback.set("Rest", "of all");
  await homeSecrets(home.state, owner).set("Both", "of prod");
  expect(Object.fromEntries(await loadHomeSecrets(home, owner))).toEqual({ Both: "of prod", Rest: "of all" });
  const staging = { name: "shop", stage: "staging" };
  expect(Object.fromEntries(await loadHomeSecrets(await openHome("shop", "staging"), staging))).toEqual({
    Both: "of all",
    Rest: "of all",
  });
});

test("what is put under another name, stage or app is refused by its name", async () => {
  const { state } = await openHome("bank", "prod");
  const store = homeSecrets(state, { name: "bank", stage: "prod" });
  await store.set("Key", "value");
  const sealed = (await state.objects.read("bowline/secrets/bank/prod/Key")) ?? "";
  expect(sealed).not.toBe("");
  await state.objects.write("bowline/secrets/bank/prod/Other", sealed);
  await expect(store.load()).rejects.toThrow("The secret Other cannot be decrypted");
  await state.objects.write("bowline/secrets/bank/test/Key", sealed);
  const test = homeSecrets((await openHome("bank", "test")).state, { name: "bank", stage: "test" });
  await expect(test.load()).rejects.toThrow("The secret Key cannot be decrypted");
});

test("more secrets than one page of a listing are all found", async () => {
  const { state } = await openHome("many", "prod");
  const store = homeSecrets(state, { name: "many", stage: "prod" });
  await Promise.all(Array.from({ length: 1001 }, (_, index) => store.set(`N${index}`, "")));
  expect(await store.names()).toHaveLength(1001);
});
