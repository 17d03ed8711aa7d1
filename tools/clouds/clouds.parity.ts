/**
 * The scripts for real accounts, driven here: AWS is the local cloud; for Cloudflare there are R2 as the S3 of a local
 * cloud, Workers on workerd, and a fake of the rest of its API. That the scripts work is proved, and nothing of the clouds.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { ListBucketsCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { startCloud } from "@bowline/cloud";
import { servePlugin } from "@bowline/engine";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type TestAccount, testAccount } from "../../packages/bowline/src/cli/e2e/test-account.ts";
import {
  ACCOUNT,
  fakeCloudflare,
  knowToken,
} from "../../packages/bowline/src/deploy/pulumi/fake-cloudflare.ts";
import { cloudflareProvider } from "../../packages/bowline/src/providers/cloudflare/index.ts";
import {
  type ObjectKind,
  type WorkersClient,
  workersClient,
} from "../../packages/bowline/src/workers/access.ts";
import { startWorkersHost } from "../../packages/bowline/src/workers/host.ts";
import type { ScriptObject } from "../../packages/bowline/src/workers/objects.ts";
import { emptyR2 } from "./empty-r2.ts";
import { proofs } from "./proofs.ts";
import { prove } from "./prove.ts";

/** What Cloudflare calls them in its paths, and the host of the Workers. */
const KINDS: Readonly<Record<string, ObjectKind>> = {
  r2: "r2",
  kv: "kv",
  d1: "d1",
  queues: "queue",
  workers: "script",
};

/** What Cloudflare would answer, where the account is the host of the Workers. */
async function inWorkers(workers: WorkersClient, place: string): Promise<unknown> {
  const scripts = () => workers.list<ScriptObject>("script");
  if (place === "workers/scripts") {
    return (await scripts()).map(({ scriptName, classes }) => ({
      id: scriptName,
      ...(classes ? { migration_tag: "v1" } : {}),
    }));
  }
  if (place === "workers/durable_objects/namespaces") {
    return (await scripts()).flatMap(({ scriptName, classes = {} }) =>
      Object.keys(classes).map((name) => ({ script: scriptName, class: name })),
    );
  }
  const parts = place.split("/");
  const kind = KINDS[parts[0] === "storage" ? "kv" : (parts[0] ?? "")];
  const id = parts.filter((part) => part !== "settings").at(-1) ?? "";
  return kind && workers.get(kind, id);
}

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

let account: TestAccount;

beforeEach(async () => {
  account = await testAccount();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await account[Symbol.asyncDispose]();
});

interface Running {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly code: Promise<number | null>;
  line(pattern: RegExp): Promise<void>;
}

function testAws(env: NodeJS.ProcessEnv): Running {
  const child = spawn(process.execPath, ["--conditions=source", MAIN, "aws"], {
    env: { ...process.env, ...account.env, NODE_OPTIONS: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      for (const look of waiting) look();
    });
  }
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  return {
    child,
    said: () => said,
    code,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (pattern.test(said)) resolve();
        };
        waiting.add(look);
        look();
        void code.then(() => reject(new Error(`it ended without ${pattern}:\n${said}`)));
      }),
  };
}

/** All that an app can have left in the account: its state bucket, empty, is the home's. */
async function inAccount(): Promise<string[]> {
  const { endpoint, region, credentials } = account.cloud;
  const where = { endpoint, region, credentials };
  const s3 = new S3Client({ ...where, forcePathStyle: true });
  const [{ Functions = [] }, { Roles = [] }, { Buckets = [] }] = await Promise.all([
    new LambdaClient(where).send(new ListFunctionsCommand({})),
    new IAMClient(where).send(new ListRolesCommand({})),
    s3.send(new ListBucketsCommand({})),
  ]);
  const state = Buckets.some(({ Name }) => Name === account.stateBucket)
    ? (await s3.send(new ListObjectsV2Command({ Bucket: account.stateBucket }))).Contents
    : undefined;
  return [
    ...Functions.map(({ FunctionName }) => `function ${FunctionName}`),
    ...Roles.map(({ RoleName }) => `role ${RoleName}`),
    ...Buckets.flatMap(({ Name }) => (Name === account.stateBucket ? [] : [`bucket ${Name}`])),
    ...(state ?? []).flatMap(({ Key = "" }) => (Key.includes("bowline-proof") ? [Key] : [])),
  ];
}

const consent = () => ({ BOWLINE_TEST_AWS_ACCOUNT: account.cloud.accountId });

test("without consent nothing is asked of the account, and what would be made is said", async () => {
  const refused = testAws({ BOWLINE_TEST_AWS_ACCOUNT: "" });
  expect(await refused.code).toBe(2);
  expect(refused.said()).toContain("two Lambda functions");
  expect(refused.said()).toContain("set BOWLINE_TEST_AWS_ACCOUNT to the id of the account");
  expect(account.cloud.audit()).toEqual([]);
  const wrong = testAws({ BOWLINE_TEST_AWS_ACCOUNT: "123456789012" });
  expect(await wrong.code).toBe(2);
  expect(wrong.said()).toContain("this stage belongs to account 123456789012");
  expect(await inAccount()).toEqual([]);
});

