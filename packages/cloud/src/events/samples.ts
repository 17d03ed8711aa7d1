/** Sample calls of EventBridge's operations. */
import * as sdk from "@aws-sdk/client-eventbridge";
import type { PolicyStatement } from "../iam/policy.ts";
import { type SampleCall, sampleCalls } from "../samples.ts";

interface Fixture {
  readonly unique: string;
  readonly bus: string;
  readonly busArn: string;
  readonly rule: string;
  readonly ruleArn: string;
  readonly bareRule: string;
}

const prefix = "arn:aws:events:us-east-1:000000000000";
const EventPattern = '{"source":["x"]}';
const queue = "arn:aws:sqs:us-east-1:000000000000:q";

type Client = sdk.EventBridgeClient;
type Sample = SampleCall<Client, Fixture>;

function only(action: string, resource: string): PolicyStatement {
  return { Effect: "Allow", Action: `events:${action}`, Resource: resource };
}
function onBus(action: string, call: Sample["call"]): Sample {
  return { call, allow: ({ busArn }) => [only(action, busArn)] };
}
function onRule(action: string, call: Sample["call"]): Sample {
  return { call, allow: ({ ruleArn }) => [only(action, ruleArn)] };
}
function onAnything(action: string, call: Sample["call"]): Sample {
  return { call, allow: () => [only(action, "*")] };
}

export const samples = sampleCalls<Client, Fixture>({
  service: "events",
  client: (test, credentials) => test.client(sdk.EventBridgeClient, credentials),
  async prepare(test, unique) {
    const client = test.client(sdk.EventBridgeClient);
    const bus = `bus-${unique}`;
    const rule = `rule-${unique}`;
    await client.send(new sdk.CreateEventBusCommand({ Name: bus }));
    await client.send(new sdk.CreateEventBusCommand({ Name: `${bus}-bare` }));
    await client.send(
      new sdk.PutPermissionCommand({
        EventBusName: bus,
        Action: "events:PutEvents",
        Principal: "111111111111",
        StatementId: "old",
      }),
    );
    for (const Name of [rule, `${rule}-bare`])
      await client.send(new sdk.PutRuleCommand({ Name, EventPattern }));
    await client.send(new sdk.PutTargetsCommand({ Rule: rule, Targets: [{ Id: "old", Arn: queue }] }));
    return {
      unique,
      bus,
      busArn: `${prefix}:event-bus/${bus}`,
      rule,
      ruleArn: `${prefix}:rule/${rule}`,
      bareRule: `${rule}-bare`,
    };
  },
  calls: {
    CreateEventBus: {
      call: (client, { bus }) => client.send(new sdk.CreateEventBusCommand({ Name: `${bus}-new` })),
      allow: ({ busArn }) => [only("CreateEventBus", `${busArn}-new`)],
    },
    UpdateEventBus: onBus("UpdateEventBus", (client, { bus: Name }) =>
      client.send(new sdk.UpdateEventBusCommand({ Name, Description: "x" })),
    ),
    DeleteEventBus: {
      call: (client, { bus }) => client.send(new sdk.DeleteEventBusCommand({ Name: `${bus}-bare` })),
      allow: ({ busArn }) => [only("DeleteEventBus", `${busArn}-bare`)],
    },
    DescribeEventBus: onBus("DescribeEventBus", (client, { bus: Name }) =>
      client.send(new sdk.DescribeEventBusCommand({ Name })),
    ),
    ListEventBuses: onAnything("ListEventBuses", (client) => client.send(new sdk.ListEventBusesCommand({}))),
    PutPermission: onBus("PutPermission", (client, { bus: EventBusName }) =>
      client.send(
        new sdk.PutPermissionCommand({
          EventBusName,
          Action: "events:PutEvents",
          Principal: "111111111111",
          StatementId: "new",
        }),
      ),
    ),
    RemovePermission: onBus("RemovePermission", (client, { bus: EventBusName }) =>
      client.send(new sdk.RemovePermissionCommand({ EventBusName, StatementId: "old" })),
    ),
    TagResource: onRule("TagResource", (client, { ruleArn: ResourceARN }) =>
      client.send(new sdk.TagResourceCommand({ ResourceARN, Tags: [{ Key: "a", Value: "b" }] })),
    ),
    UntagResource: onRule("UntagResource", (client, { ruleArn: ResourceARN }) =>
      client.send(new sdk.UntagResourceCommand({ ResourceARN, TagKeys: ["a"] })),
    ),
    ListTagsForResource: onRule("ListTagsForResource", (client, { ruleArn: ResourceARN }) =>
      client.send(new sdk.ListTagsForResourceCommand({ ResourceARN })),
    ),
    PutRule: {
      call: (client, { rule }) =>
        client.send(
          new sdk.PutRuleCommand({
            Name: `${rule}-new`,
            EventPattern,
            RoleArn: "arn:aws:iam::000000000000:role/r",
          }),
        ),
      allow: ({ ruleArn }) => [
        only("PutRule", `${ruleArn}-new`),
        {
          Effect: "Allow",
          Action: "iam:PassRole",
          Resource: "arn:aws:iam::000000000000:role/r",
          Condition: { StringEquals: { "iam:PassedToService": "events.amazonaws.com" } },
        },
      ],
    },
    DeleteRule: {
      call: (client, { bareRule: Name }) => client.send(new sdk.DeleteRuleCommand({ Name })),
      allow: ({ ruleArn }) => [only("DeleteRule", `${ruleArn}-bare`)],
    },
    DescribeRule: onRule("DescribeRule", (client, { rule: Name }) =>
      client.send(new sdk.DescribeRuleCommand({ Name })),
    ),
    EnableRule: onRule("EnableRule", (client, { rule: Name }) =>
      client.send(new sdk.EnableRuleCommand({ Name })),
    ),
    DisableRule: onRule("DisableRule", (client, { rule: Name }) =>
      client.send(new sdk.DisableRuleCommand({ Name })),
    ),
    ListRules: onAnything("ListRules", (client) => client.send(new sdk.ListRulesCommand({}))),
    ListRuleNamesByTarget: onAnything("ListRuleNamesByTarget", (client) =>
      client.send(new sdk.ListRuleNamesByTargetCommand({ TargetArn: queue })),
    ),
    PutTargets: onRule("PutTargets", (client, { rule: Rule }) =>
      client.send(new sdk.PutTargetsCommand({ Rule, Targets: [{ Id: "new", Arn: queue }] })),
    ),
    RemoveTargets: onRule("RemoveTargets", (client, { rule: Rule }) =>
      client.send(new sdk.RemoveTargetsCommand({ Rule, Ids: ["old"] })),
    ),
    ListTargetsByRule: onRule("ListTargetsByRule", (client, { rule: Rule }) =>
      client.send(new sdk.ListTargetsByRuleCommand({ Rule })),
    ),
    PutEvents: onBus("PutEvents", (client, { bus: EventBusName }) =>
      client.send(
        new sdk.PutEventsCommand({ Entries: [{ Source: "a", DetailType: "b", Detail: "{}", EventBusName }] }),
      ),
    ),
    TestEventPattern: onAnything("TestEventPattern", (client) =>
      client.send(new sdk.TestEventPatternCommand({ EventPattern, Event: '{"source":"x"}' })),
    ),
  },
});
