import * as events from "@aws-sdk/client-eventbridge";
import * as sqs from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud, type TestCloud } from "../testing.ts";

let test: TestCloud;
let bridge: events.EventBridgeClient;
let queues: sqs.SQSClient;
beforeAll(async () => {
  test = await startTestCloud();
  bridge = test.client(events.EventBridgeClient);
  queues = test.client(sqs.SQSClient);
});
afterAll(async () => test?.[Symbol.asyncDispose]());

let names = 0;
const prefix = "us-east-1:000000000000";

/** A queue that EventBridge may send to. */
async function queue(open = true) {
  const QueueName = `queue-${++names}`;
  const arn = `arn:aws:sqs:${prefix}:${QueueName}`;
  const statement = { Effect: "Allow", Action: "sqs:SendMessage", Resource: arn };
  const Policy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ ...statement, Principal: { Service: "events.amazonaws.com" } }],
  });
  const { QueueUrl = "" } = await queues.send(
    new sqs.CreateQueueCommand({ QueueName, Attributes: open ? { Policy } : {} }),
  );
  return { arn, url: QueueUrl };
}

async function next(QueueUrl: string): Promise<string | undefined> {
  const { Messages = [] } = await queues.send(
    new sqs.ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }),
  );
  await queues.send(new sqs.DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0]?.ReceiptHandle }));
  return Messages[0]?.Body;
}

/** A rule with one target. */
async function rule(pattern: object, target: Omit<events.Target, "Id">, EventBusName?: string) {
  const Name = `rule-${++names}`;
  await bridge.send(new events.PutRuleCommand({ Name, EventPattern: JSON.stringify(pattern), EventBusName }));
  const { FailedEntries } = await bridge.send(
    new events.PutTargetsCommand({ Rule: Name, EventBusName, Targets: [{ Id: "t", ...target }] }),
  );
  expect(FailedEntries).toEqual([]);
  return Name;
}

async function put(Source: string, detail: object, more: Partial<events.PutEventsRequestEntry> = {}) {
  return await bridge.send(
    new events.PutEventsCommand({
      Entries: [{ Source, DetailType: "thing", Detail: JSON.stringify(detail), ...more }],
    }),
  );
}

