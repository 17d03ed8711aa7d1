import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { AddPermissionCommand } from "@aws-sdk/client-lambda";
import * as sdk from "@aws-sdk/client-secrets-manager";
import { afterAll, expect, test } from "vitest";
import { type LambdaCloud, startLambdaCloud } from "../lambda/testing.ts";

const cloud: LambdaCloud = await startLambdaCloud();
afterAll(() => cloud[Symbol.asyncDispose]());
const secrets = () => cloud.client(sdk.SecretsManagerClient);

/** Prints each step it is called for; fails at the one named in its environment. */
const rotator = {
  "index.mjs": `export const handler = async ({ Step, SecretId, ClientRequestToken }) => {
    console.log("step", Step, SecretId, ClientRequestToken);
    if (Step === process.env.FAILS) throw new Error("no");
  }`,
};

async function rotating(more: object = {}) {
  const name = await cloud.create(rotator, more);
  const functionArn = `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
  const { ARN = "" } = await secrets().send(
    new sdk.CreateSecretCommand({ Name: `for-${name}`, SecretString: "one" }),
  );
  const allow = () =>
    cloud.lambda.send(
      new AddPermissionCommand({
        FunctionName: name,
        StatementId: "rotation",
        Action: "lambda:InvokeFunction",
        Principal: "secretsmanager.amazonaws.com",
        SourceArn: ARN,
      }),
    );
  const rotate = (input: object = {}) =>
    secrets().send(new sdk.RotateSecretCommand({ SecretId: ARN, RotationLambdaARN: functionArn, ...input }));
  const called = (step: string) =>
    cloud.event(
      (event) =>
        event.type === "function.log" && event.functionName === name && event.line.includes(`step ${step}`),
    );
  const steps = () =>
    cloud.events.flatMap((event) =>
      event.type === "function.log" && event.functionName === name
        ? (/step (\w+)/.exec(event.line)?.[1] ?? [])
        : [],
    );
  return { ARN, name, allow, rotate, called, steps };
}
const describeSecret = (SecretId: string) => secrets().send(new sdk.DescribeSecretCommand({ SecretId }));

test("the function is called for each of the four steps, with the version to make", async () => {
  const { ARN, allow, rotate, called, steps } = await rotating();
  await allow();
  const { VersionId = "" } = await rotate({ RotationRules: { AutomaticallyAfterDays: 30 } });
  const { line } = (await called("createSecret")) as { line: string };
  expect(line).toContain(`${ARN} ${VersionId}`);
  expect((await describeSecret(ARN)).VersionIdsToStages?.[VersionId]).toEqual(["AWSPENDING"]);
  await called("finishSecret");
  expect(steps()).toEqual(["createSecret", "setSecret", "testSecret", "finishSecret"]);
  await expect.poll(async () => (await describeSecret(ARN)).LastRotatedDate).toBeInstanceOf(Date);
  const { RotationEnabled, NextRotationDate } = await describeSecret(ARN);
  expect(RotationEnabled).toBe(true);
  expect(Number(NextRotationDate) - Date.now()).toBeGreaterThan(29 * 86_400_000);
  await secrets().send(new sdk.CancelRotateSecretCommand({ SecretId: ARN }));
  expect(await describeSecret(ARN)).toMatchObject({ RotationEnabled: false });
});

test("a step that fails ends it, and the secret stays what it was", async () => {
  const { ARN, allow, rotate, called, steps, name } = await rotating({
    Environment: { Variables: { FAILS: "setSecret" } },
  });
  await allow();
  await rotate();
  await called("setSecret");
  await cloud.event(
    (event) => event.type === "function.invocation" && event.functionName === name && !!event.error,
  );
  const answer = await secrets().send(new sdk.GetSecretValueCommand({ SecretId: ARN }));
  expect(answer.SecretString).toBe("one");
  expect(steps()).toEqual(["createSecret", "setSecret"]);
  expect((await describeSecret(ARN)).LastRotatedDate).toBeUndefined();
});

test("a function that does not let Secrets Manager in is not called", async () => {
  const { rotate, steps } = await rotating();
  await rotate();
  const refused = () =>
    cloud.cloud
      .audit({ decision: "deny" })
      .find(({ principal }) => principal === "secretsmanager.amazonaws.com");
  await expect.poll(refused).toMatchObject({ action: "lambda:InvokeFunction" });
  expect(steps()).toEqual([]);
});

test("a rotation that is due is carried out by itself", async () => {
  const { ARN, allow, rotate, called } = await rotating();
  await allow();
  await rotate({ RotateImmediately: false, RotationRules: { ScheduleExpression: "rate(10 days)" } });
  const { NextRotationDate } = await describeSecret(ARN);
  expect(Number(NextRotationDate) - Date.now()).toBeGreaterThan(9.9 * 86_400_000);
  await cloud.cloud.stop();
  const database = new DatabaseSync(join(cloud.dir, "secretsmanager.db"));
  const row = database.prepare("SELECT body FROM secret WHERE arn = ?").get(ARN);
  const secret = JSON.parse(String(row?.body));
  secret.rotation.next = Date.now();
  database.prepare("UPDATE secret SET body = ? WHERE arn = ?").run(JSON.stringify(secret), ARN);
  database.close();
  await cloud.restart();
  await called("finishSecret");
  await expect.poll(async () => (await describeSecret(ARN)).LastRotatedDate).toBeInstanceOf(Date);
});

test("a rule or a secret without a function is refused", async () => {
  const { rotate, ARN } = await rotating();
  const bad = { name: "InvalidParameterException" };
  const both = { AutomaticallyAfterDays: 1, ScheduleExpression: "rate(1 day)" };
  await expect(rotate({ RotationRules: both })).rejects.toMatchObject(bad);
  await expect(rotate({ RotationRules: { ScheduleExpression: "daily" } })).rejects.toMatchObject(bad);
  const without = new sdk.RotateSecretCommand({ SecretId: ARN });
  await expect(secrets().send(without)).rejects.toMatchObject({ name: "InvalidRequestException" });
});
