/** The attributes of a queue: which there are, what they may say, and what they mean. */
import { AwsError } from "../error.ts";
import type { PolicyDocument } from "../iam/policy.ts";
import { readPolicy } from "../iam/validate.ts";
import { invalidParameter } from "./errors.ts";
import type { QueueAttributes, QueueSettings, RedrivePolicy } from "./model.ts";

const limits: Readonly<Record<string, readonly [minimum: number, maximum: number, standard: number]>> = {
  DelaySeconds: [0, 900, 0],
  MaximumMessageSize: [1024, 1_048_576, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600, 345_600],
  ReceiveMessageWaitTimeSeconds: [0, 20, 0],
  VisibilityTimeout: [0, 43_200, 30],
  KmsDataKeyReusePeriodSeconds: [60, 86_400, 300],
};

const choices: Readonly<Record<string, readonly string[]>> = {
  ContentBasedDeduplication: ["true", "false"],
  DeduplicationScope: ["queue", "messageGroup"],
  FifoQueue: ["true", "false"],
  FifoThroughputLimit: ["perQueue", "perMessageGroupId"],
  SqsManagedSseEnabled: ["true", "false"],
};

const fifoOnly = new Set(["ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"]);

/** What can be read but not set. */
export const computed = [
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesDelayed",
  "ApproximateNumberOfMessagesNotVisible",
  "CreatedTimestamp",
  "LastModifiedTimestamp",
  "QueueArn",
] as const;

const free = ["KmsMasterKeyId", "Policy", "RedriveAllowPolicy", "RedrivePolicy"];
const settable = new Set([...Object.keys(limits), ...Object.keys(choices), ...free]);

export function isAttribute(name: string): boolean {
  return settable.has(name) || (computed as readonly string[]).includes(name);
}

function invalid(name: string, reason?: string): AwsError {
  const message = `Invalid value for the parameter ${name}.`;
  return new AwsError("InvalidAttributeValue", reason ? `${message} Reason: ${reason}` : message);
}

/** Checks attributes as they are set; `fifo` is the queue's kind. */
export function checkAttributes(attributes: QueueAttributes, fifo: boolean): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (!settable.has(name)) throw new AwsError("InvalidAttributeName", `Unknown Attribute ${name}.`);
    if (fifoOnly.has(name) && !fifo) {
      throw new AwsError(
        "InvalidAttributeName",
        `You can specify the ${name} only when FifoQueue is set to true.`,
      );
    }
    const limit = limits[name];
    if (limit) {
      const number = Number(value);
      if (!/^\d+$/.test(value) || number < limit[0] || number > limit[1]) throw invalid(name);
    }
    if (choices[name] && !choices[name].includes(value)) throw invalid(name);
  }
  if (attributes.FifoQueue === "false" && !fifo) {
    throw new AwsError("InvalidAttributeName", "Unknown Attribute FifoQueue.");
  }
  if (attributes.RedrivePolicy) parseRedrivePolicy(attributes.RedrivePolicy);
  if (attributes.RedriveAllowPolicy) parseRedriveAllowPolicy(attributes.RedriveAllowPolicy);
  if (attributes.Policy) parsePolicy(attributes.Policy);
}

/** Checks what only the attributes together can tell. */
export function checkTogether(attributes: QueueAttributes): void {
  if (
    attributes.FifoThroughputLimit === "perMessageGroupId" &&
    attributes.DeduplicationScope !== "messageGroup"
  ) {
    throw invalid(
      "FifoThroughputLimit",
      "FifoThroughputLimit can be perMessageGroupId only when DeduplicationScope is messageGroup.",
    );
  }
}

function parseJson(text: string, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(name, "It is not valid JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(name, "It must be a JSON object.");
  }
  return value as Record<string, unknown>;
}

