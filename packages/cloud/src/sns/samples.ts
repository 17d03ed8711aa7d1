/** Sample calls of SNS's operations. */
import * as sdk from "@aws-sdk/client-sns";
import type { PolicyStatement } from "../iam/policy.ts";
import { type SampleCall, sampleCalls } from "../samples.ts";

interface Fixture {
  readonly unique: string;
  readonly arn: string;
  readonly SubscriptionArn: string;
  readonly endpoint: string;
}

type Sample = SampleCall<sdk.SNSClient, Fixture>;

function only(action: string, resource: string): PolicyStatement {
  return { Effect: "Allow", Action: `sns:${action}`, Resource: resource };
}

function onTopic(action: string, call: Sample["call"]): Sample {
  return { call, allow: ({ arn }) => [only(action, arn)] };
}

function onAnything(action: string, call: Sample["call"]): Sample {
  return { call, allow: () => [only(action, "*")] };
}

export const samples = sampleCalls<sdk.SNSClient, Fixture>({
  service: "sns",
  client: (test, credentials) => test.client(sdk.SNSClient, credentials),
  async prepare(test, unique) {
    const sns = test.client(sdk.SNSClient);
    const { TopicArn: arn = "" } = await sns.send(
      new sdk.CreateTopicCommand({ Name: unique, Tags: [{ Key: "team", Value: "red" }] }),
    );
    const endpoint = `arn:aws:sqs:us-east-1:000000000000:${unique}`;
    const { SubscriptionArn = "" } = await sns.send(
      new sdk.SubscribeCommand({ TopicArn: arn, Protocol: "sqs", Endpoint: `${endpoint}-old` }),
    );
    return { unique, arn, SubscriptionArn, endpoint };
  },
  calls: {
    CreateTopic: {
      call: (sns, { unique }) =>
        sns.send(new sdk.CreateTopicCommand({ Name: `${unique}-new`, Tags: [{ Key: "a", Value: "b" }] })),
      allow: ({ arn }) => [only("CreateTopic", `${arn}-new`), only("TagResource", `${arn}-new`)],
    },
    DeleteTopic: onTopic("DeleteTopic", (sns, { arn: TopicArn }) =>
      sns.send(new sdk.DeleteTopicCommand({ TopicArn })),
    ),
    ListTopics: onAnything("ListTopics", (sns) => sns.send(new sdk.ListTopicsCommand({}))),
    GetTopicAttributes: onTopic("GetTopicAttributes", (sns, { arn: TopicArn }) =>
      sns.send(new sdk.GetTopicAttributesCommand({ TopicArn })),
    ),
    SetTopicAttributes: onTopic("SetTopicAttributes", (sns, { arn: TopicArn }) =>
      sns.send(
        new sdk.SetTopicAttributesCommand({ TopicArn, AttributeName: "DisplayName", AttributeValue: "x" }),
      ),
    ),
    AddPermission: onTopic("AddPermission", (sns, { arn: TopicArn }) =>
      sns.send(
        new sdk.AddPermissionCommand({
          TopicArn,
          Label: "l",
          AWSAccountId: ["111111111111"],
          ActionName: ["Publish"],
        }),
      ),
    ),
    RemovePermission: onTopic("RemovePermission", (sns, { arn: TopicArn }) =>
      sns.send(new sdk.RemovePermissionCommand({ TopicArn, Label: "l" })),
    ),
    TagResource: {
      call: (sns, { arn: ResourceArn }) =>
        sns.send(new sdk.TagResourceCommand({ ResourceArn, Tags: [{ Key: "cost", Value: "low" }] })),
      allow: ({ arn }) => [
        { ...only("TagResource", arn), Condition: { StringEquals: { "aws:RequestTag/cost": "low" } } },
      ],
    },
    UntagResource: onTopic("UntagResource", (sns, { arn: ResourceArn }) =>
      sns.send(new sdk.UntagResourceCommand({ ResourceArn, TagKeys: ["team"] })),
    ),
    ListTagsForResource: onTopic("ListTagsForResource", (sns, { arn: ResourceArn }) =>
      sns.send(new sdk.ListTagsForResourceCommand({ ResourceArn })),
    ),
    Publish: onTopic("Publish", (sns, { arn: TopicArn }) =>
      sns.send(new sdk.PublishCommand({ TopicArn, Message: "x" })),
    ),
    PublishBatch: onTopic("Publish", (sns, { arn: TopicArn }) =>
      sns.send(
        new sdk.PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: [{ Id: "a", Message: "x" }] }),
      ),
    ),
    Subscribe: {
      call: (sns, { arn: TopicArn, endpoint: Endpoint }) =>
        sns.send(new sdk.SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint })),
      allow: ({ arn, endpoint }) => [
        {
          ...only("Subscribe", arn),
          Condition: { StringEquals: { "sns:Protocol": "sqs", "sns:Endpoint": endpoint } },
        },
      ],
    },
    ConfirmSubscription: {
      ...onTopic("ConfirmSubscription", (sns, { arn: TopicArn }) =>
        sns.send(new sdk.ConfirmSubscriptionCommand({ TopicArn, Token: "no such token" })),
      ),
      endsIn: "InvalidParameterException",
    },
    Unsubscribe: onAnything("Unsubscribe", (sns, { SubscriptionArn }) =>
      sns.send(new sdk.UnsubscribeCommand({ SubscriptionArn })),
    ),
    ListSubscriptions: onAnything("ListSubscriptions", (sns) =>
      sns.send(new sdk.ListSubscriptionsCommand({})),
    ),
    ListSubscriptionsByTopic: onTopic("ListSubscriptionsByTopic", (sns, { arn: TopicArn }) =>
      sns.send(new sdk.ListSubscriptionsByTopicCommand({ TopicArn })),
    ),
    GetSubscriptionAttributes: onAnything("GetSubscriptionAttributes", (sns, { SubscriptionArn }) =>
      sns.send(new sdk.GetSubscriptionAttributesCommand({ SubscriptionArn })),
    ),
    SetSubscriptionAttributes: onAnything("SetSubscriptionAttributes", (sns, { SubscriptionArn }) =>
      sns.send(
        new sdk.SetSubscriptionAttributesCommand({
          SubscriptionArn,
          AttributeName: "RawMessageDelivery",
          AttributeValue: "true",
        }),
      ),
    ),
  },
});
