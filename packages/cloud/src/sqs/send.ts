/** Sending: what a message may be, and its way into a queue. */
import { hash, randomUUID } from "node:crypto";
import { AwsError } from "../error.ts";
import type { Call, Principal } from "../service.ts";
import { invalidParameter, invalidValue, missing } from "./errors.ts";
import { type Input, integer, record, requiredText, text } from "./input.ts";
import { attributesMd5, attributesSize, readAttributes } from "./message-attributes.ts";
import type { MessageAttributes, NewMessage, Queue } from "./model.ts";
import type { SqsState } from "./state.ts";

const dedupWindow = 5 * 60_000;

export interface Sent {
  readonly MessageId: string;
  readonly MD5OfMessageBody: string;
  readonly MD5OfMessageAttributes?: string;
  readonly MD5OfMessageSystemAttributes?: string;
  readonly SequenceNumber?: string;
}

/** A message that was checked and only has to be written. */
export interface Prepared {
  readonly message: NewMessage;
  readonly size: number;
  readonly system: MessageAttributes | undefined;
}

/** 20 digits that grow with every message of a queue. */
export function sequenceNumber(id: number): string {
  return String(18_800_000_000_000_000_000n + BigInt(id) * 16n);
}

function senderId(principal: Principal): string {
  switch (principal.kind) {
    case "root":
      return principal.accountId;
    case "role":
      return `${principal.roleArn.slice(principal.roleArn.lastIndexOf("/") + 1)}:${principal.sessionName}`;
    case "service":
      return principal.service;
    case "anonymous":
      return "anonymous";
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are what SQS refuses
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

function checkIdentifier(value: string | undefined, name: string): void {
  if (value !== undefined && !/^[\x21-\x7e]{1,128}$/.test(value)) {
    throw invalidValue(
      value,
      name,
      `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length`,
    );
  }
}

/** Checks one message. */
export function prepare(queue: Queue, input: Input, call: Call): Prepared {
  const { settings } = queue;
  const body = requiredText(input, "MessageBody");
  if (forbidden.test(body)) {
    throw new AwsError("InvalidMessageContents", "Invalid binary character was found in the message body.");
  }
  const attributes = readAttributes(input.MessageAttributes);
  const system = readSystemAttributes(input.MessageSystemAttributes);
  const size = Buffer.byteLength(body) + attributesSize(attributes);
  if (size > settings.maximumSize) {
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${settings.maximumSize} bytes.`,
    );
  }
  const delay = integer(input, "DelaySeconds", 0, 900);
  const group = text(input, "MessageGroupId");
  const dedup = text(input, "MessageDeduplicationId");
  checkIdentifier(group, "MessageGroupId");
  checkIdentifier(dedup, "MessageDeduplicationId");
  if (settings.fifo) {
    if (group === undefined) throw missing("MessageGroupId");
    if (dedup === undefined && !settings.contentDedup) {
      throw invalidParameter(
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
      );
    }
    if (delay !== undefined && delay > 0) {
      throw invalidValue(
        delay,
        "DelaySeconds",
        "The request include parameter that is not valid for this queue type",
      );
    }
  } else if (dedup !== undefined) {
    throw invalidValue(
      dedup,
      "MessageDeduplicationId",
      "The request include parameter that is not valid for this queue type",
    );
  }
  return {
    size,
    system,
    message: {
      messageId: randomUUID(),
      body,
      bodyMd5: hash("md5", body),
      attributes,
      sender: senderId(call.principal),
      sent: call.time,
      visibleAt: call.time + (delay === undefined || settings.fifo ? settings.delay : delay * 1000),
      group,
      dedup: settings.fifo ? (dedup ?? hash("sha256", body)) : undefined,
      trace: system?.AWSTraceHeader?.StringValue,
    },
  };
}

function readSystemAttributes(value: unknown): MessageAttributes | undefined {
  const names = Object.keys(record(value, "MessageSystemAttributes"));
  if (names.length === 0) return undefined;
  const unknown = names.find((name) => name !== "AWSTraceHeader");
  if (unknown) {
    throw invalidParameter(`Message system attribute name '${unknown}' is invalid.`);
  }
  const attributes = readAttributes(value);
  if (attributes?.AWSTraceHeader?.DataType !== "String") {
    throw invalidParameter(
      "The message system attribute 'AWSTraceHeader' must be associated with message attribute type 'String'.",
    );
  }
  return attributes;
}

/** Writes one message: must run inside a commit. */
export function place(state: SqsState, queue: Queue, { message, system }: Prepared): Sent {
  const answer = {
    MessageId: message.messageId,
    MD5OfMessageBody: message.bodyMd5,
    MD5OfMessageAttributes: attributesMd5(message.attributes),
    MD5OfMessageSystemAttributes: attributesMd5(system),
  };
  const { group, dedup } = message;
  if (group === undefined || dedup === undefined) {
    state.messages.insert(queue.id, message);
    state.polls.notify(queue.id);
    return answer;
  }
  const scope = queue.settings.dedupPerGroup ? group : "";
  const earlier = state.messages.duplicate(queue.id, scope, dedup, message.sent);
  if (earlier) {
    return { ...answer, MessageId: earlier.message_id, SequenceNumber: sequenceNumber(earlier.message) };
  }
  // Read before the row is there, or a freshly read order would hold the message twice.
  const order = state.fifo(queue);
  const id = state.messages.insert(queue.id, message);
  state.messages.remember(queue.id, scope, dedup, message.sent + dedupWindow, message.messageId, id);
  order.add(group, id, message.visibleAt, message.sent);
  state.polls.notify(queue.id);
  return { ...answer, SequenceNumber: sequenceNumber(id) };
}