describe("a rule", () => {
  it("sends what matches its pattern, and only that", async () => {
    const { arn, url } = await queue();
    await rule({ source: ["shop"], detail: { price: [{ numeric: [">", 10] }] } }, { Arn: arn });
    await put("shop", { price: 5 });
    await put("bank", { price: 50 });
    const { Entries } = await put("shop", { price: 50 }, { Resources: ["r"], Time: new Date(1e12) });
    expect(JSON.parse((await next(url)) ?? "")).toEqual({
      version: "0",
      id: Entries?.[0]?.EventId,
      "detail-type": "thing",
      source: "shop",
      account: "000000000000",
      time: "2001-09-09T01:46:40Z",
      region: "us-east-1",
      resources: ["r"],
      detail: { price: 50 },
    });
  });

  it.each<[string, Omit<events.Target, "Id" | "Arn">, string]>([
    ["a constant", { Input: '{"always":1}' }, '{"always":1}'],
    ["a part", { InputPath: "$.detail.items[1].id" }, '"b"'],
    [
      "a text",
      {
        InputTransformer: {
          InputPathsMap: { name: "$.detail.name", items: "$.detail.items[*].id", none: "$.detail.none" },
          InputTemplate:
            '{"hello": "dear <name>", "ids": <items>, "none": <none>, "rule": "<aws.events.rule-name>"}',
        },
      },
      '{"hello": "dear \\"A\\"", "ids": ["a","b"], "none": null, "rule": "RULE"}',
    ],
  ])("can make %s of the event", async (_what, target, expected) => {
    const { arn, url } = await queue();
    const source = `source-${++names}`;
    const name = await rule({ source: [source] }, { Arn: arn, ...target });
    await put(source, { name: '"A"', items: [{ id: "a" }, { id: "b" }] });
    expect(await next(url)).toBe(expected.replace("RULE", name));
  });

  it("gives up what its target does not let in, to the dead letter queue", async () => {
    const closed = await queue(false);
    const dead = await queue();
    const name = await rule(
      { source: ["refused"] },
      { Arn: closed.arn, Input: '"x"', DeadLetterConfig: { Arn: dead.arn } },
    );
    await put("refused", {});
    const { Messages } = await queues.send(
      new sqs.ReceiveMessageCommand({
        QueueUrl: dead.url,
        WaitTimeSeconds: 10,
        MessageAttributeNames: ["All"],
      }),
    );
    expect(Messages).toMatchObject([
      {
        Body: '"x"',
        MessageAttributes: {
          RULE_ARN: { StringValue: `arn:aws:events:${prefix}:rule/${name}` },
          ERROR_CODE: { StringValue: "AccessDenied" },
        },
      },
    ]);
  });

  it("is quiet while disabled", async () => {
    const { arn, url } = await queue();
    const Name = await rule({ source: ["switch"] }, { Arn: arn, InputPath: "$.detail.n" });
    await bridge.send(new events.DisableRuleCommand({ Name }));
    await put("switch", { n: 1 });
    await bridge.send(new events.EnableRuleCommand({ Name }));
    await put("switch", { n: 2 });
    expect(await next(url)).toBe("2");
  });

  it("must make sense", async () => {
    const attempt = (EventPattern: string) =>
      bridge.send(new events.PutRuleCommand({ Name: "bad", EventPattern }));
    await expect(attempt("{")).rejects.toMatchObject({ name: "InvalidEventPatternException" });
    await expect(attempt('{"source":"shop"}')).rejects.toThrow(/must be an object or an array/);
    await expect(
      bridge.send(new events.PutRuleCommand({ Name: "bad", ScheduleExpression: "rate(1 minutes)" })),
    ).rejects.toMatchObject({ name: "ValidationException" });
    await expect(
      bridge.send(new events.PutTargetsCommand({ Rule: "none", Targets: [] })),
    ).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  it("keeps its targets until they are removed", async () => {
    const { arn } = await queue();
    const Name = await rule({ source: ["x"] }, { Arn: arn });
    expect(
      (await bridge.send(new events.ListRuleNamesByTargetCommand({ TargetArn: arn }))).RuleNames,
    ).toEqual([Name]);
    await expect(bridge.send(new events.DeleteRuleCommand({ Name }))).rejects.toThrow(/has targets/);
    const Arn = `arn:aws:states:${prefix}:stateMachine:x`;
    const { FailedEntries } = await bridge.send(
      new events.PutTargetsCommand({ Rule: Name, Targets: [{ Id: "s", Arn }] }),
    );
    expect(FailedEntries).toMatchObject([{ TargetId: "s", ErrorCode: "NotImplemented" }]);
    await bridge.send(new events.RemoveTargetsCommand({ Rule: Name, Ids: ["t"] }));
    await bridge.send(new events.DeleteRuleCommand({ Name }));
  });
});

it("passes events from bus to bus by a role", async () => {
  const { arn, url } = await queue();
  const { EventBusArn = "" } = await bridge.send(new events.CreateEventBusCommand({ Name: "orders" }));
  await rule({ source: ["relay"] }, { Arn: arn, InputPath: "$.detail" }, "orders");
  const { roleArn } = await test.roleWith([
    { Effect: "Allow", Action: "events:PutEvents", Resource: EventBusArn },
  ]);
  await rule({ source: ["relay"] }, { Arn: EventBusArn, RoleArn: roleArn });
  await put("relay", { n: 1 });
  expect(await next(url)).toBe('{"n":1}');
});

it("keeps a schedule", async () => {
  const { arn } = await queue();
  await bridge.send(new events.PutRuleCommand({ Name: "tick", ScheduleExpression: "rate(1 minute)" }));
  await bridge.send(new events.PutTargetsCommand({ Rule: "tick", Targets: [{ Id: "t", Arn: arn }] }));
  const { ScheduleExpression, State } = await bridge.send(new events.DescribeRuleCommand({ Name: "tick" }));
  expect({ ScheduleExpression, State }).toEqual({ ScheduleExpression: "rate(1 minute)", State: "ENABLED" });
});

it("refuses events that are none, one by one", async () => {
  const { Entries, FailedEntryCount } = await bridge.send(
    new events.PutEventsCommand({
      Entries: [
        { Source: "a", DetailType: "b", Detail: "{}" },
        { Source: "a", DetailType: "b", Detail: "no json" },
        { Source: "aws.s3", DetailType: "b", Detail: "{}" },
        { DetailType: "b", Detail: "{}" },
      ],
    }),
  );
  expect(FailedEntryCount).toBe(3);
  expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
    undefined,
    "MalformedDetail",
    "NotAuthorizedForSourceException",
    "InvalidArgument",
  ]);
});

it("lets a bus's own policy decide who may put events", async () => {
  await bridge.send(new events.CreateEventBusCommand({ Name: "open" }));
  const { roleArn, ...credentials } = await test.roleWith([]);
  const other = test.client(events.EventBridgeClient, credentials);
  const attempt = () =>
    other.send(
      new events.PutEventsCommand({
        Entries: [{ Source: "a", DetailType: "b", Detail: "{}", EventBusName: "open" }],
      }),
    );
  await expect(attempt()).rejects.toMatchObject({ name: "AccessDeniedException" });
  const Policy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "s",
        Effect: "Allow",
        Principal: { AWS: roleArn },
        Action: "events:PutEvents",
        Resource: `arn:aws:events:${prefix}:event-bus/open`,
      },
    ],
  });
  await bridge.send(new events.PutPermissionCommand({ EventBusName: "open", Policy }));
  await attempt();
});

it("keeps buses, rules and targets through a restart", async () => {
  await using own = await startTestCloud();
  const client = own.client(events.EventBridgeClient);
  await client.send(new events.CreateEventBusCommand({ Name: "b" }));
  await client.send(
    new events.PutRuleCommand({ Name: "r", EventBusName: "b", EventPattern: '{"source":["x"]}' }),
  );
  await client.send(
    new events.PutTargetsCommand({
      Rule: "r",
      EventBusName: "b",
      Targets: [{ Id: "t", Arn: `arn:aws:sqs:${prefix}:q` }],
    }),
  );
  await own.restart();
  const { Targets } = await client.send(
    new events.ListTargetsByRuleCommand({ Rule: "r", EventBusName: "b" }),
  );
  expect(Targets).toMatchObject([{ Id: "t" }]);
});
