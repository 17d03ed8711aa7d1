/** What is asked of a stage at home in AWS after it was deployed, from another machine than the one that deployed it. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AppFolder, appFolder, type Finished } from "./app-folder.ts";
import { type TestAccount, testAccount } from "./test-account.ts";

const CANARY = "canary-77aa-of-a-stage";

const FILES = {
  "bowline.config.ts": `
    import { aws, defineConfig, Secret } from "bowline/config";
    export default defineConfig({
      app: ({ stage }) => ({ name: "shop", home: stage === "prod" ? "aws" : "local", removal: "remove" }),
      run() {
        const files = new aws.Bucket("Files");
        const key = new Secret("Key");
        const api = new aws.Function("Api", { handler: "src/api.handler", link: [files.link("read"), key] });
        return { files: files.name, key: key.value, at: new Date(0) };
      },
    });`,
  "src/api.ts": `
    import { Resource } from "bowline";
    export const handler = async () => [(Resource as any).Files.name, (Resource as any).Key.value];`,
};

let account: TestAccount;
let ada: AppFolder;
let ben: AppFolder;

beforeAll(async () => {
  account = await testAccount();
  ada = appFolder(FILES);
  ben = appFolder(FILES);
  const set = await bowline(ada, "secret", "set", "Key", CANARY);
  expect(set.code).toBe(0);
  const deployed = await bowline(ada, "deploy");
  expect(deployed.code, deployed.stdout + deployed.stderr).toBe(0);
}, 300_000);

afterAll(async () => {
  await Promise.all([ada[Symbol.asyncDispose](), ben[Symbol.asyncDispose]()]);
  await account[Symbol.asyncDispose]();
});

function bowline(who: AppFolder, ...args: string[]): Promise<Finished> {
  return who.start([...args, "--stage", "prod", "--json"], account.env).finished;
}

const warned = ({ events }: Finished) =>
  events.filter(({ type }) => type === "warning").map(({ message }) => message);

const outputs = ({ events }: Finished) => events.at(-1)?.outputs as Record<string, unknown>;

test("a colleague's machine deploys with the same secrets, and nothing changes", async () => {
  const planned = await bowline(ben, "diff");
  expect(planned.events.at(-1)).toMatchObject({ ok: true, message: "nothing would change" });
  expect(planned.stdout + planned.stderr).not.toContain(CANARY);
  expect(warned(planned)).toEqual([]);

  ben.write({
    "bowline.config.ts": FILES["bowline.config.ts"].replace('home: stage === "prod" ? "aws" : "local"', ""),
  });
  expect((await bowline(ben, "secret", "set", "Stray", "set here")).code).toBe(0);
  ben.write(FILES);
  expect(warned(await bowline(ben, "diff"))).toEqual([
    expect.stringMatching(/^Stray: set on this machine only/),
  ]);
  expect(outputs(await bowline(ben, "outputs"))).toMatchObject({
    key: "[secret]",
    at: "1970-01-01T00:00:00.000Z",
  });
}, 300_000);

test("links are told from the state, and where nothing is logged that is said", async () => {
  const { links } = outputs(await bowline(ben, "links")) as {
    links: { link: string; policies: unknown[] }[];
  };
  expect(links.map(({ link }) => link)).toEqual(["Files", "Key"]);
  expect(links[0]?.policies).toHaveLength(1);
  expect(outputs(await bowline(ben, "links", "why", "Api", "Files", "GetObject"))).toMatchObject({
    allowed: true,
  });
  const graph = await bowline(ben, "links", "graph");
  expect(graph.stdout).toContain("<svg");
  expect(graph.stdout).not.toContain(CANARY);
  const tighten = await bowline(ben, "links", "tighten");
  expect(tighten.code).toBe(2);
  expect(JSON.stringify(tighten.events)).toContain("in no log that Bowline reads");
}, 300_000);

test("a command has the values of the deployed links, and deploys nothing", async () => {
  const print = `const { SST_RESOURCE_Files, SST_RESOURCE_Key, AWS_ENDPOINT_URL, AWS_PROFILE } = process.env;
    console.log(JSON.stringify({ links: [SST_RESOURCE_Files, SST_RESOURCE_Key].map(JSON.parse), AWS_ENDPOINT_URL, AWS_PROFILE }));
    process.exit(3);`;
  const before = outputs(await bowline(ben, "outputs"));
  ben.write({
    "bowline.config.ts": FILES["bowline.config.ts"].replace(
      'new aws.Bucket("Files")',
      '$&, more = new aws.Bucket("More")',
    ),
  });
  for (const args of [["shell"], ["run"], ["run", "--as", "Api"]]) {
    const ended = await ben.start([...args, "--stage", "prod", "--", "node", "-e", print], {
      ...account.env,
      AWS_PROFILE: "somebody-else",
    }).finished;
    expect(ended.code, ended.stderr).toBe(3);
    expect(JSON.parse(ended.stdout)).toEqual({
      links: [
        { name: before.files, arn: expect.any(String), type: "bowline:aws:Bucket" },
        { value: CANARY, type: "bowline:index:Secret" },
      ],
      AWS_ENDPOINT_URL: account.cloud.endpoint,
    });
    expect(ended.stderr.includes("your own permissions")).toBe(args.includes("--as"));
  }
  ben.write(FILES);
}, 300_000);

test("the state is listed, exported with and without secrets, and imported again", async () => {
  const listed = outputs(await bowline(ben, "state")) as { resources: { type: string }[] };
  expect(listed.resources.map(({ type }) => type)).toContain("aws:s3/bucket:Bucket");

  const sealed = join(ben.dir, "state.json");
  expect((await bowline(ben, "state", "export", sealed)).code).toBe(0);
  expect(readFileSync(sealed, "utf8")).not.toContain(CANARY);
  const open = join(ben.dir, "open.json");
  expect((await bowline(ben, "state", "export", open, "--show-secrets")).code).toBe(0);
  expect(readFileSync(open, "utf8")).toContain(CANARY);

  for (const file of [sealed, open]) expect((await bowline(ben, "state", "import", file)).code).toBe(0);
  writeFileSync(
    sealed,
    readFileSync(sealed, "utf8").replaceAll("urn:pulumi:prod::shop::", "urn:pulumi:prod::other::"),
  );
  const foreign = await bowline(ben, "state", "import", sealed);
  expect(foreign.code).toBe(1);
  expect(JSON.stringify(foreign.events)).toContain("the state of something else");
  expect(outputs(await bowline(ben, "state"))).toEqual(listed);
}, 300_000);

test("a resource is forgotten, and an earlier state brought back", async () => {
  const { resources } = outputs(await bowline(ben, "state")) as {
    resources: { urn: string; type: string }[];
  };
  const bucket = resources.find(({ type }) => type === "aws:s3/bucket:Bucket")?.urn ?? "";
  const refused = await bowline(ben, "state", "remove", bucket);
  expect(refused.code).toBe(1);
  expect(JSON.stringify(refused.events)).toMatch(/depend/);
  const removed = outputs(await bowline(ben, "state", "remove", bucket, "--dependents")) as {
    removed: string[];
  };
  expect(removed.removed.length).toBeGreaterThan(1);
  expect(JSON.stringify(outputs(await bowline(ben, "state")))).not.toContain("aws:s3/bucket:Bucket");

  const { snapshots } = outputs(await bowline(ben, "state", "snapshots")) as {
    snapshots: { number: number }[];
  };
  expect((await bowline(ben, "state", "restore", String(snapshots[0]?.number))).code).toBe(0);
  expect((await bowline(ben, "diff")).events.at(-1)).toMatchObject({ message: "nothing would change" });
  expect((await bowline(ben, "state", "restore", "999")).code).toBe(1);
  const repaired = await bowline(ben, "state", "repair");
  expect(repaired.events.at(-1)).toMatchObject({ ok: true, outputs: { done: [] } });
}, 300_000);

test("a state that somebody else works on is edited by nobody, until it is unlocked", async () => {
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
  const file = join(ben.dir, "locked.json");
  expect((await bowline(ben, "state", "export", file)).code).toBe(0);
  const locked = await bowline(ben, "state", "import", file);
  expect(locked.code).toBe(4);
  expect(JSON.stringify(locked.events)).toContain("is locked by ada@analytical");
  expect((await bowline(ben, "unlock")).code).toBe(0);
  expect((await bowline(ben, "state", "import", file)).code).toBe(0);
}, 300_000);

test("a stage that was never deployed says so", async () => {
  const never = await ben.start(["outputs", "--stage", "prod", "--json"], {
    ...account.env,
    AWS_REGION: "eu-west-1",
  }).finished;
  expect(never.code).toBe(1);
  expect(JSON.stringify(never.events)).toContain("is not deployed");
});
