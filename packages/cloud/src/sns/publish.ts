/** Publishing: what a message may be, whom it goes to, and that FIFO topics take each message once. */
import { hash, randomUUID } from "node:crypto";
import { AwsError, notImplemented } from "../error.ts";
import type { Json } from "../pattern/pattern.ts";
import { type Call, type Operation, operation } from "../service.ts";
import type { Job } from "../store/outbox.ts";
import { invalid } from "./errors.ts";
import { type Input, list, messageAttributes, requiredText, text } from "./input.ts";
import type { Filterable, Publication, Topic } from "./model.ts";
import type { SnsState } from "./state.ts";

const largest = 262_144;
const dedupWindow = 5 * 60_000;

const schema = `
CREATE TABLE IF NOT EXISTS dedup (
  topic TEXT NOT NULL,
  scope TEXT NOT NULL,
  dedup TEXT NOT NULL,
  until INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  sequence TEXT NOT NULL,
  PRIMARY KEY (topic, scope, dedup)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS dedup_until ON dedup (until)`;

interface Published {
  readonly MessageId: string;
  readonly SequenceNumber?: string;
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** The texts by protocol of a message with `MessageStructure: "json"`. */
function readVariants(message: string): Record<string, string> {
  const value = parseJson(message);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid("Message Structure - JSON message body failed to parse");
  }
  const variants: Record<string, string> = {};
  for (const [protocol, variant] of Object.entries(value)) {
    if (typeof variant === "string") variants[protocol] = variant;
  }
  if (variants.default === undefined) {
    throw invalid("Message Structure - No default entry in JSON message body");
  }
  return variants;
}

function checkGroup(value: string | undefined, name: string): void {
  if (value !== undefined && !/^[\x21-\x7e]{1,128}$/.test(value)) {
    throw invalid(`${name} Reason: ${name} must be 1 to 128 printable characters without spaces`);
  }
}

/** Checks one message. */
function read(topic: Topic, input: Input, time: number): Publication {
  const message = text(input, "Message") ?? "";
  if (message === "") throw invalid("Empty message");
  const subject = text(input, "Subject");
  if (subject !== undefined && !/^[\x20-\x7e]{1,100}$/.test(subject)) throw invalid("Subject");
  const structure = text(input, "MessageStructure");
  if (structure !== undefined && structure !== "json") throw invalid("MessageStructure");
  const attributes = messageAttributes(input);
  const attributeSize = Object.entries(attributes).reduce(
    (sum, [name, { DataType, StringValue = "", BinaryValue = "" }]) =>
      sum +
      name.length +
      DataType.length +
      Buffer.byteLength(StringValue) +
      Buffer.byteLength(BinaryValue, "base64"),
    0,
  );
  if (Buffer.byteLength(message) + attributeSize > largest) throw invalid("Message too long");
  const group = text(input, "MessageGroupId");
  const dedup = text(input, "MessageDeduplicationId");
  checkGroup(group, "MessageGroupId");
  checkGroup(dedup, "MessageDeduplicationId");
  if (topic.fifo) {
    if (!group) throw invalid("The MessageGroupId parameter is required for FIFO topics");
    if (!dedup && topic.attributes.ContentBasedDeduplication !== "true") {
      throw invalid(
        "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
      );
    }
  } else if (dedup !== undefined) {
    throw invalid(
      "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type",
    );
  }
  return {
    messageId: randomUUID(),
    topicArn: topic.arn,
    type: "Notification",
    time,
    subject,
    message,
    variants: structure === "json" ? readVariants(message) : undefined,
    attributes,
    group,
    dedup: topic.fifo ? (dedup ?? hash("sha256", message)) : undefined,
  };
}

