import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCloud } from "@bowline/cloud";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openCloudflare } from "./cloudflare-account.ts";
import { openCloudflareHome } from "./cloudflare-home.ts";
import {
  ACCOUNT,
  type FakeCloudflare,
  type FakeToken,
  fakeCloudflare,
  knowToken,
} from "./fake-cloudflare.ts";

const GOOD: FakeToken = { token: "good", id: "a".repeat(32), accounts: [{ id: ACCOUNT, name: "Harbour" }] };
const OTHER = "0e".repeat(16);
let cloudflare: FakeCloudflare;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bowline-r2-"));
  cloudflare = await fakeCloudflare([
    GOOD,
    { token: "quiet", id: "b".repeat(32) },
    { token: "owned", id: "c".repeat(32), of: "account" },
    { token: "old", id: "d".repeat(32), status: "expired" },
    { token: "elsewhere", id: "e".repeat(32), accounts: [{ id: OTHER, name: "Lighthouse" }] },
  ]);
});

afterAll(async () => {
  await cloudflare[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const env = (token: string) => ({
  CLOUDFLARE_API_TOKEN: token,
  CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
  CLOUDFLARE_BASE_URL: cloudflare.url,
  XDG_DATA_HOME: folder,
});

test("tokens of users and of the account itself are R2's keys", async () => {
  for (const [token, id] of [
    ["good", "a"],
    ["quiet", "b"],
    ["owned", "c"],
  ] as const) {
    expect(await openCloudflare({}, env(token))).toMatchObject({
      accountId: ACCOUNT,
      keys: { accessKeyId: id.repeat(32), secretAccessKey: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  }
});

test.for([
  ["no token", {}, { CLOUDFLARE_API_TOKEN: "" }, "no-credentials", 2, /^There is no token/],
  ["no account", {}, { CLOUDFLARE_ACCOUNT_ID: "" }, "no-account", 2, /which Cloudflare account to use/],
  ["no id", { accountId: "shop" }, {}, "no-account", 2, /^"shop" is no id/],
  ["a wrong token", {}, { CLOUDFLARE_API_TOKEN: "x" }, "bad-credentials", 2, /401: Invalid API Token/],
  ["an expired token", {}, { CLOUDFLARE_API_TOKEN: "old" }, "expired-credentials", 2, /expired/],
  [
    "a token of another account",
    {},
    { CLOUDFLARE_API_TOKEN: "elsewhere" },
    "wrong-account",
    2,
    new RegExp(`for account ${OTHER} \\(Lighthouse\\), and this stage belongs to account ${ACCOUNT}`),
  ],
  ["no network", {}, { CLOUDFLARE_BASE_URL: "http://127.0.0.1:9" }, "no-network", 1, /^Cloudflare cannot/],
] as const)("%s is one clear message", async ([, settings, given, code, exitCode, message]) => {
  await expect(openCloudflare(settings, { ...env("good"), ...given })).rejects.toMatchObject({
    code,
    exitCode,
    message: expect.stringMatching(message),
  });
});

test("the home is a bucket of R2, made once, with a passphrase for each stage", async () => {
  const dir = join(folder, "r2");
  knowToken(dir, GOOD);
  const r2 = await startCloud({ dir });
  try {
    const where = { ...env("good"), BOWLINE_R2_ENDPOINT: r2.endpoint };
    const account = await openCloudflare({}, where);
    const said: string[] = [];
    const open = (stage: string, more: Record<string, string> = {}) =>
      openCloudflareHome(account, {
        name: "shop",
        stage,
        env: { ...where, ...more },
        progress: (message) => said.push(message),
      });
    const homes = await Promise.all([open("prod"), open("prod"), open("test")]);
    const again = await open("prod");
    const [first, beside, other] = homes.map(({ passphrase }) => passphrase);
    expect(said.every((message) => message.startsWith("Creating the bucket bowline-state"))).toBe(true);
    expect([beside, again.passphrase]).toEqual([first, first]);
    expect(other).not.toBe(first);
    expect(again.url).toMatch(/^s3:\/\/bowline-state\?region=us-east-1&endpoint=/);
    const profile = readFileSync(again.env.AWS_SHARED_CREDENTIALS_FILE ?? "", "utf8");
    expect(profile).not.toContain(account.keys.secretAccessKey);

    const given = "a passphrase out of a vault";
    expect(await open("vault", { BOWLINE_PASSPHRASE: given })).toMatchObject({ passphrase: given });
    await expect(open("prod", { BOWLINE_PASSPHRASE: given })).rejects.toMatchObject({
      code: "bad-key",
      exitCode: 2,
    });
    await expect(open("vault", { BOWLINE_PASSPHRASE: "short" })).rejects.toThrow("has 5 characters");
  } finally {
    await r2.stop();
  }
});

test("a token that may not use R2 is told so, with the permission it needs", async () => {
  const dir = join(folder, "closed");
  knowToken(dir, { token: "somebody else's", id: "9".repeat(32) });
  const r2 = await startCloud({ dir });
  try {
    const where = { ...env("good"), BOWLINE_R2_ENDPOINT: r2.endpoint };
    const account = await openCloudflare({}, where);
    const options = {
      name: "shop",
      stage: "prod",
      env: where,
      progress: () => expect.fail("nothing is made"),
    };
    await expect(openCloudflareHome(account, options)).rejects.toMatchObject({
      code: "no-permission",
      exitCode: 2,
      message: expect.stringContaining("may not read the R2 bucket bowline-state"),
      hint: expect.stringContaining('"Workers R2 Storage: Edit"'),
    });
  } finally {
    await r2.stop();
  }
});