export function parseRedrivePolicy(text: string): RedrivePolicy {
  const { deadLetterTargetArn, maxReceiveCount } = parseJson(text, "RedrivePolicy");
  const count = Number(maxReceiveCount);
  if (typeof deadLetterTargetArn !== "string" || maxReceiveCount === undefined) {
    throw invalidParameter(
      `Value ${text} for parameter RedrivePolicy is invalid. Reason: Redrive policy does not contain mandatory attribute: ${typeof deadLetterTargetArn === "string" ? "maxReceiveCount" : "deadLetterTargetArn"}.`,
    );
  }
  if (!Number.isInteger(count) || count < 1 || count > 1000) {
    throw invalidParameter(
      `Value ${text} for parameter RedrivePolicy is invalid. Reason: Invalid value for maxReceiveCount: ${String(maxReceiveCount)}, valid values are from 1 to 1000 both inclusive.`,
    );
  }
  return { deadLetterTargetArn, maxReceiveCount: count };
}

export interface RedriveAllowPolicy {
  readonly redrivePermission: "allowAll" | "denyAll" | "byQueue";
  readonly sourceQueueArns: readonly string[];
}

export function parseRedriveAllowPolicy(text: string): RedriveAllowPolicy {
  const { redrivePermission, sourceQueueArns } = parseJson(text, "RedriveAllowPolicy");
  if (
    redrivePermission !== "allowAll" &&
    redrivePermission !== "denyAll" &&
    redrivePermission !== "byQueue"
  ) {
    throw invalid("RedriveAllowPolicy", "redrivePermission must be allowAll, denyAll or byQueue.");
  }
  const arns = sourceQueueArns ?? [];
  if (!Array.isArray(arns) || !arns.every((arn) => typeof arn === "string") || arns.length > 10) {
    throw invalid("RedriveAllowPolicy", "sourceQueueArns must be a list of at most 10 ARNs.");
  }
  if ((redrivePermission === "byQueue") !== arns.length > 0) {
    throw invalid(
      "RedriveAllowPolicy",
      "sourceQueueArns goes with redrivePermission byQueue, and only with it.",
    );
  }
  return { redrivePermission, sourceQueueArns: arns };
}

/** Reads a policy with the evaluator's own eyes, so that what is stored can be enforced. */
export function parsePolicy(text: string): PolicyDocument {
  const policy = parseJson(text, "Policy");
  // Refused by IAM, but stored by SQS: it grants nothing.
  if (Array.isArray(policy.Statement) && policy.Statement.length === 0) return { Statement: [] };
  try {
    return readPolicy(text, "resource");
  } catch (error) {
    throw invalid("Policy", (error as Error).message);
  }
}

/** Every attribute that is stored or has a default, as GetQueueAttributes tells it. */
export function withDefaults(attributes: QueueAttributes): Record<string, string> {
  const all: Record<string, string> = {};
  for (const [name, [, , standard]] of Object.entries(limits)) {
    if (name !== "KmsDataKeyReusePeriodSeconds") all[name] = String(standard);
  }
  if (attributes.KmsMasterKeyId) {
    all.KmsDataKeyReusePeriodSeconds = String(limits.KmsDataKeyReusePeriodSeconds?.[2]);
    all.SqsManagedSseEnabled = "false";
  } else {
    all.SqsManagedSseEnabled = "true";
  }
  if (attributes.FifoQueue === "true") {
    all.ContentBasedDeduplication = "false";
    all.DeduplicationScope = "queue";
    all.FifoThroughputLimit = "perQueue";
  }
  for (const [name, value] of Object.entries(attributes)) if (value !== "") all[name] = value;
  return all;
}

export function settingsOf(attributes: QueueAttributes): QueueSettings {
  const all = withDefaults(attributes);
  const milliseconds = (name: string) => Number(all[name]) * 1000;
  return {
    fifo: all.FifoQueue === "true",
    contentDedup: all.ContentBasedDeduplication === "true",
    dedupPerGroup: all.DeduplicationScope === "messageGroup",
    delay: milliseconds("DelaySeconds"),
    visibility: milliseconds("VisibilityTimeout"),
    retention: milliseconds("MessageRetentionPeriod"),
    wait: milliseconds("ReceiveMessageWaitTimeSeconds"),
    maximumSize: Number(all.MaximumMessageSize),
    redrive: all.RedrivePolicy ? parseRedrivePolicy(all.RedrivePolicy) : undefined,
    policy: all.Policy ? parsePolicy(all.Policy) : undefined,
  };
}
