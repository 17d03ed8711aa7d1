import type { ResourceHandler } from "@bowline/engine";
import type { TopicSubscriptionArgs, TopicSubscriptionState } from "@pulumi/aws/sns/topicSubscription.js";
import type { Aws } from "../aws.ts";
import { hasCode } from "../client.ts";
import type { Inputs } from "../plain.ts";
import { resource } from "../resource.ts";
import { entries } from "./topic.ts";

type SubscriptionInputs = Inputs<TopicSubscriptionArgs>;

export function topicSubscription(aws: Aws): ResourceHandler {
  return resource<TopicSubscriptionArgs, TopicSubscriptionState>(aws.endpoint, {
    required: ["topic", "protocol", "endpoint"],
    replaceOn: ["topic", "protocol", "endpoint", "region"],
    recorded: ["replayPolicy"],
    find: (inputs) => findSubscription(aws, inputs),
    async create(inputs) {
      const request = {
        TopicArn: inputs.topic,
        Protocol: inputs.protocol,
        Endpoint: inputs.endpoint,
        ReturnSubscriptionArn: true,
      };
      try {
        const result = await aws.client.query("sns", "Subscribe", {
          ...request,
          Attributes: entries(present(attributesOf(inputs))),
        });
        return result.at("SubscriptionArn").text ?? "";
      } catch (error) {
        // Subscribed before, with other attributes.
        if (!hasCode(error, "InvalidParameter", "InvalidParameterException")) throw error;
        const existing = await findSubscription(aws, inputs);
        if (existing === undefined) throw error;
        await setAttributes(aws, existing, inputs, undefined);
        return existing;
      }
    },
    async describe(id) {
      const result = await aws.client.query("sns", "GetSubscriptionAttributes", { SubscriptionArn: id });
      const found = new Map(
        result
          .at("Attributes")
          .all("entry")
          .map((entry) => [entry.at("key").text, entry.at("value").text]),
      );
      return {
        arn: id,
        ownerId: found.get("Owner") ?? aws.accountId,
        pendingConfirmation: found.get("PendingConfirmation") === "true",
        confirmationWasAuthenticated: found.get("ConfirmationWasAuthenticated") === "true",
        rawMessageDelivery: found.get("RawMessageDelivery") === "true",
        filterPolicyScope: found.get("FilterPolicyScope") ?? "",
        region: aws.region,
      };
    },
    update: (id, inputs, old) => setAttributes(aws, id, inputs, old.inputs),
    async delete(id) {
      await aws.client.query("sns", "Unsubscribe", { SubscriptionArn: id });
    },
  });
}

function attributesOf(inputs: SubscriptionInputs): Readonly<Record<string, string | undefined>> {
  return {
    DeliveryPolicy: inputs.deliveryPolicy,
    FilterPolicy: inputs.filterPolicy,
    FilterPolicyScope: inputs.filterPolicyScope,
    RawMessageDelivery:
      inputs.rawMessageDelivery === undefined ? undefined : String(inputs.rawMessageDelivery),
    RedrivePolicy: inputs.redrivePolicy,
    SubscriptionRoleArn: inputs.subscriptionRoleArn,
  };
}

/** What an attribute is set to when the program stops naming it. */
const unset: Readonly<Record<string, string>> = {
  FilterPolicy: "{}",
  RawMessageDelivery: "false",
  FilterPolicyScope: "MessageAttributes",
};

function present(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => (value ? [[key, value] as const] : [])),
  );
}

async function setAttributes(
  aws: Aws,
  arn: string,
  inputs: SubscriptionInputs,
  old: SubscriptionInputs | undefined,
): Promise<void> {
  const before = old ? attributesOf(old) : {};
  for (const [AttributeName, value] of Object.entries(attributesOf(inputs))) {
    if (value === before[AttributeName]) continue;
    await aws.client.query("sns", "SetSubscriptionAttributes", {
      SubscriptionArn: arn,
      AttributeName,
      AttributeValue: value ?? unset[AttributeName] ?? "",
    });
  }
}

async function findSubscription(aws: Aws, inputs: SubscriptionInputs): Promise<string | undefined> {
  let NextToken: string | undefined;
  do {
    const page = await aws.client.query("sns", "ListSubscriptionsByTopic", {
      TopicArn: inputs.topic,
      NextToken,
    });
    const found = page
      .at("Subscriptions")
      .all("member")
      .find(
        (member) =>
          member.at("Protocol").text === inputs.protocol && member.at("Endpoint").text === inputs.endpoint,
      );
    if (found) return found.at("SubscriptionArn").text;
    NextToken = page.at("NextToken").text || undefined;
  } while (NextToken);
  return undefined;
}
