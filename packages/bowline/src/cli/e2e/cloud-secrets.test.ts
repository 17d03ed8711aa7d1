/** Secrets of a stage at home in AWS, which is the local cloud. None of it needs Pulumi's CLI. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { GetObjectCommand, ListBucketsCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AppFolder, appFolder, type Finished } from "./app-folder.ts";
import { type TestAccount, testAccount } from "./test-account.ts";

const CANARY = "canary-9d1e-of-the-cloud";

const FILES = {
  "bowline.config.ts": `
    import { defineConfig, Secret } from "bowline/config";
    export default defineConfig({
      app: ({ stage }) => ({ name: "shop", home: stage === "dev" ? "local" : "aws" }),
      run() { new Secret("Key"); },
    });`,
};

describe("secrets of a stage in AWS", { timeout: 120_000 }, () => {
  let account: TestAccount;
  let ada: AppFolder;
  let ben: AppFolder;
  beforeAll(async () => {
    account = await testAccount();
    ada = appFolder(FILES);
    ben = appFolder(FILES);
  });
  afterAll(async () => {
    await Promise.all([ada[Symbol.asyncDispose](), ben[Symbol.asyncDispose]()]);
    await account[Symbol.asyncDispose]();
  });

  const secret = (who: AppFolder, stage: string, ...args: string[]): Promise<Finished> =>
    who.start(["secret", ...args, "--stage", stage, "--json"], account.env).finished;
  const outputs = ({ events }: Finished) => events.at(-1)?.outputs;

  test("looking makes nothing", async () => {
    expect(outputs(await secret(ben, "prod", "list"))).toEqual({ names: [] });
    expect(await secret(ben, "prod", "remove", "Key")).toMatchObject({ code: 1 });
    expect(await buckets(account)).toEqual([]);
  });

  test("what one machine sets another one reads, and no value lies anywhere in plain text", async () => {
    const set = await secret(ada, "prod", "set", "Key", CANARY);
    expect(set.code).toBe(0);
    expect(set.stdout + set.stderr).not.toContain(CANARY);
    const pem = "-----BEGIN KEY-----\nab=\n-----END KEY-----\n";
    ada.write({ "more.env": `Pem="${pem}"\nOdd='a #b'\n` });
    expect((await secret(ada, "prod", "load", "more.env")).code).toBe(0);

    expect(outputs(await secret(ben, "prod", "list"))).toEqual({ names: ["Key", "Odd", "Pem"] });
    const shown = await secret(ben, "prod", "list", "--values");
    expect(outputs(shown)).toEqual({ Key: CANARY, Pem: pem, Odd: "a #b" });
    expect(outputs(await secret(ben, "staging", "list"))).toEqual({ names: [] });

    expect((await secret(ben, "prod", "remove", "Odd")).code).toBe(0);
    expect(await secret(ada, "prod", "remove", "Odd")).toMatchObject({ code: 1 });
    expect(outputs(await secret(ada, "prod", "list"))).toEqual({ names: ["Key", "Pem"] });

    for (const text of [...(await storedTexts(account)), ...filesOf(ada.dir), ...filesOf(ben.dir)])
      expect(text).not.toContain(CANARY);
  });

  test("the fallback is the app's, whatever the stage it is asked of", async () => {
    expect((await secret(ada, "prod", "set", "Shared", "for all", "--fallback")).code).toBe(0);
    expect(outputs(await secret(ben, "staging", "list", "--values", "--fallback"))).toEqual({
      Shared: "for all",
    });
  });

  test("what was set on a machine before goes there when it is told to", async () => {
    await using early = appFolder({
      "bowline.config.ts": FILES["bowline.config.ts"].replace(
        '"dev" ? "local" : "aws"',
        '"" ? "aws" : "local"',
      ),
    });
    expect((await secret(early, "moved", "set", "Old", CANARY)).code).toBe(0);
    expect(await secret(early, "moved", "load", "--local")).toMatchObject({ code: 2 });
    early.write(FILES);
    expect(outputs(await secret(early, "moved", "list"))).toEqual({ names: [] });
    expect((await secret(early, "moved", "load", "--local")).code).toBe(0);
    expect(outputs(await secret(ben, "moved", "list", "--values"))).toEqual({ Old: CANARY });
  });

  test("a config that fails does not make a stage one of this machine", async () => {
    const config = FILES["bowline.config.ts"];
    await using broken = appFolder({ "bowline.config.ts": `${config}\nthrow new Error("no such luck");` });
    const set = await secret(broken, "prod", "set", "Key", CANARY);
    expect(set.code).toBe(1);
    expect(JSON.stringify(set.events)).toContain("no such luck");
    expect(JSON.stringify(set.events)).not.toContain(CANARY);
  });

  test("who may not is told what is denied, and nothing is set", async () => {
    const denied = await ada.start(["secret", "set", "Key", CANARY, "--stage", "prod"], {
      ...account.env,
      AWS_ACCESS_KEY_ID: "AKIANOBODY",
    }).finished;
    expect(denied).toMatchObject({ code: 2, stderr: expect.stringContaining("does not accept these") });
    expect(denied.stdout + denied.stderr).not.toContain(CANARY);
  });
});

async function buckets({ cloud: { endpoint, region, credentials } }: TestAccount) {
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
  return Buckets.map(({ Name }) => Name);
}

async function storedTexts({ cloud, stateBucket: Bucket }: TestAccount): Promise<string[]> {
  const { endpoint, region, credentials } = cloud;
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
  expect(Contents.map(({ Key }) => Key)).toContain("bowline/secrets/shop/prod/Key");
  return Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      return (await Body?.transformToString()) ?? "";
    }),
  );
}

function filesOf(folder: string): string[] {
  return readdirSync(join(folder, ".bowline"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
}
