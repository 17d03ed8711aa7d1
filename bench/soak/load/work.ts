/** Functions fed from queues: batches that fail whole or in part, poison, and the order of a FIFO queue's groups. */
import { CreateEventSourceMappingCommand } from "@aws-sdk/client-lambda";
import { SendMessageBatchCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import type { Driver, Load } from "../driver.ts";
import { createFunction } from "../functions.ts";
import type { Order } from "../observer.ts";
import { createQueue, openInbox } from "./inbox.ts";

interface QueueEvent {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}

const RECEIVES = 2;
const BACKLOG = 200;
const GROUPS = 3;
/** Seconds: a batch must not be handed out again while it is being handled, however busy the machine. */
const HANDLED_WITHIN = 30;
const TIMEOUT = 25;

export async function work(driver: Driver): Promise<Load> {
  const { clients, ledger } = driver;
  const { lambda, sqs } = clients;
  const name = "queue to function";
  const VisibilityTimeout = String(HANDLED_WITHIN * driver.patience);
  const Timeout = TIMEOUT * driver.patience;
  const dead = await openInbox(driver, name, "soak-work-dead", (body) => body);
  const { url, arn } = await createQueue(driver, name, "soak-work", {
    VisibilityTimeout,
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: RECEIVES }),
  });
  const { url: fifoUrl, arn: fifoArn } = await createQueue(driver, name, "soak-work.fifo", {
    FifoQueue: "true",
    VisibilityTimeout,
  });
  const isPoison = (id: string) => id.endsWith("!");
  const waited = new Set<string>();
  /** Handled, and in which process's time: nothing is handled twice unless a kill came between. */
  const handled = new Map<string, number>();

  await createFunction(lambda, driver.observer.url, driver.role, "soak-worker", "node", { Timeout });
  const random = driver.random("worker");
  driver.observer.listen("soak-worker", (event): Order => {
    const { Records } = event as QueueEvent;
    for (const { body } of Records) {
      // Whatever is handed out too often because of kills may end there as well.
      dead.allow(body);
      const epoch = handled.get(body);
      if (epoch === undefined) continue;
      ledger.count(name, "handled again");
      if (epoch === driver.epoch()) ledger.violation(name, `${body} came again after it was handled`);
    }
    if (!driver.late() && random.percent(3)) {
      ledger.count(name, "batches failed");
      return { do: random.pick(["throw", "exit", "kill"]) };
    }
    const failed = Records.filter(({ body }) => isPoison(body) || (!driver.late() && random.percent(3)));
    for (const record of Records) {
      if (failed.includes(record)) continue;
      if (!handled.has(record.body)) ledger.count(name, "messages handled");
      handled.set(record.body, driver.epoch());
      waited.delete(record.body);
    }
    const batchItemFailures = failed.map(({ messageId }) => ({ itemIdentifier: messageId }));
    return { do: "answer", answer: { batchItemFailures } };
  });

  const groups = Array.from({ length: GROUPS }, () => ({ sent: 0, seen: 0, handled: 0 }));
  await createFunction(lambda, driver.observer.url, driver.role, "soak-fifo-worker", "python", { Timeout });
  driver.observer.listen("soak-fifo-worker", (event): Order => {
    const { Records } = event as QueueEvent;
    const parsed = Records.map(({ body }) => body.split(" ").map(Number));
    for (const [at = 0, number = 0] of parsed) {
      const group = groups[at];
      if (!group) continue;
      if (number > group.seen + 1) {
        ledger.violation(name, `fifo group ${at} was given ${number} after ${group.seen}`);
      }
      ledger.count(name, number > group.seen ? "fifo messages" : "fifo messages again");
      group.seen = Math.max(group.seen, number);
    }
    if (!driver.late() && random.percent(4)) return { do: random.pick(["throw", "exit", "kill"]) };
    for (const [at = 0, number = 0] of parsed) {
      const group = groups[at];
      if (group) group.handled = Math.max(group.handled, number);
    }
    return { do: "answer" };
  });
  for (const [FunctionName, EventSourceArn] of [
    ["soak-worker", arn],
    ["soak-fifo-worker", fifoArn],
  ]) {
    await lambda.send(
      new CreateEventSourceMappingCommand({
        FunctionName,
        EventSourceArn,
        BatchSize: 10,
        FunctionResponseTypes: FunctionName === "soak-worker" ? ["ReportBatchItemFailures"] : [],
        ScalingConfig: { MaximumConcurrency: 3 },
      }),
    );
  }

  let count = 0;
  async function produce(): Promise<void> {
    if (waited.size > BACKLOG) return void (await new Promise((resolve) => setTimeout(resolve, 50)));
    const ids = Array.from(
      { length: 1 + random.below(5) },
      () => `work-${count++}${!driver.late() && random.percent(1) ? "!" : ""}`,
    );
    const outcome = await driver.attempt(name, () =>
      sqs.send(
        new SendMessageBatchCommand({
          QueueUrl: url,
          Entries: ids.map((id, at) => ({ Id: String(at), MessageBody: id })),
        }),
      ),
    );
    if (outcome.kind === "refused") throw new Error(`send refused: ${outcome.code} ${outcome.message}`);
    if (outcome.kind === "unknown") return;
    ledger.count(name, "messages acknowledged", ids.length);
    for (const id of ids) {
      if (isPoison(id)) dead.expect(id);
      else if (!handled.has(id)) waited.add(id);
    }
  }

  function fifoProducer(at: number) {
    return async () => {
      const group = groups[at];
      if (!group) return;
      if (group.sent - group.handled > 30) {
        return void (await new Promise((resolve) => setTimeout(resolve, 50)));
      }
      const next = group.sent + 1;
      await driver.insist(name, () =>
        sqs.send(
          new SendMessageCommand({
            QueueUrl: fifoUrl,
            MessageBody: `${at} ${next}`,
            MessageGroupId: `group-${at}`,
            MessageDeduplicationId: `${at}-${next}`,
          }),
        ),
      );
      group.sent = next;
    };
  }

  return {
    name,
    workers: [produce, ...groups.map((_, at) => fifoProducer(at))],
    drains: [
      async () => {
        await dead.consume();
        // What came there is done with, even if it is no poison.
        for (const id of waited) if (dead.came(id)) waited.delete(id);
      },
    ],
    missing: () => [
      ...dead.missing(),
      ...[...waited].map((id) => `${id} was not handled`),
      ...groups.flatMap(({ sent, handled }, at) =>
        handled < sent ? [`fifo group ${at}: ${handled} of ${sent} handled`] : [],
      ),
    ],
    async check() {},
  };
}
