/** The operations on topics. */

import { notImplemented } from "../error.ts";
import type { PolicyDocument, PolicyStatement } from "../iam/policy.ts";
import { type Call, type Operation, operation } from "../service.ts";
import { checkTopicAttribute, defaultPolicy } from "./attributes.ts";
import { invalid } from "./errors.ts";
import { type Input, tags as readTags, requiredText, text, textMap, texts } from "./input.ts";
import type { Topic } from "./model.ts";
import { page } from "./page.ts";
import type { SnsState } from "./state.ts";

function tagContext(tags: Readonly<Record<string, string>>): Record<string, string | string[]> {
  const context: Record<string, string | string[]> = { "aws:TagKeys": Object.keys(tags) };
  for (const [key, value] of Object.entries(tags)) context[`aws:RequestTag/${key}`] = value;
  return context;
}

function arnOf(state: SnsState, name: string): string {
  return `arn:aws:sns:${state.hub.region}:${state.hub.accountId}:${name}`;
}

function checkName(name: string, fifo: boolean): void {
  if (fifo ? !/^[\w-]{1,251}\.fifo$/.test(name) : !/^[\w-]{1,256}$/.test(name)) {
    throw invalid(
      fifo
        ? "Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long."
        : "Topic Name",
    );
  }
}

function same(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return Object.entries(a).every(([key, value]) => b[key] === value);
}

function attributesOf(state: SnsState, topic: Topic): Record<string, string> {
  const subscriptions = [...state.store.subscriptionsOf(topic.arn)];
  const pending = subscriptions.filter(({ token }) => token !== undefined).length;
  const delivery = {
    http: {
      defaultHealthyRetryPolicy: {
        minDelayTarget: 20,
        maxDelayTarget: 20,
        numRetries: 3,
        numMaxDelayRetries: 0,
        numNoDelayRetries: 0,
        numMinDelayRetries: 0,
        backoffFunction: "linear",
      },
      disableSubscriptionOverrides: false,
      defaultRequestPolicy: { headerContentType: "text/plain; charset=UTF-8" },
    },
  };
  const fifo: Record<string, string> = topic.fifo
    ? { ContentBasedDeduplication: "false", FifoThroughputScope: "Topic" }
    : {};
  return {
    ...fifo,
    Policy: defaultPolicy(topic.arn, state.hub.accountId),
    DisplayName: "",
    EffectiveDeliveryPolicy: topic.attributes.DeliveryPolicy ?? JSON.stringify(delivery),
    ...topic.attributes,
    Owner: state.hub.accountId,
    TopicArn: topic.arn,
    SubscriptionsConfirmed: String(subscriptions.length - pending),
    SubscriptionsPending: String(pending),
    SubscriptionsDeleted: String(topic.deleted),
  };
}

/** The statements of the policy in force, to which a permission is added. */
function statementsOf(policy: PolicyDocument | undefined): readonly PolicyStatement[] {
  const statements = policy?.Statement ?? [];
  return Array.isArray(statements) ? statements : [statements as PolicyStatement];
}

