/** Who deploys to AWS, and what that person may: the policy of the documentation is enough, and less is told. */

import { readFileSync } from "node:fs";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { type ServedPlugin, servePlugin } from "@bowline/engine";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { appFolder, type Finished } from "../../cli/e2e/app-folder.ts";
import { type TestAccount, testAccount } from "../../cli/e2e/test-account.ts";
import { awsProvider } from "../../providers/index.ts";
import { comparedApps } from "../parity/apps.ts";

const DOCUMENTATION = new URL("../../../../../docs/real-clouds.md", import.meta.url);

const LITTLE = {
  "bowline.config.ts": `
    import { aws, defineConfig, Secret } from "bowline/config";
    export default defineConfig({
      app: ({ stage }) => ({
        name: "little", home: "aws", removal: "remove",
        aws: stage === "elsewhere" ? { accountId: "123456789012" } : {},
      }),
      run() { return { name: new aws.Queue("Jobs").url, hidden: new Secret("Hidden", "a placeholder").value }; },
    });`,
};

let account: TestAccount;
let plugin: ServedPlugin | undefined;

beforeEach(async () => {
  account = await testAccount();
});

afterEach(() => {
  plugin?.close();
  return account[Symbol.asyncDispose]();
});

/** The environment of somebody with this policy. */
async function deployer(policy: object, when?: number): Promise<NodeJS.ProcessEnv> {
  const { endpoint, region, credentials, assumeRole } = account.cloud;
  const iam = new IAMClient({ endpoint, region, credentials });
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }],
  });
  const RoleName = "deployer";
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  const PolicyDocument = JSON.stringify(policy);
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "all", PolicyDocument }));
  if (when !== undefined) vi.useFakeTimers({ toFake: ["Date"], now: when });
  const keys = assumeRole(Role?.Arn ?? "");
  vi.useRealTimers();
  // The account's own plugin is root's.
  plugin = await servePlugin(awsProvider({ ...account.cloud, credentials: keys }));
  return {
    ...account.env,
    PULUMI_DEBUG_PROVIDERS: `aws:${plugin.port}`,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_SESSION_TOKEN: keys.sessionToken,
  };
}

const everything = (...denied: string[]) => ({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Action: "*", Resource: "*" },
    { Effect: "Deny", Action: denied, Resource: "*" },
  ],
});

const summary = ({ events }: Finished) => events.at(-1) as Record<string, unknown>;
const problems = ({ events }: Finished) =>
  events.filter(({ type }) => type === "error").map(({ message }) => message);
const done = () =>
  account.cloud
    .audit({ decision: "allow" })
    .filter(({ principal }) => principal.includes("/deployer/"))
    .map(({ action }) => action);

test("every component is deployed, changed and removed with the documented policy, and is denied nothing", async () => {
  const { accountId, region } = account.cloud;
  const [, text = ""] =
    /<!-- deployer-policy -->\n```json\n([\s\S]*?)\n```/.exec(readFileSync(DOCUMENTATION, "utf8")) ?? [];
  const env = await deployer(JSON.parse(text.replaceAll("ACCOUNT", accountId).replaceAll("REGION", region)));
  const all = comparedApps().find(({ name }) => name === "every component");
  const config = all?.files["bowline.config.ts"]?.replace(
    '({ name: "all" })',
    '({ name: "all", home: "aws", removal: "remove" })',
  );
  await using app = appFolder({ ...all?.files, "bowline.config.ts": config ?? "" });
  const run = (...args: string[]) => app.start([...args, "--stage", "prod", "--json"], env).finished;
  for (const command of ["diff", "deploy", "diff", "outputs", "remove"]) {
    const finished = await run(command);
    expect(problems(finished)).toEqual([]);
    expect(summary(finished), command).toMatchObject({ ok: true });
  }
  const denied = account.cloud.audit({ decision: "deny" });
  expect(denied.filter(({ principal }) => principal.includes("/deployer/"))).toEqual([]);
}, 900_000);

test("a session that has ended is told, and nothing is asked", async () => {
  const env = await deployer(everything("iam:DeleteUser"), Date.now() - 48 * 3_600_000);
  await using app = appFolder(LITTLE);
  const failed = await app.start(["deploy", "--stage", "prod", "--json"], env).finished;
  expect(problems(failed)).toEqual(["The AWS credentials have expired."]);
  expect(failed.code).toBe(2);
  expect(done()).toEqual([]);
});

test.for([
  ["s3:CreateBucket", "create the state bucket"],
  ["ssm:PutParameter", "write the parameter /bowline/passphrase/little/prod"],
] as const)("without %s nothing of the app is made", async ([action, what]) => {
  const env = await deployer(everything(action));
  await using app = appFolder(LITTLE);
  const failed = await app.start(["deploy", "--stage", "prod", "--json"], env).finished;
  expect(problems(failed)).toEqual([
    expect.stringMatching(new RegExp(`may not ${what}.*: ${action} is denied`)),
  ]);
  expect(failed.code).toBe(2);
  expect(done().filter((taken) => taken.startsWith("sqs:"))).toEqual([]);
});

test("another account than the app's is refused", async () => {
  await using app = appFolder(LITTLE);
  const failed = await app.start(["deploy", "--stage", "elsewhere", "--json"], account.env).finished;
  expect(problems(failed)).toEqual([expect.stringContaining("this stage belongs to account 123456789012")]);
  expect(failed.code).toBe(2);
  expect(account.cloud.audit({ decision: "allow" })).toEqual([]);
});

test("two first deployments at once make the home once, and both end well", async () => {
  await using app = appFolder(LITTLE);
  await using other = appFolder(LITTLE);
  const deploy = (where: typeof app, stage: string) =>
    where.start(["deploy", "--stage", stage, "--json"], account.env).finished;
  const both = await Promise.all([deploy(app, "one"), deploy(other, "two")]);
  expect(both.map(problems)).toEqual([[], []]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(summary(await deploy(other, "one"))).toMatchObject({ ok: true });
}, 300_000);

test("of two first deployments of one stage at once, one ends well, and the other does or is told of it", async () => {
  await using app = appFolder(LITTLE);
  await using other = appFolder(LITTLE);
  const deploy = (where: typeof app) =>
    where.start(["deploy", "--stage", "one", "--json"], account.env).finished;
  const both = await Promise.all([deploy(app), deploy(other)]);
  const codes = both.map(({ code }) => code).sort();
  expect(codes[0]).toBe(0);
  expect([0, 4], both.flatMap(problems).join()).toContain(codes[1]);
  expect(summary(await deploy(other))).toMatchObject({ ok: true, changes: { same: expect.any(Number) } });
  expect(problems(await app.start(["remove", "--stage", "one", "--json"], account.env).finished)).toEqual([]);
}, 300_000);
