/** Feeds a function from an SQS queue. */
import { readBatchResult } from "./batch-result.ts";
import { textFilter } from "./filter.ts";
import { callAsFunction, complain, invokeWith, keepPolling, type PollerContext, pause } from "./poller.ts";

interface Message {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Readonly<
    Record<
      string,
      { readonly DataType: string; readonly StringValue?: string; readonly BinaryValue?: unknown }
    >
  >;
  readonly MD5OfMessageAttributes?: string;
}

/** Batches handled at a time where the mapping names no limit. */
const CONCURRENCY = 10;
const LONGEST_WAIT = 20;
const MOST_PER_CALL = 10;

export async function pollQueue(context: PollerContext): Promise<void> {
  const { mapping, signal, room } = context;
  const [, , , , account, name] = mapping.sourceArn.split(":");
  const QueueUrl = `${room.hub.endpoint}/${account}/${name}`;
  const passes = textFilter(mapping.filters, "body");
  const limit = mapping.maximumConcurrency ?? CONCURRENCY;
  const running = new Set<Promise<void>>();

  const sqs = <T>(operation: string, input: object) =>
    callAsFunction<T>(context, "sqs", operation, { QueueUrl, ...input });

  async function receive(most: number, seconds: number): Promise<readonly Message[]> {
    const { Messages } = await sqs<{ Messages?: readonly Message[] }>("ReceiveMessage", {
      MaxNumberOfMessages: Math.min(most, MOST_PER_CALL),
      WaitTimeSeconds: seconds,
      AttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    });
    return Messages ?? [];
  }

  /** Waits for a first message, then for the batch to fill or the window to close. */
  async function gather(): Promise<Message[]> {
    const batch = [...(await receive(mapping.batchSize, LONGEST_WAIT))];
    if (batch.length === 0) return batch;
    const closes = Date.now() + mapping.window * 1000;
    while (batch.length < mapping.batchSize && Date.now() < closes && !signal.aborted) {
      const seconds = Math.min(LONGEST_WAIT, Math.max(1, Math.round((closes - Date.now()) / 1000)));
      batch.push(...(await receive(mapping.batchSize - batch.length, seconds)));
    }
    return batch;
  }

  async function remove(messages: readonly Message[]): Promise<void> {
    for (let start = 0; start < messages.length; start += MOST_PER_CALL) {
      await sqs("DeleteMessageBatch", {
        Entries: messages
          .slice(start, start + MOST_PER_CALL)
          .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      });
    }
  }

  /** What was received but cannot be handled any more goes back at once. */
  async function giveBack(messages: readonly Message[]): Promise<void> {
    for (const { ReceiptHandle } of messages) {
      await sqs("ChangeMessageVisibility", { ReceiptHandle, VisibilityTimeout: 0 });
    }
  }

  async function handle(messages: readonly Message[]): Promise<void> {
    const records = messages.map((message) => describe(message, mapping.sourceArn, room.hub.region));
    const wanted = messages.filter((_, index) => records[index] && passes(records[index]));
    const unwanted = messages.filter((message) => !wanted.includes(message));
    if (unwanted.length > 0) await remove(unwanted);
    if (wanted.length === 0) return;
    const event = { Records: records.filter((_, index) => wanted.includes(messages[index] as Message)) };
    const result = await invokeWith(context, event);
    if (!result) return giveBack(wanted);
    if (result.error) {
      context.report("PROBLEM: Function call failed");
      // With a visibility timeout of zero the batch is back already; a failing function is not hurried.
      return pause(100, signal);
    }
    const done = mapping.reportsFailures ? succeeded(wanted, result.payload) : wanted;
    await remove(done);
    context.report(done.length === wanted.length ? "OK" : "PROBLEM: Some items of the batch failed");
  }

  await keepPolling(context, async () => {
    if (running.size >= limit) await Promise.race(running);
    const batch = await gather();
    if (batch.length === 0) return;
    if (signal.aborted) return giveBack(batch);
    const handling = handle(batch)
      .catch((error: unknown) => {
        if (!signal.aborted) complain(context, error instanceof Error ? error.message : String(error));
      })
      .finally(() => running.delete(handling));
    running.add(handling);
  });
  await Promise.all(running);
}

function succeeded(messages: readonly Message[], payload: Uint8Array): readonly Message[] {
  const result = readBatchResult(payload, new Set(messages.map(({ MessageId }) => MessageId)));
  if (result.kind === "done") return messages;
  if (result.kind === "failed") return [];
  return messages.filter(({ MessageId }) => !result.failed.has(MessageId));
}

/** A message as Lambda's SQS event has it. */
function describe(message: Message, sourceArn: string, region: string) {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
        name,
        {
          ...(value.StringValue === undefined ? {} : { stringValue: value.StringValue }),
          ...(value.BinaryValue === undefined ? {} : { binaryValue: base64(value.BinaryValue) }),
          stringListValues: [],
          binaryListValues: [],
          dataType: value.DataType,
        },
      ]),
    ),
    md5OfBody: message.MD5OfBody,
    ...(message.MD5OfMessageAttributes ? { md5OfMessageAttributes: message.MD5OfMessageAttributes } : {}),
    eventSource: "aws:sqs",
    eventSourceARN: sourceArn,
    awsRegion: region,
  };
}

function base64(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : String(value);
}
