/** The operations on subscriptions. */
import { randomBytes, randomUUID } from "node:crypto";
import { notImplemented } from "../error.ts";
import { type Call, type Operation, operation } from "../service.ts";
import type { Job } from "../store/outbox.ts";
import { subscriptionSettings } from "./attributes.ts";
import { invalid, notFound } from "./errors.ts";
import { type Input, requiredText, text, textMap } from "./input.ts";
import { protocols, type Subscription, type SubscriptionProtocol, type Topic } from "./model.ts";
import { page } from "./page.ts";
import type { SnsState } from "./state.ts";

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|[\w.-]+\.localhost)$/i;

function readProtocol(input: Input): SubscriptionProtocol {
  const name = requiredText(input, "Protocol");
  const known = protocols.find((protocol) => protocol === name);
  if (known) return known;
  if (["sms", "application", "firehose"].includes(name)) {
    throw notImplemented("sns", `Subscribe with protocol ${name}`);
  }
  throw invalid(`Does not support this protocol string: ${name}`);
}

function checkEndpoint(protocol: SubscriptionProtocol, endpoint: string, topic: Topic): void {
  switch (protocol) {
    case "sqs":
      if (!/^arn:[\w-]+:sqs:[\w-]+:\d{12}:[\w.-]+$/.test(endpoint)) throw invalid("SQS endpoint ARN");
      if (endpoint.endsWith(".fifo") && !topic.fifo) {
        throw invalid(
          "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
        );
      }
      return;
    case "lambda":
      if (!/^arn:[\w-]+:lambda:[\w-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/.test(endpoint)) {
        throw invalid("Lambda endpoint ARN");
      }
      break;
    case "http":
    case "https": {
      const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
      if (url?.protocol !== `${protocol}:`) throw invalid("Endpoint must match the specified protocol");
      if (!loopback.test(url.hostname)) {
        throw invalid(
          `Endpoint Reason: the local cloud delivers to this machine only, and ${url.hostname} is not it. Use 127.0.0.1 or localhost.`,
        );
      }
      break;
    }
    default:
      if (!endpoint.includes("@")) throw invalid("Email address");
  }
  if (topic.fifo) throw invalid("Invalid protocol type: FIFO topics deliver to SQS queues");
}

function describe({ arn, topicArn, protocol, endpoint, owner, token }: Subscription) {
  return {
    SubscriptionArn: token === undefined ? arn : "PendingConfirmation",
    Owner: owner,
    Protocol: protocol,
    Endpoint: endpoint,
    TopicArn: topicArn,
  };
}

function attributesOf(subscription: Subscription): Record<string, string> {
  const { attributes } = subscription;
  return {
    RawMessageDelivery: "false",
    ...(attributes.FilterPolicy ? { FilterPolicyScope: "MessageAttributes" } : {}),
    ...attributes,
    SubscriptionArn: subscription.arn,
    TopicArn: subscription.topicArn,
    Protocol: subscription.protocol,
    Endpoint: subscription.endpoint,
    Owner: subscription.owner,
    SubscriptionPrincipal: subscription.principal,
    PendingConfirmation: String(subscription.token !== undefined),
    ConfirmationWasAuthenticated: String(subscription.authenticated),
  };
}

export function subscriptionOperations(state: SnsState) {
  const { store, commit } = state;

  function find(input: Input): Subscription {
    const arn = requiredText(input, "SubscriptionArn");
    const subscription = store.subscription(arn);
    if (!subscription) {
      if (arn.split(":").length < 7)
        throw invalid("SubscriptionArn Reason: An ARN must have at least 6 elements");
      throw notFound("Subscription");
    }
    return subscription;
  }

  async function askToConfirm(subscription: Subscription, time: number): Promise<void> {
    const { token } = subscription;
    if (token === undefined || !subscription.protocol.startsWith("http")) return;
    let jobs: Job[] = [];
    await commit.write(() => {
      const confirmation = {
        type: "SubscriptionConfirmation" as const,
        messageId: randomUUID(),
        topicArn: subscription.topicArn,
        time,
        message: "",
        attributes: {},
        token,
      };
      jobs = state.outbox.write(confirmation, [{ target: subscription.arn, lane: null }]);
    });
    state.outbox.send(jobs);
  }

  async function confirm(topicArn: string, token: string, authenticated: boolean): Promise<Subscription> {
    state.topic(topicArn);
    for (const subscription of store.subscriptionsOf(topicArn)) {
      if (subscription.token !== token) continue;
      subscription.token = undefined;
      subscription.authenticated = authenticated;
      await commit.write(() => store.saveSubscription(subscription));
      return subscription;
    }
    throw invalid("Token");
  }

  async function unsubscribe(subscription: Subscription): Promise<void> {
    await commit.write(() => {
      store.removeSubscription(subscription);
      const topic = store.topic(subscription.topicArn);
      if (!topic) return;
      topic.deleted++;
      store.saveTopic(topic);
    });
  }

  const anyResource = (action: string) => () => [{ action: `sns:${action}`, resource: "*" }];

  const operations: Record<string, Operation> = {
    Subscribe: operation({
      access: (input: Input) => [
        {
          action: "sns:Subscribe",
          resource: requiredText(input, "TopicArn"),
          context: {
            "sns:Protocol": text(input, "Protocol") ?? "",
            "sns:Endpoint": text(input, "Endpoint") ?? "",
          },
        },
      ],
      async run(input: Input, call: Call) {
        const topic = state.topic(requiredText(input, "TopicArn"));
        const protocol = readProtocol(input);
        const endpoint = requiredText(input, "Endpoint");
        checkEndpoint(protocol, endpoint, topic);
        const attributes = textMap(input, "Attributes");
        const settings = subscriptionSettings(attributes, protocol);
        const wantsArn = String(input.ReturnSubscriptionArn) === "true";
        const answer = ({ arn, token }: Subscription) => ({
          SubscriptionArn: token === undefined || wantsArn ? arn : "pending confirmation",
        });
        for (const known of store.subscriptionsOf(topic.arn)) {
          if (known.protocol !== protocol || known.endpoint !== endpoint) continue;
          const present = attributesOf(known);
          if (Object.entries(attributes).some(([name, value]) => present[name] !== value)) {
            throw invalid("Attributes Reason: Subscription already exists with different attributes");
          }
          await askToConfirm(known, call.time);
          return answer(known);
        }
        const confirmed = protocol === "sqs" || protocol === "lambda";
        const subscription: Subscription = {
          arn: `${topic.arn}:${randomUUID()}`,
          topicArn: topic.arn,
          protocol,
          endpoint,
          owner: call.accountId,
          principal:
            call.principal.kind === "role" ? call.principal.roleArn : `arn:aws:iam::${call.accountId}:root`,
          token: confirmed ? undefined : randomBytes(96).toString("hex"),
          authenticated: confirmed,
          attributes,
          settings,
        };
        await commit.write(() => store.saveSubscription(subscription));
        await askToConfirm(subscription, call.time);
        return answer(subscription);
      },
    }),
    ConfirmSubscription: operation({
      access: (input: Input) => [
        { action: "sns:ConfirmSubscription", resource: requiredText(input, "TopicArn") },
      ],
      async run(input: Input) {
        const authenticated = String(input.AuthenticateOnUnsubscribe) === "true";
        const topicArn = requiredText(input, "TopicArn");
        const { arn } = await confirm(topicArn, requiredText(input, "Token"), authenticated);
        return { SubscriptionArn: arn };
      },
    }),
    Unsubscribe: operation({
      access: anyResource("Unsubscribe"),
      async run(input: Input) {
        const subscription = store.subscription(requiredText(input, "SubscriptionArn"));
        // Unsubscribing what is not there is no mistake.
        if (subscription) await unsubscribe(subscription);
      },
    }),
    ListSubscriptions: operation({
      access: anyResource("ListSubscriptions"),
      run(input: Input) {
        const { items, NextToken } = page(store.subscriptions(), input);
        return { Subscriptions: items.map(describe), NextToken };
      },
    }),
    ListSubscriptionsByTopic: operation({
      access: (input: Input) => [
        { action: "sns:ListSubscriptionsByTopic", resource: requiredText(input, "TopicArn") },
      ],
      run(input: Input) {
        const topic = state.topic(requiredText(input, "TopicArn"));
        const { items, NextToken } = page([...store.subscriptionsOf(topic.arn)], input);
        return { Subscriptions: items.map(describe), NextToken };
      },
    }),
    GetSubscriptionAttributes: operation({
      access: anyResource("GetSubscriptionAttributes"),
      run: (input: Input) => ({ Attributes: attributesOf(find(input)) }),
    }),
    SetSubscriptionAttributes: operation({
      access: anyResource("SetSubscriptionAttributes"),
      async run(input: Input) {
        const subscription = find(input);
        const name = requiredText(input, "AttributeName");
        const value = text(input, "AttributeValue") ?? "";
        const { [name]: _, ...rest } = subscription.attributes;
        const attributes = value === "" ? rest : { ...rest, [name]: value };
        subscription.settings = subscriptionSettings(attributes, subscription.protocol);
        subscription.attributes = attributes;
        await commit.write(() => store.saveSubscription(subscription));
      },
    }),
  };

  return { operations, confirm, unsubscribe, find };
}
