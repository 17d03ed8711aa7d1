import {
  DescribeRuleCommand,
  EventBridgeClient,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
} from "@aws-sdk/client-eventbridge";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../testing.ts";

let aws: LocalAws;
let events: EventBridgeClient;
beforeAll(async () => {
  aws = await startLocalAws();
  events = aws.client(EventBridgeClient);
});
afterAll(() => aws?.[Symbol.asyncDispose]());

async function queueArn(name: string): Promise<string> {
  const queue = aws.resource("aws:sqs/queue:Queue", name);
  await queue.up({});
  return String(queue.outputs.arn);
}

test("a bus, a rule on it and its target are made, changed and removed", async () => {
  const bus = aws.resource("aws:cloudwatch/eventBus:EventBus", "Orders");
  const preview = await bus.preview({});
  expect(await bus.up({ tags: { a: "1" } })).toBe("create");
  expect(bus.outputs.arn).toBe(`arn:aws:events:us-east-1:000000000000:event-bus/${bus.id}`);
  expect(preview.arn).toBe(bus.outputs.arn);
  expect(await bus.up({ tags: { b: "1" } })).toBe("update");
  const { Tags } = await events.send(
    new ListTagsForResourceCommand({ ResourceARN: String(bus.outputs.arn) }),
  );
  expect(Tags).toEqual([{ Key: "b", Value: "1" }]);
  await bus.createAgain({});

  const rule = aws.resource("aws:cloudwatch/eventRule:EventRule", "Paid");
  const pattern = (kind: string) => JSON.stringify({ "detail-type": [kind] });
  expect(await rule.up({ eventBusName: bus.id, eventPattern: pattern("paid") })).toBe("create");
  expect(rule.outputs).toMatchObject({
    arn: `arn:aws:events:us-east-1:000000000000:rule/${bus.id}/${rule.outputs.name}`,
    state: "ENABLED",
  });
  expect(rule.id).toBe(`${bus.id}/${rule.outputs.name}`);
  expect(await rule.up({ eventBusName: bus.id, eventPattern: pattern("sent"), state: "DISABLED" })).toBe(
    "update",
  );
  const found = await events.send(
    new DescribeRuleCommand({ Name: String(rule.outputs.name), EventBusName: bus.id }),
  );
  expect(found).toMatchObject({ EventPattern: pattern("sent"), State: "DISABLED" });

  const target = aws.resource("aws:cloudwatch/eventTarget:EventTarget", "Paid");
  const inputs = { rule: String(rule.outputs.name), eventBusName: bus.id, arn: await queueArn("Paid") };
  expect(await target.up(inputs)).toBe("create");
  expect(await target.up({ ...inputs, input: '{"a":1}' })).toBe("update");
  const targets = await events.send(
    new ListTargetsByRuleCommand({ Rule: inputs.rule, EventBusName: bus.id }),
  );
  expect(targets.Targets).toMatchObject([{ Arn: inputs.arn, Input: '{"a":1}', Id: target.outputs.targetId }]);
  await target.createAgain(inputs);
  await target.delete();
  expect(await target.refresh()).toBe(false);
  await rule.delete();
  expect(await rule.refresh()).toBe(false);
  await bus.delete();
  expect(await bus.refresh()).toBe(false);
  for (const resource of [target, rule, bus]) await resource.delete();
});

test("a rule by the clock lives on the default bus, and takes its targets with it when forced", async () => {
  const rule = aws.resource("aws:cloudwatch/eventRule:EventRule", "Nightly");
  await rule.up({ scheduleExpression: "rate(1 day)", forceDestroy: true });
  expect(rule.id).toBe(rule.outputs.name);
  await aws
    .resource("aws:cloudwatch/eventTarget:EventTarget", "Nightly")
    .up({ rule: rule.id, arn: await queueArn("Nightly") });
  await rule.delete();
  expect(await rule.refresh()).toBe(false);
});

test("a rule that would never fire is refused", async () => {
  await expect(aws.resource("aws:cloudwatch/eventRule:EventRule", "Never").up({})).rejects.toThrow(
    '"eventPattern" or a "scheduleExpression"',
  );
});
