/** A stage at home in AWS, deployed by Pulumi's own engine; AWS is the local cloud, and so is the provider's plugin. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { type AppFolder, appFolder, type Finished } from "../../cli/e2e/app-folder.ts";
import { type TestAccount, testAccount } from "../../cli/e2e/test-account.ts";

const CANARY = "canary-51c0ffee";

const config = (memory: number) => `
  import { aws, defineConfig, Secret } from "bowline/config";
  export default defineConfig({
    app: ({ stage }) => ({ name: "shop", home: stage === "prod" ? "aws" : "local", removal: "remove" }),
    run() {
      const files = new aws.Bucket("Files");
      const orders = new aws.Dynamo("Orders", { fields: { id: "string" }, primaryIndex: { hashKey: "id" } });
      const key = new Secret("Key");
      const api = new aws.Function("Api", { handler: "src/api.handler", url: true, memory: ${memory}, link: [files, orders, key] });
      return { url: api.url, key: key.value };
    },
  });`;

const FILES = {
  "bowline.config.ts": config(512),
  "src/api.ts": `
    import { Resource } from "bowline";
    export async function handler() {
      const { Files, Orders, Key } = Resource as any;
      return { bucket: Files.name, table: Orders.name, secret: Key.value.length };
    }`,
};

let account: TestAccount;
let app: AppFolder;

beforeAll(async () => {
  account = await testAccount();
  app = appFolder(FILES);
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await account[Symbol.asyncDispose]();
});

function bowline(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> {
  return app.start([...args, "--stage", "prod", "--json"], { ...account.env, ...env }).finished;
}

const summary = ({ events }: Finished) => events.at(-1) as Record<string, unknown>;

test("an app at home in AWS is planned, deployed, changed, looked at and removed", async () => {
  const set = await bowline(["secret", "set", "Key", CANARY]);
  expect(set.code).toBe(0);

  const planned = await bowline(["diff"]);
  expect(planned.stderr + planned.stdout).not.toContain(CANARY);
  expect(summary(planned)).toMatchObject({ ok: true, exitCode: 0 });
  expect(planned.events.some(({ type, operation }) => type === "resource" && operation === "create")).toBe(
    true,
  );

  const deployed = await bowline(["deploy"]);
  expect(summary(deployed)).toMatchObject({ ok: true, outputs: { key: "[secret]" } });
  expect(deployed.stderr + deployed.stdout).not.toContain(CANARY);
  const { url } = summary(deployed).outputs as { url: string };
  const answer = (await (await fetch(url)).json()) as Record<string, unknown>;
  expect(answer).toMatchObject({ secret: CANARY.length });

  const again = await bowline(["diff"]);
  expect(summary(again)).toMatchObject({ ok: true, message: "nothing would change" });

  app.write({ "bowline.config.ts": config(256) });
  const changed = await bowline(["deploy"]);
  expect(summary(changed)).toMatchObject({ ok: true, changes: { update: 1 } });

  const outputs = await bowline(["outputs"]);
  expect(summary(outputs)).toMatchObject({ outputs: { url, key: "[secret]" } });

  const removed = await bowline(["remove"]);
  expect(summary(removed)).toMatchObject({ ok: true });
  expect((await bowline(["outputs"])).code).toBe(1);
}, 600_000);

test.for([
  [
    "no credentials",
    { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_PROFILE: "", HOME: "/nowhere" },
    2,
    "There are no AWS credentials.",
  ],
  [
    "credentials that AWS does not know",
    { AWS_ACCESS_KEY_ID: "AKIANOBODY" },
    2,
    "does not accept these credentials",
  ],
  ["no network", { AWS_ENDPOINT_URL: "http://127.0.0.1:9" }, 1, "AWS cannot be reached"],
  ["no region", { AWS_REGION: "", AWS_DEFAULT_REGION: "", HOME: "/nowhere" }, 2, "in which AWS region"],
] as const)("%s is one clear message before anything changes", async ([, env, exitCode, message]) => {
  const failed = await bowline(["deploy"], env);
  expect(failed.code).toBe(exitCode);
  expect(failed.events.filter(({ type }) => type === "resource")).toEqual([]);
  const errors = failed.events.filter(({ type }) => type === "error");
  expect(errors.map((error) => error.message)).toEqual([expect.stringContaining(message)]);
});

test("a locked state is told with its holder, and unlocked", async () => {
  const { S3Client, PutObjectCommand } = await import("@aws-sdk/client-s3");
  const { endpoint, region, credentials } = account.cloud;
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const lock = { pid: 4711, username: "ada", hostname: "analytical", timestamp: new Date().toISOString() };
  await client.send(
    new PutObjectCommand({
      Bucket: account.stateBucket,
      Key: ".pulumi/locks/organization/shop/prod/0b0c1f7e-0000-4000-8000-000000000000.json",
      Body: JSON.stringify(lock),
    }),
  );
  const locked = await bowline(["deploy"]);
  expect(locked.code).toBe(4);
  expect(locked.events.find(({ type }) => type === "error")?.message).toMatch(
    /^Stage "prod" is locked by ada@analytical \(process 4711\) since /,
  );
  expect((await bowline(["unlock"])).code).toBe(0);
  expect((await bowline(["diff"])).code).toBe(0);
}, 300_000);

test("the state is in a bucket of the account, versioned, encrypted and closed", async () => {
  const { S3Client, ...s3 } = await import("@aws-sdk/client-s3");
  const { endpoint, region, credentials } = account.cloud;
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const Bucket = account.stateBucket;
  expect((await client.send(new s3.GetBucketVersioningCommand({ Bucket }))).Status).toBe("Enabled");
  const { PublicAccessBlockConfiguration: closed } = await client.send(
    new s3.GetPublicAccessBlockCommand({ Bucket }),
  );
  expect(closed).toEqual({
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: true,
  });
  const { Contents = [] } = await client.send(new s3.ListObjectsV2Command({ Bucket }));
  expect(Contents.map(({ Key }) => Key)).toContain(".pulumi/stacks/shop/prod.json");
  for (const { Key } of Contents) {
    const object = await client.send(new s3.GetObjectCommand({ Bucket, Key }));
    expect(await object.Body?.transformToString()).not.toContain(CANARY);
  }
});