export function publishing(state: SnsState) {
  const database = state.hub.database("sns");
  database.exec(schema);
  const find = database.prepare(
    "SELECT message_id, sequence FROM dedup WHERE topic = ? AND scope = ? AND dedup = ? AND until > ?",
  );
  const remember = database.prepare(
    "INSERT OR REPLACE INTO dedup (topic, scope, dedup, until, message_id, sequence) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const forget = database.prepare("DELETE FROM dedup WHERE until <= ?");
  // Grows with every message, through restarts too: time in microseconds, and never the same twice.
  let lastSequence = 0;

  function nextSequence(): string {
    lastSequence = Math.max(lastSequence + 1, Date.now() * 1000);
    return String(10_000_000_000_000_000_000n + BigInt(lastSequence));
  }

  function targetsOf(publication: Publication): { target: string; lane: string | null }[] {
    const targets: { target: string; lane: string | null }[] = [];
    let body: { value: Json | undefined } | undefined;
    const filterable: Filterable = {
      attributes: publication.attributes,
      body: () => {
        body ??= { value: parseJson(publication.message) };
        return body.value;
      },
    };
    for (const { arn, token, settings } of state.store.subscriptionsOf(publication.topicArn)) {
      if (token !== undefined || !settings.accepts(filterable)) continue;
      const ordered = publication.sequence !== undefined;
      targets.push({ target: arn, lane: ordered ? `${arn}\n${publication.group}` : null });
    }
    return targets;
  }

  /** Writes one message: must run inside a commit. */
  function write(topic: Topic, publication: Publication, jobs: Job[]): Published {
    const { group = "", dedup, messageId, time } = publication;
    if (dedup === undefined) {
      jobs.push(...state.outbox.write(publication, targetsOf(publication)));
      return { MessageId: messageId };
    }
    const scope = topic.attributes.FifoThroughputScope === "MessageGroup" ? group : "";
    const earlier = find.get(topic.arn, scope, dedup, time) as
      | { message_id: string; sequence: string }
      | undefined;
    if (earlier) return { MessageId: earlier.message_id, SequenceNumber: earlier.sequence };
    const sequence = nextSequence();
    forget.run(time);
    remember.run(topic.arn, scope, dedup, time + dedupWindow, messageId, sequence);
    const ordered = { ...publication, sequence };
    jobs.push(...state.outbox.write(ordered, targetsOf(ordered)));
    return { MessageId: messageId, SequenceNumber: sequence };
  }

  async function publish(topic: Topic, publications: readonly Publication[]): Promise<Published[]> {
    const jobs: Job[] = [];
    const published = await state.commit.write(() => publications.map((one) => write(topic, one, jobs)));
    state.outbox.send(jobs);
    return published;
  }

  function targetArn(input: Input): string {
    const arn = text(input, "TopicArn") ?? text(input, "TargetArn");
    if (arn) return arn;
    if (text(input, "PhoneNumber")) throw notImplemented("sns", "Publish to a phone number");
    throw invalid("TopicArn or TargetArn Reason: no value for required parameter");
  }

  const operations: Record<string, Operation> = {
    Publish: operation({
      access: (input: Input) => [{ action: "sns:Publish", resource: targetArn(input) }],
      async run(input: Input, call: Call) {
        const topic = state.topic(targetArn(input));
        const [published] = await publish(topic, [read(topic, input, call.time)]);
        return published;
      },
    }),
    PublishBatch: operation({
      access: (input: Input) => [{ action: "sns:Publish", resource: requiredText(input, "TopicArn") }],
      async run(input: Input, call: Call) {
        const topic = state.topic(requiredText(input, "TopicArn"));
        const entries = list(input, "PublishBatchRequestEntries");
        checkBatch(entries);
        const accepted: { Id: string; publication: Publication }[] = [];
        const Failed: { Id: string; Code: string; Message: string; SenderFault: boolean }[] = [];
        let size = 0;
        for (const entry of entries) {
          const Id = text(entry, "Id") ?? "";
          try {
            const publication = read(topic, entry, call.time);
            size += Buffer.byteLength(publication.message);
            accepted.push({ Id, publication });
          } catch (error) {
            if (!(error instanceof AwsError)) throw error;
            Failed.push({ Id, Code: error.code, Message: error.message, SenderFault: true });
          }
        }
        if (size > largest) {
          throw new AwsError(
            "BatchRequestTooLong",
            `The length of all the messages put together is more than the limit of ${largest} bytes.`,
          );
        }
        const published = await publish(
          topic,
          accepted.map(({ publication }) => publication),
        );
        return {
          Successful: published.map((one, index) => ({ Id: accepted[index]?.Id, ...one })),
          Failed,
        };
      },
    }),
  };
  return operations;
}

function checkBatch(entries: readonly Input[]): void {
  if (entries.length === 0) {
    throw new AwsError("EmptyBatchRequest", "The batch request doesn't contain any entries.");
  }
  if (entries.length > 10) {
    throw new AwsError(
      "TooManyEntriesInBatchRequest",
      "The batch request contains more entries than permissible (10).",
    );
  }
  const ids = new Set<string>();
  for (const entry of entries) {
    const id = text(entry, "Id") ?? "";
    if (!/^[\w-]{1,80}$/.test(id)) {
      throw new AwsError(
        "InvalidBatchEntryId",
        "The Id of a batch entry in a batch request doesn't abide by the specification.",
      );
    }
    if (ids.has(id)) {
      throw new AwsError(
        "BatchEntryIdsNotDistinct",
        "Two or more batch entries in the request have the same Id.",
      );
    }
    ids.add(id);
  }
}
