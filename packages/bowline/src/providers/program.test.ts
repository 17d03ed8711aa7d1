/** Unmodified programs on `@pulumi/aws`, run by the local engine against the local cloud. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { destroy, type Program, preview, type Result, refresh, up } from "@bowline/engine";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "./testing.ts";

let aws: LocalAws;
let stateDir: string;
const secretsKey = randomBytes(32);
beforeEach(async () => {
  aws = await startLocalAws();
  stateDir = await mkdtemp(join(tmpdir(), "bowline-state-"));
});
afterEach(async () => {
  await aws?.[Symbol.asyncDispose]();
  await rm(stateDir, { recursive: true, force: true });
});

const options = () => ({
  project: "shop",
  stack: "test",
  stateDir,
  secretsKey,
  providers: [aws.provider],
  cwd: import.meta.dirname,
  config: { "aws:region": "us-east-1" },
});
const run = (program: Program) => up({ ...options(), program });
const problems = (result: Result) =>
  result.diagnostics.filter(({ severity }) => severity !== "info").map(({ message }) => message);

/** The SDK's packages are loaded within the program, as a user's program does. */
function shop(greeting: string): Program {
  return async () => {
    const pulumi = await import("@pulumi/pulumi");
    const { default: sdk } = await import("@pulumi/aws");
    const bucket = new sdk.s3.Bucket("Uploads", { forceDestroy: true });
    new sdk.s3.BucketPublicAccessBlock("Uploads", { bucket: bucket.id, blockPublicAcls: true });
    const table = new sdk.dynamodb.Table("Orders", {
      attributes: [{ name: "id", type: "S" }],
      hashKey: "id",
      billingMode: "PAY_PER_REQUEST",
    });
    const trust = await sdk.iam.getPolicyDocument({
      statements: [
        {
          actions: ["sts:AssumeRole"],
          principals: [{ type: "Service", identifiers: ["lambda.amazonaws.com"] }],
        },
      ],
    });
    const role = new sdk.iam.Role("Api", { assumeRolePolicy: trust.json });
    new sdk.iam.RolePolicy("Api", {
      role,
      policy: {
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Action: ["s3:GetObject"], Resource: pulumi.interpolate`${bucket.arn}/*` },
          { Effect: "Allow", Action: ["dynamodb:GetItem"], Resource: table.arn },
        ],
      },
    });
    const fn = new sdk.lambda.Function("Api", {
      role: role.arn,
      runtime: "nodejs22.x",
      handler: "index.handler",
      code: new pulumi.asset.AssetArchive({
        "index.mjs": new pulumi.asset.StringAsset(
          `export const handler = async () => process.env.TABLE + ${JSON.stringify(greeting)};`,
        ),
      }),
      environment: { variables: { TABLE: table.name } },
    });
    new sdk.cloudwatch.LogGroup("Api", {
      name: pulumi.interpolate`/aws/lambda/${fn.name}`,
      retentionInDays: 30,
    });
    const url = new sdk.lambda.FunctionUrl("Api", { functionName: fn.name, authorizationType: "NONE" });
    const { region } = await sdk.getRegion();
    return { url: url.functionUrl, table: table.name, bucket: bucket.bucketRegionalDomainName, region };
  };
}

describe("a shop", () => {
  test("is previewed, created, found the same, changed and destroyed", async () => {
    const planned = await preview({ ...options(), program: shop("hi") });
    expect(problems(planned)).toEqual([]);
    expect(planned.ok).toBe(true);
    expect(planned.outputs.bucket).toMatch(/^shop-test-uploads-/);

    const created = await run(shop("hi"));
    expect(problems(created)).toEqual([]);
    expect(created.ok).toBe(true);
    expect(created.outputs).toMatchObject({
      region: "us-east-1",
      table: expect.stringMatching(/^shop-test-Orders-/),
    });
    expect(planned.outputs.bucket).toBe(created.outputs.bucket);
    expect(await (await fetch(String(created.outputs.url))).text()).toBe(`${created.outputs.table}hi`);

    const again = await run(shop("hi"));
    expect(problems(again)).toEqual([]);
    expect(Object.keys(again.changes)).toEqual(["same"]);
    const read = await refresh(options());
    expect(problems(read)).toEqual([]);

    const changed = await run(shop("ho"));
    expect(problems(changed)).toEqual([]);
    expect(changed.changes).toMatchObject({ update: 1 });
    expect(await (await fetch(String(changed.outputs.url))).text()).toBe(`${created.outputs.table}ho`);

    const gone = await destroy(options());
    expect(problems(gone)).toEqual([]);
    expect(gone.ok).toBe(true);
  });

  test("is up to date after the cloud came back on another port, but for its URL", async () => {
    const first = await run(shop("hi"));
    expect(problems(first)).toEqual([]);
    await aws.move();
    const second = await run(shop("hi"));
    expect(problems(second)).toEqual([]);
    expect(second.changes).toMatchObject({ update: 1 });
    expect(second.outputs.url).not.toBe(first.outputs.url);
    expect(await (await fetch(String(second.outputs.url))).text()).toBe(`${first.outputs.table}hi`);
  });
});
