import type { QueueArgs } from "@pulumi/aws/sqs/queue.js";
import type { Inputs } from "../plain.ts";

type QueueInputs = Inputs<QueueArgs>;

/** Each input's name in the API, and what its absence means when it was there before. */
const attributes: readonly {
  readonly input: keyof QueueArgs;
  readonly name: string;
  readonly unset: string;
}[] = [
  { input: "delaySeconds", name: "DelaySeconds", unset: "0" },
  { input: "maxMessageSize", name: "MaximumMessageSize", unset: "262144" },
  { input: "messageRetentionSeconds", name: "MessageRetentionPeriod", unset: "345600" },
  { input: "receiveWaitTimeSeconds", name: "ReceiveMessageWaitTimeSeconds", unset: "0" },
  { input: "visibilityTimeoutSeconds", name: "VisibilityTimeout", unset: "30" },
  { input: "policy", name: "Policy", unset: "" },
  { input: "redrivePolicy", name: "RedrivePolicy", unset: "" },
  { input: "redriveAllowPolicy", name: "RedriveAllowPolicy", unset: "" },
  { input: "contentBasedDeduplication", name: "ContentBasedDeduplication", unset: "false" },
  { input: "deduplicationScope", name: "DeduplicationScope", unset: "queue" },
  { input: "fifoThroughputLimit", name: "FifoThroughputLimit", unset: "perQueue" },
  { input: "kmsMasterKeyId", name: "KmsMasterKeyId", unset: "" },
  { input: "kmsDataKeyReusePeriodSeconds", name: "KmsDataKeyReusePeriodSeconds", unset: "300" },
  { input: "sqsManagedSseEnabled", name: "SqsManagedSseEnabled", unset: "true" },
];

/** What the inputs say; FIFO queues take attributes that others refuse, even as false. */
export function queueAttributes(inputs: QueueInputs): Readonly<Record<string, string>> {
  const given = attributes.flatMap(({ input, name }): [string, string][] => {
    const value = inputs[input];
    return value === undefined || value === "" ? [] : [[name, String(value)]];
  });
  const fifo = inputs.fifoQueue ?? false;
  const sent = given.filter(
    ([name, value]) => fifo || name !== "ContentBasedDeduplication" || value === "true",
  );
  return Object.fromEntries(fifo ? [...sent, ["FifoQueue", "true"]] : sent);
}

export function changedAttributes(inputs: QueueInputs, old: QueueInputs): Readonly<Record<string, string>> {
  const textOf = (from: QueueInputs, input: keyof QueueArgs, unset: string) => String(from[input] ?? unset);
  return Object.fromEntries(
    attributes
      .filter(({ input, unset }) => textOf(inputs, input, unset) !== textOf(old, input, unset))
      .map(({ input, name, unset }) => [name, textOf(inputs, input, unset)]),
  );
}