export function topicOperations(state: SnsState): Record<string, Operation> {
  const needs =
    (action: string, member = "TopicArn") =>
    (input: Input) => [{ action: `sns:${action}`, resource: requiredText(input, member) }];
  const save = (topic: Topic) => state.commit.write(() => state.store.saveTopic(topic));

  function setPolicy(topic: Topic, statements: readonly PolicyStatement[]) {
    const { Policy: _, ...attributes } = topic.attributes;
    const policy = { Version: "2012-10-17", ...topic.policy, Statement: statements };
    topic.attributes = statements.length > 0 ? { ...attributes, Policy: JSON.stringify(policy) } : attributes;
    return save(topic);
  }

  return {
    CreateTopic: operation({
      access(input: Input) {
        const resource = arnOf(state, requiredText(input, "Name"));
        const tags = readTags(input);
        const context = tagContext(tags);
        const create = { action: "sns:CreateTopic", resource, context };
        return Object.keys(tags).length > 0
          ? [create, { action: "sns:TagResource", resource, context }]
          : [create];
      },
      async run(input: Input, call: Call) {
        const name = requiredText(input, "Name");
        const attributes = textMap(input, "Attributes");
        const fifo = attributes.FifoTopic === "true";
        checkName(name, fifo);
        if (text(input, "DataProtectionPolicy"))
          throw notImplemented("sns", "CreateTopic with a DataProtectionPolicy");
        for (const [key, value] of Object.entries(attributes)) checkTopicAttribute(key, value, fifo);
        const tags = readTags(input);
        const arn = arnOf(state, name);
        const existing = state.store.topic(arn);
        if (existing) {
          if (!same(attributes, attributesOf(state, existing))) {
            throw invalid("Attributes Reason: Topic already exists with different attributes");
          }
          if (!same(tags, existing.tags))
            throw invalid("Tags Reason: Topic already exists with different tags");
          return { TopicArn: arn };
        }
        await save({ arn, name, created: call.time, fifo, attributes, tags, policy: undefined, deleted: 0 });
        return { TopicArn: arn };
      },
    }),
    DeleteTopic: operation({
      access: needs("DeleteTopic"),
      async run(input: Input) {
        const topic = state.store.topic(requiredText(input, "TopicArn"));
        // Deleting what is not there is no mistake.
        if (topic) await state.commit.write(() => state.store.removeTopic(topic));
      },
    }),
    ListTopics: operation({
      access: () => [{ action: "sns:ListTopics", resource: "*" }],
      run(input: Input) {
        const { items, NextToken } = page(state.store.topics(), input);
        return { Topics: items.map(({ arn }) => ({ TopicArn: arn })), NextToken };
      },
    }),
    GetTopicAttributes: operation({
      access: needs("GetTopicAttributes"),
      run: (input: Input) => ({
        Attributes: attributesOf(state, state.topic(requiredText(input, "TopicArn"))),
      }),
    }),
    SetTopicAttributes: operation({
      access: needs("SetTopicAttributes"),
      async run(input: Input) {
        const topic = state.topic(requiredText(input, "TopicArn"));
        const name = requiredText(input, "AttributeName");
        const value = text(input, "AttributeValue") ?? "";
        if (name === "FifoTopic") throw invalid("AttributeName");
        checkTopicAttribute(name, value, topic.fifo);
        const { [name]: _, ...rest } = topic.attributes;
        topic.attributes = value === "" ? rest : { ...rest, [name]: value };
        await save(topic);
      },
    }),
    AddPermission: operation({
      access: needs("AddPermission"),
      async run(input: Input) {
        const topic = state.topic(requiredText(input, "TopicArn"));
        const label = requiredText(input, "Label");
        const accounts = texts(input, "AWSAccountId");
        const actions = texts(input, "ActionName");
        if (accounts.length === 0) throw invalid("AWSAccountId Reason: no value for required parameter");
        if (actions.length === 0) throw invalid("ActionName Reason: no value for required parameter");
        const statements = statementsOf(topic.policy);
        if (statements.some(({ Sid }) => Sid === label)) throw invalid("Statement already exists");
        await setPolicy(topic, [
          ...statements,
          {
            Sid: label,
            Effect: "Allow",
            Principal: { AWS: accounts.map((account) => `arn:aws:iam::${account}:root`) },
            Action: actions.map((action) => `SNS:${action}`),
            Resource: topic.arn,
          },
        ]);
      },
    }),
    RemovePermission: operation({
      access: needs("RemovePermission"),
      async run(input: Input) {
        const topic = state.topic(requiredText(input, "TopicArn"));
        const label = requiredText(input, "Label");
        const statements = statementsOf(topic.policy);
        // Removing what is not there is no mistake.
        await setPolicy(
          topic,
          statements.filter(({ Sid }) => Sid !== label),
        );
      },
    }),
    TagResource: operation({
      access: (input: Input) => [
        {
          action: "sns:TagResource",
          resource: requiredText(input, "ResourceArn"),
          context: tagContext(readTags(input)),
        },
      ],
      async run(input: Input) {
        const topic = state.topic(requiredText(input, "ResourceArn"));
        topic.tags = { ...topic.tags, ...readTags(input) };
        await save(topic);
      },
    }),
    UntagResource: operation({
      access: (input: Input) => [
        {
          action: "sns:UntagResource",
          resource: requiredText(input, "ResourceArn"),
          context: { "aws:TagKeys": texts(input, "TagKeys") },
        },
      ],
      async run(input: Input) {
        const topic = state.topic(requiredText(input, "ResourceArn"));
        const gone = new Set(texts(input, "TagKeys"));
        topic.tags = Object.fromEntries(Object.entries(topic.tags).filter(([key]) => !gone.has(key)));
        await save(topic);
      },
    }),
    ListTagsForResource: operation({
      access: needs("ListTagsForResource", "ResourceArn"),
      run(input: Input) {
        const { tags } = state.topic(requiredText(input, "ResourceArn"));
        return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
      },
    }),
  };
}
