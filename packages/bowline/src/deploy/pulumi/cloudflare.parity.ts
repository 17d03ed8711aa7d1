/**
 * A stage at home in Cloudflare, deployed by Pulumi's own engine. R2 is the S3 of a local cloud, the provider's plugin is
 * ours on workerd, AWS is another local cloud; of Cloudflare's own API there is a fake of three answers.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { type Cloud, startCloud } from "@bowline/cloud";
import { type ServedPlugin, servePlugin } from "@bowline/engine";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AppFolder, appFolder, type Finished } from "../../cli/e2e/app-folder.ts";
import { cloudflareProvider } from "../../providers/cloudflare/index.ts";
import { awsProvider } from "../../providers/index.ts";
import { workersClient } from "../../workers/access.ts";
import { startWorkersHost, type WorkersHost } from "../../workers/host.ts";
import { ACCOUNT, type FakeCloudflare, fakeCloudflare, knowToken } from "./fake-cloudflare.ts";

const CANARY = "canary-of-the-harbour";
const TOKEN = {
  token: "a token of the harbour",
  id: "7e".repeat(16),
  accounts: [{ id: ACCOUNT, name: "Harbour" }],
};

const config = (flags: string, more = "") => `
  import { aws, cloudflare, defineConfig, Secret } from "bowline/config";
  export default defineConfig({
    app: ({ stage }) => ({
      name: "tides",
      home: stage === "dev" ? "local" : stage === "abroad" ? "aws" : "cloudflare",
      removal: "remove",
    }),
    run() {
      const photos = new cloudflare.Bucket("Photos");
      const seen = new cloudflare.Kv("Seen");
      const key = new Secret("Key");
      const api = new cloudflare.Worker("Api", {
        handler: "src/api.ts", url: true, link: [photos, seen, key], environment: { FLAGS: "${flags}" },
      });
      ${more}
      return { url: api.url, key: key.value };
    },
  });`;

const QUEUE = 'new aws.Queue("Jobs");';

const FILES = {
  "bowline.config.ts": config("fair"),
  "src/api.ts": `
    import { Resource } from "bowline";
    export default {
      async fetch(request: Request, env: any) {
        await env.Photos.put("tide", "high");
        await env.Seen.put("who", "ada");
        const photo = await (await env.Photos.get("tide")).text();
        return Response.json({ photo, who: await env.Seen.get("who"), flags: env.FLAGS, key: (Resource as any).Key.value.length });
      },
    };`,
};

let folder: string;
let r2: Cloud;
let account: Cloud;
let cloudflare: FakeCloudflare;
let host: WorkersHost;
let app: AppFolder;
const plugins: ServedPlugin[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bowline-cloudflare-home-"));
  knowToken(join(folder, "r2"), TOKEN);
  [r2, account, cloudflare] = await Promise.all([
    startCloud({ dir: join(folder, "r2") }),
    startCloud({ dir: join(folder, "aws") }),
    fakeCloudflare([TOKEN]),
  ]);
  app = appFolder(FILES);
  host = await startWorkersHost({
    root: app.dir,
    folder: join(folder, "workers"),
    key: new Uint8Array(32).fill(3),
    role: () => ({}),
    onLine: () => {},
    onWarning: () => {},
  });
  plugins.push(
    await servePlugin(cloudflareProvider({ workers: host.access, cwd: app.dir })),
    await servePlugin(awsProvider({ ...account, cwd: app.dir })),
  );
});

afterAll(async () => {
  for (const plugin of plugins) plugin.close();
  await host.stop();
  await app[Symbol.asyncDispose]();
  await cloudflare[Symbol.asyncDispose]();
  await Promise.all([r2.stop(), account.stop()]);
  await rm(folder, { recursive: true, force: true });
});

const withoutAws = {
  AWS_ACCESS_KEY_ID: "",
  AWS_SECRET_ACCESS_KEY: "",
  AWS_SESSION_TOKEN: "",
  AWS_PROFILE: "",
  AWS_REGION: "",
  AWS_DEFAULT_REGION: "",
  AWS_ENDPOINT_URL: "",
  HOME: "/nowhere",
};

const withAws = () => ({
  AWS_ACCESS_KEY_ID: account.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: account.credentials.secretAccessKey,
  AWS_REGION: account.region,
  AWS_ENDPOINT_URL: account.endpoint,
});

function bowline(args: readonly string[], env: NodeJS.ProcessEnv = {}, stage = "prod"): Promise<Finished> {
  const [cloudflarePlugin, awsPlugin] = plugins;
  return app.start([...args, "--stage", stage, "--json"], {
    ...withoutAws,
    CLOUDFLARE_API_TOKEN: TOKEN.token,
    CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
    CLOUDFLARE_BASE_URL: cloudflare.url,
    BOWLINE_R2_ENDPOINT: r2.endpoint,
    PULUMI_DEBUG_PROVIDERS: `cloudflare:${cloudflarePlugin?.port},aws:${awsPlugin?.port}`,
    PULUMI_HOME: join(folder, "pulumi"),
    XDG_DATA_HOME: folder,
    PATH: [join(process.env.BOWLINE_PULUMI_ROOT ?? "", "bin"), process.env.PATH].join(delimiter),
    ...env,
  }).finished;
}

const summary = ({ events }: Finished) => events.at(-1) as Record<string, unknown>;
const problems = ({ events }: Finished) =>
  events.filter(({ type }) => type === "error").map(({ message }) => message);
const s3 = (cloud: Cloud) =>
  new S3Client({
    endpoint: cloud.endpoint,
    region: cloud.region,
    credentials: cloud.credentials,
    forcePathStyle: true,
  });

test("an app at home in Cloudflare is planned, deployed, called, changed, looked at and removed", async () => {
  expect((await bowline(["secret", "set", "Key", CANARY])).code).toBe(0);
  const planned = await bowline(["diff"]);
  expect(problems(planned)).toEqual([]);
  expect(summary(planned)).toMatchObject({ ok: true });

  const deployed = await bowline(["deploy"]);
  expect(problems(deployed)).toEqual([]);
  expect(summary(deployed)).toMatchObject({
    ok: true,
    outputs: { url: "https://tides-prod-api.harbour.workers.dev", key: "[secret]" },
  });
  expect(deployed.stdout + deployed.stderr).not.toContain(CANARY);
  const url = await workersClient(host.access).url("tides-prod-api");
  const call = async () => (await (await fetch(url)).json()) as unknown;
  expect(await call()).toEqual({ photo: "high", who: "ada", flags: "fair", key: CANARY.length });

  expect(summary(await bowline(["diff"]))).toMatchObject({ ok: true, message: "nothing would change" });
  app.write({ "bowline.config.ts": config("foul") });
  expect(summary(await bowline(["deploy"]))).toMatchObject({ ok: true, changes: { update: 1 } });
  expect(await call()).toMatchObject({ flags: "foul" });
  expect(summary(await bowline(["outputs"]))).toMatchObject({ outputs: { key: "[secret]" } });
  for (const args of [["state", "list"], ["links"], ["unlock"]]) {
    const told = await bowline(args);
    expect(problems(told), args.join(" ")).toEqual([]);
    expect(told.code).toBe(0);
  }

  const client = s3(r2);
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: "bowline-state" }));
  expect(Contents.map(({ Key }) => Key)).toContain(".pulumi/stacks/tides/prod.json");
  for (const { Key } of Contents) {
    const object = await client.send(new GetObjectCommand({ Bucket: "bowline-state", Key }));
    expect(await object.Body?.transformToString()).not.toContain(CANARY);
  }

  expect(summary(await bowline(["remove"]))).toMatchObject({ ok: true });
  expect(await workersClient(host.access).list("script")).toEqual([]);
}, 600_000);

test.for([
  ["no token", { CLOUDFLARE_API_TOKEN: "" }, 2, "There is no token for Cloudflare."],
  ["a token that is none", { CLOUDFLARE_API_TOKEN: "x" }, 2, "does not accept this token"],
  ["no account", { CLOUDFLARE_ACCOUNT_ID: "" }, 2, "which Cloudflare account to use"],
  ["another account", { CLOUDFLARE_ACCOUNT_ID: "00".repeat(16) }, 2, "this stage belongs to account"],
  ["no network", { CLOUDFLARE_BASE_URL: "http://127.0.0.1:9" }, 1, "Cloudflare cannot be reached"],
  ["no network to R2", { BOWLINE_R2_ENDPOINT: "http://127.0.0.1:9" }, 1, "R2 cannot be reached"],
] as const)("%s is one clear message before anything changes", async ([, env, exitCode, message]) => {
  const failed = await bowline(["deploy"], env, "refused");
  expect(problems(failed)).toEqual([expect.stringContaining(message)]);
  expect(failed.code).toBe(exitCode);
  expect(failed.events.filter(({ type }) => type === "resource")).toEqual([]);
});

test("AWS is needed when the program has something there, and only then", async () => {
  await using mixed = appFolder({ ...FILES, "bowline.config.ts": config("fair", QUEUE) });
  const own = app;
  app = mixed;
  try {
    expect((await bowline(["secret", "set", "Key", CANARY], {}, "mixed")).code).toBe(0);
    const refused = await bowline(["deploy"], {}, "mixed");
    expect(problems(refused)).toEqual([
      expect.stringMatching(
        /^This app is at home in Cloudflare and has resources in AWS\. It is not said in which/,
      ),
    ]);
    expect(refused.code).toBe(2);
    expect(await workersClient(host.access).list("script")).toEqual([]);

    const deployed = await bowline(["deploy"], withAws(), "mixed");
    expect(problems(deployed)).toEqual([]);
    expect(summary(deployed)).toMatchObject({ ok: true });
    const forgotten = await bowline(["remove"], {}, "mixed");
    expect(problems(forgotten)).toEqual([expect.stringContaining("has resources in AWS")]);
    expect(forgotten.code).toBe(2);
    expect(summary(await bowline(["remove"], withAws(), "mixed"))).toMatchObject({ ok: true });
  } finally {
    app = own;
  }
}, 600_000);

test("an app at home in AWS needs a token for its Workers", async () => {
  const set = await bowline(["secret", "set", "Key", CANARY], withAws(), "abroad");
  expect(set.code).toBe(0);
  const refused = await bowline(["deploy"], { ...withAws(), CLOUDFLARE_API_TOKEN: "" }, "abroad");
  expect(problems(refused)).toEqual([
    "This app is at home in AWS and has resources in Cloudflare. There is no token for Cloudflare.",
  ]);
  expect(refused.code).toBe(2);
  expect(await workersClient(host.access).list("script")).toEqual([]);
  expect(summary(await bowline(["deploy"], withAws(), "abroad"))).toMatchObject({ ok: true });
  expect(summary(await bowline(["remove"], withAws(), "abroad"))).toMatchObject({ ok: true });
}, 600_000);

test("types of a stage in Cloudflare need no account", async () => {
  const typed = await bowline(["types"], { CLOUDFLARE_API_TOKEN: "", CLOUDFLARE_ACCOUNT_ID: "" });
  expect(problems(typed)).toEqual([]);
  expect(typed.code).toBe(0);
});
