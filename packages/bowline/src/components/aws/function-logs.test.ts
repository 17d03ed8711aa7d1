import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { expect, test, vi } from "vitest";
import { Function as LambdaFunction } from "./index.ts";
import { startTestApp, type TestApp } from "./testing.ts";

const files = { "src/api.ts": `export const handler = async () => console.log("a line for later");` };

function clients({ cloud: { endpoint, region, credentials } }: TestApp) {
  const logs = new CloudWatchLogsClient({ endpoint, region, credentials });
  const groups = async () =>
    ((await logs.send(new DescribeLogGroupsCommand({}))).logGroups ?? []).map(
      ({ logGroupName = "", retentionInDays }) => ({ name: logGroupName, retentionInDays }),
    );
  return { logs, groups, lambda: new LambdaClient({ endpoint, region, credentials }) };
}

test("a function logs into a group of its own, which is kept for a month and gone with it", async () => {
  await using app = await startTestApp(files);
  const { logs, groups, lambda } = clients(app);
  const { outputs } = await app.deploy(() => {
    const api = new LambdaFunction("Api", { handler: "src/api.handler" });
    const seldom = new LambdaFunction("Seldom", {
      handler: "src/api.handler",
      logging: { retention: "forever", format: "json" },
    });
    return { api: api.name, seldom: seldom.name };
  });
  const [api, seldom] = await groups();
  expect(api).toEqual({ name: expect.stringMatching(/^\/aws\/lambda\/shop-test-Api-/), retentionInDays: 30 });
  expect(seldom).toEqual({ name: expect.stringMatching(/^\/aws\/lambda\/shop-test-Seldom-/) });

  await lambda.send(new InvokeCommand({ FunctionName: String(outputs.api) }));
  await vi.waitFor(async () => {
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: api?.name }));
    expect(events.map(({ message }) => message).join()).toContain("a line for later");
  }, 10_000);

  await app.deploy(() => ({}));
  expect(await groups()).toEqual([]);
});

test("logs go where the user says, or nowhere", async () => {
  await using app = await startTestApp(files);
  const { groups, lambda } = clients(app);
  const { outputs } = await app.deploy(() => {
    const mine = new LambdaFunction("Mine", { handler: "src/api.handler", logging: { logGroup: "/my/own" } });
    const mute = new LambdaFunction("Mute", { handler: "src/api.handler", logging: false });
    return { mine: mine.name, mute: mute.name };
  });
  for (const name of ["mute", "mine"]) {
    await lambda.send(new InvokeCommand({ FunctionName: String(outputs[name]) }));
  }
  await vi.waitFor(async () => expect((await groups()).map(({ name }) => name)).toEqual(["/my/own"]), 10_000);
});

test("a time that CloudWatch does not know is refused", async () => {
  await using app = await startTestApp(files);
  const logging = { retention: "4 days" } as never;
  const deploying = app.deploy(() => void new LambdaFunction("Api", { handler: "src/api.handler", logging }));
  await expect(deploying).rejects.toThrow('Api: logging.retention is "4 days"');
});
