/** SQS: messages that are sent, received, given back, deleted, or end in the dead-letter queue. */
import {
  ChangeMessageVisibilityCommand,
  type Message,
  SendMessageBatchCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import type { Driver, Load } from "../driver.ts";
import { createQueue, deletions, receive, visibilityOf } from "./inbox.ts";

/** Receives until a message goes to the dead-letter queue. */
const RECEIVES = 6;
/** No more in the queue than this: producers then wait for consumers. */
const BACKLOG = 400;

export async function queue(driver: Driver): Promise<Load> {
  const { clients, ledger } = driver;
  const { sqs } = clients;
  const name = "sqs";
  const dead = await createQueue(driver, name, "soak-dead");
  const { url: QueueUrl } = await createQueue(driver, name, "soak-queue", {
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: RECEIVES }),
  });
  /** Acknowledged and not yet done with. */
  const open = new Set<string>();
  const sent = new Set<string>();
  const deleted = deletions(driver, name, "soak-queue");
  const buried = deletions(driver, name, "soak-dead");
  const isPoison = (id: string) => id.endsWith("!");

  function producer(index: number) {
    const random = driver.random(`producer ${index}`);
    let count = 0;
    const newId = () => `${index}-${count++}${random.percent(2) ? "!" : ""}`;
    const bodyOf = (id: string) => `${id}\n${"x".repeat(random.below(2000))}`;
    return async () => {
      if (open.size > BACKLOG) return void (await new Promise((resolve) => setTimeout(resolve, 50)));
      const ids = Array.from({ length: random.percent(40) ? 1 + random.below(10) : 1 }, newId);
      for (const id of ids) sent.add(id);
      const [first = ""] = ids;
      const outcome = await driver.attempt(name, async () => {
        if (ids.length === 1) {
          await sqs.send(
            new SendMessageCommand({
              QueueUrl,
              MessageBody: bodyOf(first),
              DelaySeconds: random.percent(10) ? 1 : 0,
            }),
          );
          return ids;
        }
        const Entries = ids.map((id, at) => ({ Id: String(at), MessageBody: bodyOf(id) }));
        const { Successful = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
        return Successful.map(({ Id }) => ids[Number(Id)] ?? "");
      });
      if (outcome.kind === "refused") throw new Error(`send refused: ${outcome.code} ${outcome.message}`);
      if (outcome.kind === "unknown") return;
      for (const id of outcome.value) if (!done.has(id)) open.add(id);
      ledger.count(name, "messages acknowledged", outcome.value.length);
    };
  }

  /** Done with before their acknowledgement was heard of. */
  const done = new Set<string>();
  function finish(message: Message): void {
    const id = idOf(message);
    if (!open.delete(id)) done.add(id);
  }

  async function receiveFrom(url: string): Promise<readonly Message[]> {
    const messages = await receive(driver, name, url);
    for (const message of messages) {
      if (!sent.has(idOf(message))) ledger.violation(name, `received ${idOf(message)}, which nobody sent`);
    }
    return messages;
  }

  function consumer(index: number) {
    const random = driver.random(`consumer ${index}`);
    return async () => {
      const received = performance.now();
      const messages = await receiveFrom(QueueUrl);
      deleted.check(messages);
      buried.check(messages);
      const settled: Message[] = [];
      for (const message of messages) {
        ledger.count(name, "messages received");
        if (receivesOf(message) > RECEIVES) {
          ledger.violation(name, `${idOf(message)} was received ${receivesOf(message)} times`);
        }
        if (!isPoison(idOf(message)) && !random.percent(5)) settled.push(message);
        // Some come back at once, others when their visibility ends.
        else if (isPoison(idOf(message)) || random.percent(50)) {
          await driver.attempt(name, () =>
            sqs.send(
              new ChangeMessageVisibilityCommand({
                QueueUrl,
                ReceiptHandle: message.ReceiptHandle,
                VisibilityTimeout: 0,
              }),
            ),
          );
        }
      }
      if (await deleted.remove(QueueUrl, settled, received)) settled.forEach(finish);
      // Deleted, perhaps: it may come again, or never.
      else for (const message of settled) finish(message);
    };
  }

  async function undertaker(): Promise<void> {
    const received = performance.now();
    const messages = await receiveFrom(dead.url);
    deleted.check(messages);
    buried.check(messages);
    for (const message of messages) {
      ledger.count(name, isPoison(idOf(message)) ? "poison in the dead-letter queue" : "others there");
      finish(message);
    }
    await buried.remove(dead.url, messages, received);
  }

  const consumers = [consumer(0), consumer(1), undertaker];
  return {
    name,
    workers: [producer(0), producer(1)],
    drains: consumers,
    missing: () => [...open].map((id) => `message ${id} is neither deleted nor in the dead-letter queue`),
    async check() {
      // Whatever was invisible is visible again after this: nothing that was deleted may be among it.
      await new Promise((resolve) => setTimeout(resolve, (visibilityOf(driver) + 1) * 1000));
      for (const url of [QueueUrl, dead.url]) {
        const messages = await receiveFrom(url);
        deleted.check(messages);
        buried.check(messages);
      }
    },
  };
}

function idOf({ Body = "" }: Message): string {
  return Body.slice(0, Body.indexOf("\n"));
}

function receivesOf({ Attributes }: Message): number {
  return Number(Attributes?.ApproximateReceiveCount);
}
