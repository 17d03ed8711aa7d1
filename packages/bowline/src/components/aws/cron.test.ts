import {
  DescribeRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
} from "@aws-sdk/client-eventbridge";
import { expect, test } from "vitest";
import { Cron } from "./index.ts";
import { startTestApp } from "./testing.ts";

const files = { "src/log.ts": "export const handler = async () => {};" };

test("a cron is a rule that calls its function with what it is told", async () => {
  await using app = await startTestApp(files);
  const { outputs } = await app.deploy(() => {
    const cron = new Cron("Nightly", {
      schedule: "cron(0 3 * * ? *)",
      function: "src/log.handler",
      event: { full: true },
      enabled: false,
    });
    return { rule: cron.nodes.rule.name, function: cron.nodes.function.arn };
  });
  const { endpoint, region, credentials } = app.cloud;
  const events = new EventBridgeClient({ endpoint, region, credentials });
  const rule = await events.send(new DescribeRuleCommand({ Name: String(outputs.rule) }));
  expect(rule).toMatchObject({ ScheduleExpression: "cron(0 3 * * ? *)", State: "DISABLED" });
  const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: String(outputs.rule) }));
  expect(Targets).toMatchObject([{ Arn: outputs.function, Input: '{"full":true}' }]);
});

test("a schedule that is none is refused", async () => {
  await using app = await startTestApp(files);
  await expect(
    app.deploy(() => {
      new Cron("Nightly", { schedule: "0 3 * * *", function: "src/log.handler" });
      return {};
    }),
  ).rejects.toThrow('the schedule is "0 3 * * *"');
});
