/** The operations on queues. */
import { AwsError } from "../error.ts";
import { type Call, type Operation, operation } from "../service.ts";
import {
  checkAttributes,
  checkTogether,
  computed,
  isAttribute,
  parseRedrivePolicy,
  withDefaults,
} from "./attributes.ts";
import { invalidParameter, invalidValue, noSuchQueue } from "./errors.ts";
import { type Input, integer, requiredText, text, textMap, texts } from "./input.ts";
import type { Queue, QueueAttributes } from "./model.ts";
import { acceptsFrom } from "./receive.ts";
import type { SqsState } from "./state.ts";

function checkName(name: string, fifo: boolean): void {
  const stem = fifo ? name.replace(/\.fifo$/, "") : name;
  if (name.length > 80 || !/^[A-Za-z0-9_-]+$/.test(stem) || (fifo && stem === name)) {
    throw invalidParameter(
      fifo
        ? "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length."
        : "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
    );
  }
}

/** Attributes as they come: Policy and RedrivePolicy are cleared by an empty string. */
function merge(attributes: QueueAttributes, change: QueueAttributes): QueueAttributes {
  const merged: Record<string, string> = { ...attributes };
  for (const [name, value] of Object.entries(change)) {
    if (value === "") delete merged[name];
    else merged[name] = value;
  }
  return merged;
}

/** A queue's dead-letter queue must exist, be of its kind, and accept it. */
function checkRedrive(state: SqsState, attributes: QueueAttributes, arn: string, fifo: boolean): void {
  if (!attributes.RedrivePolicy) return;
  const { deadLetterTargetArn } = parseRedrivePolicy(attributes.RedrivePolicy);
  const target = state.queues.byArn(deadLetterTargetArn);
  if (!target) {
    throw invalidValue(attributes.RedrivePolicy, "RedrivePolicy", "Dead letter target does not exist");
  }
  if (target.settings.fifo !== fifo) {
    throw invalidValue(
      attributes.RedrivePolicy,
      "RedrivePolicy",
      "Dead-letter queue must be same type of queue as the source",
    );
  }
  if (!acceptsFrom(target, arn)) {
    throw invalidValue(
      attributes.RedrivePolicy,
      "RedrivePolicy",
      `Queue ${arn} is not allowed to use ${deadLetterTargetArn} as its dead-letter queue`,
    );
  }
}

export function urlOf(call: Call, name: string): string {
  return `${call.endpoint}/${call.accountId}/${name}`;
}

function tagContext(tags: Readonly<Record<string, string>>): Record<string, string | string[]> {
  const context: Record<string, string | string[]> = { "aws:TagKeys": Object.keys(tags) };
  for (const [key, value] of Object.entries(tags)) context[`aws:RequestTag/${key}`] = value;
  return context;
}

export function attributesOf(state: SqsState, queue: Queue): Record<string, string> {
  const counts = state.messages.counts(queue.id, Date.now());
  return {
    ...withDefaults(queue.attributes),
    QueueArn: queue.arn,
    CreatedTimestamp: String(Math.floor(queue.created / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modified / 1000)),
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
  };
}

/** A page of names or URLs, and where the next one begins. */
function page(
  all: readonly string[],
  input: Input,
): { items: readonly string[]; NextToken: string | undefined } {
  const size = integer(input, "MaxResults", 1, 1000);
  const token = text(input, "NextToken");
  const start = token ? Number(Buffer.from(token, "base64url").toString()) : 0;
  if (!Number.isInteger(start) || start < 0) throw invalidParameter("Invalid or expired next token.");
  const end = start + (size ?? 1000);
  const more = size !== undefined && end < all.length;
  return {
    items: all.slice(start, end),
    NextToken: more ? Buffer.from(String(end)).toString("base64url") : undefined,
  };
}

