/** The attributes of topics and subscriptions: which there are, what they may say, and what they mean. */
import type { PolicyDocument } from "../iam/policy.ts";
import { readPolicy } from "../iam/validate.ts";
import { invalid } from "./errors.ts";
import { compileFilter } from "./filter.ts";
import type { RetryPolicy, SubscriptionProtocol, SubscriptionSettings } from "./model.ts";

type Attributes = Readonly<Record<string, string>>;

const feedback = ["Application", "Firehose", "HTTP", "Lambda", "SQS"].flatMap((target) =>
  ["FailureFeedbackRoleArn", "SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate"].map(
    (kind) => target + kind,
  ),
);

const topicAttributes = new Set([
  ...feedback,
  "ContentBasedDeduplication",
  "DeliveryPolicy",
  "DisplayName",
  "FifoThroughputScope",
  "FifoTopic",
  "KmsMasterKeyId",
  "Policy",
  "SignatureVersion",
  "TracingConfig",
]);

const choices: Readonly<Record<string, readonly string[]>> = {
  ContentBasedDeduplication: ["true", "false"],
  FifoThroughputScope: ["Topic", "MessageGroup"],
  FifoTopic: ["true", "false"],
  FilterPolicyScope: ["MessageAttributes", "MessageBody"],
  RawMessageDelivery: ["true", "false"],
  SignatureVersion: ["1", "2"],
  TracingConfig: ["PassThrough", "Active"],
};

function checkChoice(name: string, value: string): void {
  if (choices[name] && !choices[name].includes(value)) {
    throw invalid(
      `Attributes Reason: ${name}: Invalid value [${value}]. Must be one of ${choices[name].join(", ")}.`,
    );
  }
}

function parseObject(text: string, name: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Said below, together with JSON that is no object.
  }
  throw invalid(`${name}: failed to parse JSON.`);
}

/** Checks one attribute of a topic. */
export function checkTopicAttribute(name: string, value: string, fifo: boolean): void {
  if (name === "ArchivePolicy")
    throw invalid("ArchivePolicy: message archiving is not part of the local cloud");
  if (!topicAttributes.has(name)) throw invalid("AttributeName");
  if ((name === "ContentBasedDeduplication" || name === "FifoThroughputScope") && !fifo) {
    throw invalid(`${name}: only FIFO topics have it`);
  }
  checkChoice(name, value);
  if (name === "Policy" && value !== "") topicPolicy(value);
  if (name === "DeliveryPolicy" && value !== "") parseObject(value, name);
}

/** Reads a topic's policy; fails with `InvalidParameter`. */
export function topicPolicy(text: string): PolicyDocument {
  const document = parseObject(text, "Policy");
  // Refused by IAM, but stored by SNS: it grants nothing.
  if (Array.isArray(document.Statement) && document.Statement.length === 0) return { Statement: [] };
  try {
    return readPolicy(text, "resource");
  } catch (error) {
    throw invalid(`Policy Error: ${(error as Error).message}`);
  }
}

/** What AWS tells of a topic whose policy nobody set: the owner's own, which grants others nothing. */
export function defaultPolicy(topicArn: string, accountId: string): string {
  const actions = [
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
  ];
  return JSON.stringify({
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: actions.map((action) => `SNS:${action}`),
        Resource: topicArn,
        Condition: { StringEquals: { "AWS:SourceOwner": accountId } },
      },
    ],
  });
}

const subscriptionAttributes = new Set([
  "DeliveryPolicy",
  "FilterPolicy",
  "FilterPolicyScope",
  "RawMessageDelivery",
  "RedrivePolicy",
]);

/** Checks the attributes of a subscription and makes of them what publishing needs. */
export function subscriptionSettings(
  attributes: Attributes,
  protocol: SubscriptionProtocol,
): SubscriptionSettings {
  for (const [name, value] of Object.entries(attributes)) {
    if (!subscriptionAttributes.has(name)) throw invalid("AttributeName");
    checkChoice(name, value);
  }
  const raw = attributes.RawMessageDelivery === "true";
  if (raw && !["sqs", "http", "https"].includes(protocol)) {
    throw invalid(
      `Attributes Reason: Delivery protocol [${protocol}] does not support raw message delivery.`,
    );
  }
  const scope = attributes.FilterPolicyScope === "MessageBody" ? "MessageBody" : "MessageAttributes";
  const policy = attributes.FilterPolicy;
  return {
    raw,
    accepts: policy && policy !== "{}" ? compileFilter(policy, scope) : () => true,
    deadLetterArn: attributes.RedrivePolicy ? deadLetterArn(attributes.RedrivePolicy) : undefined,
    retries: retryPolicy(protocol, attributes.DeliveryPolicy),
  };
}

function deadLetterArn(text: string): string {
  const { deadLetterTargetArn } = parseObject(text, "RedrivePolicy");
  if (typeof deadLetterTargetArn !== "string" || !/^arn:[\w-]+:sqs:/.test(deadLetterTargetArn)) {
    throw invalid("RedrivePolicy: deadLetterTargetArn must be the ARN of an SQS queue");
  }
  return deadLetterTargetArn;
}

const second = 1000;

/** Attempts at AWS's own endpoints go on for days; those at HTTP endpoints as their delivery policy says. */
function retryPolicy(protocol: SubscriptionProtocol, deliveryPolicy: string | undefined): RetryPolicy {
  if (protocol === "sqs" || protocol === "lambda") {
    const backoff = Array.from({ length: 10 }, (_, index) => Math.min(20, 2 ** (index / 2)) * second);
    return { delays: [0, 0, 0, second, second, ...backoff, ...Array(100).fill(20 * second)] };
  }
  const parsed = deliveryPolicy ? parseObject(deliveryPolicy, "DeliveryPolicy") : {};
  const healthy = (parsed.healthyRetryPolicy ?? {}) as Record<string, unknown>;
  const number = (name: string, standard: number, most: number) => {
    const value = Number(healthy[name] ?? standard);
    if (!Number.isInteger(value) || value < 0 || value > most) {
      throw invalid(`DeliveryPolicy: healthyRetryPolicy.${name} must be between 0 and ${most}`);
    }
    return value;
  };
  const retries = number("numRetries", 3, 100);
  const immediate = number("numNoDelayRetries", 0, 100);
  const low = number("minDelayTarget", 20, 3600);
  const high = number("maxDelayTarget", 20, 3600);
  const delays = Array.from({ length: retries }, (_, index) => {
    if (index < immediate) return 0;
    const share = retries - immediate > 1 ? (index - immediate) / (retries - immediate - 1) : 0;
    return (low + (high - low) * share) * second;
  });
  return { delays };
}