test("an example is deployed, answers as on this machine, and nothing of it is left", async () => {
  const ran = testAws(consent());
  expect(await ran.code, ran.said()).toBe(0);
  expect(ran.said()).toMatch(/2 answers, each as on this machine/);
  expect(ran.said()).toMatch(/nothing would change/);
  expect(ran.said()).toMatch(/(\d+) of \1 resources were seen to be there, and none is left/);
  expect(await inAccount()).toEqual([]);
}, 600_000);

test("Ctrl-C in the middle removes what was made", async () => {
  const ran = testAws(consent());
  await ran.line(/bowline deploy/);
  await vi.waitFor(
    async () => {
      if ((await inAccount()).every((name) => !name.startsWith("role"))) throw new Error("nothing yet");
    },
    { timeout: 120_000, interval: 50 },
  );
  ran.child.kill("SIGINT");
  expect(await ran.code, ran.said()).toBe(1);
  expect(ran.said()).toContain("what was made is removed first");
  expect(ran.said()).toMatch(/none is left/);
  expect(await inAccount()).toEqual([]);
}, 600_000);

test("an answer other than here is told, and what was made is removed", async () => {
  for (const [name, value] of Object.entries(account.env)) vi.stubEnv(name, value);
  const said: string[] = [];
  const proving = prove({
    proof: proofs.aws,
    env: { ...process.env, NODE_OPTIONS: "" },
    say: (line) => said.push(line),
    signal: new AbortController().signal,
    async fetch(input, init) {
      const answer = await fetch(input, init);
      return new Response((await answer.text()).replace("11.90", "11.91"), { status: answer.status });
    },
  });
  await expect(proving).rejects.toThrow(
    /answers otherwise than on this machine:\nPOST \/\n.*11\.91.*\n.*11\.90/,
  );
  expect(said.at(-1)).toMatch(/none is left/);
  expect(await inAccount()).toEqual([]);
}, 600_000);

test("the same for Cloudflare, as far as it is here", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bowline-proof-test-"));
  const token = {
    token: "a token to prove it",
    id: "5c".repeat(16),
    accounts: [{ id: ACCOUNT, name: "Harbour" }],
  };
  knowToken(join(folder, "r2"), token);
  const r2 = await startCloud({ dir: join(folder, "r2") });
  const host = await startWorkersHost({
    root: fileURLToPath(new URL("../..", import.meta.url)),
    folder: join(folder, "workers"),
    key: new Uint8Array(32).fill(3),
    role: () => ({}),
    onLine: () => undefined,
    onWarning: () => undefined,
  });
  const cloudflare = await fakeCloudflare([token], (place) => inWorkers(workersClient(host.access), place));
  const plugin = await servePlugin(cloudflareProvider({ workers: host.access, cwd: folder }));
  try {
    const env = {
      CLOUDFLARE_API_TOKEN: token.token,
      CLOUDFLARE_DEFAULT_ACCOUNT_ID: ACCOUNT,
      CLOUDFLARE_BASE_URL: cloudflare.url,
      BOWLINE_R2_ENDPOINT: r2.endpoint,
      PULUMI_DEBUG_PROVIDERS: `cloudflare:${plugin.port}`,
      PULUMI_HOME: join(folder, "pulumi"),
      XDG_DATA_HOME: folder,
      AWS_REGION: "",
      PATH: [join(process.env.BOWLINE_PULUMI_ROOT ?? "", "bin"), process.env.PATH].join(delimiter),
    };
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const said: string[] = [];
    await prove({
      proof: proofs.cloudflare,
      env: { ...process.env, NODE_OPTIONS: "" },
      say: (line) => said.push(line),
      signal: new AbortController().signal,
      empty: emptyR2,
      async fetch(input, init) {
        const { hostname, pathname, search } = new URL(String(input));
        const here = await workersClient(host.access).url(hostname.split(".")[0] ?? "");
        return fetch(new URL(pathname + search, here), init);
      },
    });
    // The bucket, the namespace, the database, the queue and three Workers; what is part of these is not asked for.
    expect(said.at(-1)).toMatch(/7 of \d+ resources were seen to be there, and none is left/);
    const client = new S3Client({
      endpoint: r2.endpoint,
      region: r2.region,
      credentials: r2.credentials,
      forcePathStyle: true,
    });
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: "bowline-state" }));
    expect(Contents.filter(({ Key }) => Key?.includes("bowline-proof"))).toEqual([]);
  } finally {
    plugin.close();
    await host.stop();
    await cloudflare[Symbol.asyncDispose]();
    await r2.stop();
    await rm(folder, { recursive: true, force: true });
  }
}, 600_000);