export function queueOperations(state: SqsState): Record<string, Operation> {
  const needs = (action: string) => (input: Input) => [
    { action: `sqs:${action}`, resource: state.arn(input) },
  ];

  return {
    CreateQueue: operation({
      access(input: Input) {
        const resource = state.arnOf(requiredText(input, "QueueName"));
        const tags = textMap(input, "tags");
        const context = tagContext(tags);
        const create = { action: "sqs:CreateQueue", resource, context };
        return Object.keys(tags).length > 0
          ? [create, { action: "sqs:TagQueue", resource, context }]
          : [create];
      },
      async run(input: Input, call: Call) {
        const name = requiredText(input, "QueueName");
        const attributes = textMap(input, "Attributes");
        const fifo = attributes.FifoQueue === "true";
        checkName(name, fifo);
        checkAttributes(attributes, fifo);
        checkTogether(attributes);
        const existing = state.queues.get(name);
        if (existing) {
          const present = withDefaults(existing.attributes);
          const differs = Object.keys(attributes).find((key) => (present[key] ?? "") !== attributes[key]);
          if (differs) {
            throw new AwsError(
              "QueueNameExists",
              `A queue already exists with the same name and a different value for attribute ${differs}`,
            );
          }
          return { QueueUrl: urlOf(call, name) };
        }
        checkRedrive(state, attributes, state.arnOf(name), fifo);
        await state.commit.write(() =>
          state.queues.create(name, merge({}, attributes), textMap(input, "tags"), call.time),
        );
        return { QueueUrl: urlOf(call, name) };
      },
    }),
    DeleteQueue: operation({
      access: needs("DeleteQueue"),
      async run(input: Input) {
        const queue = state.queue(input);
        await state.commit.write(() => {
          state.messages.forget(queue.id);
          state.attempts.forgetQueue(queue.id);
          state.inFlight.forget(queue.id);
          state.queues.remove(queue);
          state.forgetOrder(queue);
        });
        state.polls.release(queue.id);
      },
    }),
    PurgeQueue: operation({
      access: needs("PurgeQueue"),
      async run(input: Input, call: Call) {
        const queue = state.queue(input);
        if (call.time - queue.purged < 60_000) {
          throw new AwsError(
            "PurgeQueueInProgress",
            `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
            403,
          );
        }
        await state.commit.write(() => {
          state.messages.removeAll(queue.id);
          state.queues.change(queue, { purged: call.time });
          state.forgetOrder(queue);
        });
      },
    }),
    GetQueueUrl: operation({
      access: (input: Input) => [
        { action: "sqs:GetQueueUrl", resource: state.arnOf(requiredText(input, "QueueName")) },
      ],
      run(input: Input, call: Call) {
        const name = requiredText(input, "QueueName");
        const owner = text(input, "QueueOwnerAWSAccountId") ?? call.accountId;
        if (!state.queues.get(name) || owner !== call.accountId) throw noSuchQueue();
        return { QueueUrl: urlOf(call, name) };
      },
    }),
    ListQueues: operation({
      access: () => [{ action: "sqs:ListQueues", resource: "*" }],
      run(input: Input, call: Call) {
        const prefix = text(input, "QueueNamePrefix") ?? "";
        const names = state.queues.all().map(({ name }) => name);
        const { items, NextToken } = page(names.filter((name) => name.startsWith(prefix)).sort(), input);
        const urls = items.map((name) => urlOf(call, name));
        return urls.length > 0 ? { QueueUrls: urls, NextToken } : {};
      },
    }),
    GetQueueAttributes: operation({
      access: needs("GetQueueAttributes"),
      run(input: Input) {
        const queue = state.queue(input);
        const wanted = texts(input, "AttributeNames");
        const unknown = wanted.find((name) => name !== "All" && !isAttribute(name));
        if (unknown) throw new AwsError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
        if (wanted.length === 0) return {};
        const all = wanted.includes("All");
        const plain = !all && !wanted.some((name) => (computed as readonly string[]).includes(name));
        const attributes = plain ? withDefaults(queue.attributes) : attributesOf(state, queue);
        const selected = Object.entries(attributes).filter(([name]) => all || wanted.includes(name));
        return selected.length > 0 ? { Attributes: Object.fromEntries(selected) } : {};
      },
    }),
    SetQueueAttributes: operation({
      access: needs("SetQueueAttributes"),
      async run(input: Input, call: Call) {
        const queue = state.queue(input);
        const change = textMap(input, "Attributes");
        const { fifo } = queue.settings;
        if (change.FifoQueue !== undefined && (change.FifoQueue === "true") !== fifo) {
          throw new AwsError("InvalidAttributeName", "Unknown Attribute FifoQueue.");
        }
        const cleared = new Set(["Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId"]);
        const set = Object.entries(change).filter(([name, value]) => value !== "" || !cleared.has(name));
        checkAttributes(Object.fromEntries(set), fifo);
        const attributes = merge(queue.attributes, change);
        checkTogether(attributes);
        if (change.RedrivePolicy) checkRedrive(state, attributes, queue.arn, fifo);
        await state.commit.write(() => state.queues.change(queue, { attributes, modified: call.time }));
        state.polls.notify(queue.id);
      },
    }),
    ListDeadLetterSourceQueues: operation({
      access: needs("ListDeadLetterSourceQueues"),
      run(input: Input, call: Call) {
        const queue = state.queue(input);
        const sources = state.queues
          .all()
          .filter(({ settings }) => settings.redrive?.deadLetterTargetArn === queue.arn)
          .map(({ name }) => urlOf(call, name));
        const { items, NextToken } = page(sources.sort(), input);
        return { queueUrls: items, NextToken };
      },
    }),
    TagQueue: operation({
      access: (input: Input) => [
        { action: "sqs:TagQueue", resource: state.arn(input), context: tagContext(textMap(input, "Tags")) },
      ],
      async run(input: Input) {
        const queue = state.queue(input);
        const tags = { ...queue.tags, ...textMap(input, "Tags") };
        if (Object.keys(tags).length > 50) throw invalidParameter("Too many tags added for queue.");
        await state.commit.write(() => state.queues.change(queue, { tags }));
      },
    }),
    UntagQueue: operation({
      access: (input: Input) => [
        {
          action: "sqs:UntagQueue",
          resource: state.arn(input),
          context: { "aws:TagKeys": texts(input, "TagKeys") },
        },
      ],
      async run(input: Input) {
        const queue = state.queue(input);
        const tags = { ...queue.tags };
        for (const key of texts(input, "TagKeys")) delete tags[key];
        await state.commit.write(() => state.queues.change(queue, { tags }));
      },
    }),
    ListQueueTags: operation({
      access: needs("ListQueueTags"),
      run: (input: Input) => ({ Tags: state.queue(input).tags }),
    }),
  };
}
