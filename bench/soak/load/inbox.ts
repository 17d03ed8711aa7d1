/** A queue that must receive certain messages: a consumer that takes them out and keeps account. */
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import type { Driver } from "../driver.ts";

export interface Inbox {
  readonly url: string;
  readonly arn: string;
  /** It must come: what was to put it here was acknowledged. */
  expect(id: string): void;
  /** It may come: nobody knows whether what was to put it here took effect. */
  allow(id: string): void;
  /** Receives, checks and deletes; waits at most a second. */
  consume(): Promise<void>;
  came(id: string): boolean;
  /** It came elsewhere, and need not come here. */
  excuse(id: string): void;
  expected(): readonly string[];
  missing(): readonly string[];
}

/** Seconds a received message is not seen by others: more than a busy machine takes to delete it. */
export const visibilityOf = ({ patience }: Driver) => 20 * patience;

export async function createQueue(
  driver: Driver,
  load: string,
  QueueName: string,
  Attributes: Record<string, string> = {},
): Promise<{ url: string; arn: string }> {
  const { sqs } = driver.clients;
  const { QueueUrl = "" } = await driver.insist(load, () =>
    sqs.send(
      new CreateQueueCommand({
        QueueName,
        Attributes: { VisibilityTimeout: String(visibilityOf(driver)), ...Attributes },
      }),
    ),
  );
  return { url: QueueUrl, arn: `arn:aws:sqs:us-east-1:000000000000:${QueueName}` };
}

/** A policy that lets a service of AWS send to the queue. */
export function senderPolicy(service: string, queueArn: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: { Service: service }, Action: "sqs:SendMessage", Resource: queueArn },
    ],
  });
}

export async function openInbox(
  driver: Driver,
  load: string,
  QueueName: string,
  idOf: (body: string) => string,
  Attributes: Record<string, string> = {},
): Promise<Inbox> {
  const { ledger } = driver;
  const { url: QueueUrl, arn } = await createQueue(driver, load, QueueName, Attributes);
  const expected = new Set<string>();
  const allowed = new Set<string>();
  const came = new Set<string>();
  const deleted = deletions(driver, load, QueueName);

  return {
    url: QueueUrl,
    arn,
    expect(id) {
      allowed.delete(id);
      if (!came.has(id)) expected.add(id);
    },
    allow: (id) => void allowed.add(id),
    async consume() {
      const received = performance.now();
      const messages = await receive(driver, load, QueueUrl);
      deleted.check(messages);
      for (const { Body = "" } of messages) {
        const id = idOf(Body);
        if (came.has(id)) ledger.count(load, `${QueueName}: came again`);
        else ledger.count(load, `${QueueName}: came`);
        if (!came.has(id) && !expected.has(id) && !allowed.has(id)) {
          ledger.violation(load, `${QueueName} was given ${id}, which nobody sent there`);
        }
        came.add(id);
        expected.delete(id);
        allowed.delete(id);
      }
      await deleted.remove(QueueUrl, messages, received);
    },
    came: (id) => came.has(id),
    excuse: (id) => void expected.delete(id),
    expected: () => [...expected],
    missing: () => [...expected].map((id) => `${QueueName} has not received ${id}`),
  };
}

/** What there is within a second; nothing where a kill took the answer. */
export async function receive(driver: Driver, load: string, QueueUrl: string): Promise<readonly Message[]> {
  const outcome = await driver.attempt(load, () =>
    driver.clients.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 1,
        MessageSystemAttributeNames: ["ApproximateReceiveCount"],
      }),
    ),
  );
  if (outcome.kind === "refused") throw new Error(`receive refused: ${outcome.code} ${outcome.message}`);
  return outcome.kind === "unknown" ? [] : (outcome.value.Messages ?? []);
}

/** Deletes messages and remembers those whose deletion was acknowledged: none may be received again. */
export function deletions(driver: Driver, load: string, queue: string) {
  const { sqs } = driver.clients;
  const gone = new Set<string>();
  return {
    check(messages: readonly Message[]): void {
      for (const { MessageId = "", Body = "" } of messages) {
        if (gone.has(MessageId)) {
          driver.ledger.violation(
            load,
            `${queue} delivered ${Body.slice(0, 80)} after its deletion was acknowledged`,
          );
        }
      }
    },
    /** True when the deletion was acknowledged. `received` is when the call that brought the messages was made. */
    async remove(QueueUrl: string, messages: readonly Message[], received: number): Promise<boolean> {
      const [first] = messages;
      if (!first) return true;
      const outcome = await driver.attempt(load, async () => {
        if (messages.length === 1) {
          await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first.ReceiptHandle }));
          return [];
        }
        const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
        const { Failed = [] } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
        return Failed;
      });
      if (outcome.kind === "refused") {
        const late = performance.now() - received > visibilityOf(driver) * 1000;
        if (!late) throw new Error(`delete refused: ${outcome.code} ${outcome.message}`);
        driver.ledger.count(load, "deletions too late");
        return false;
      }
      if (outcome.kind === "unknown") return false;
      const failed = new Map(outcome.value.map(({ Id, Message }) => [Number(Id), Message]));
      for (const [index, { MessageId = "" }] of messages.entries()) {
        if (!failed.has(index)) gone.add(MessageId);
        // After a kill on a busy machine it may be visible again, and a FIFO queue then takes no deletion.
        else if (performance.now() - received > visibilityOf(driver) * 1000)
          driver.ledger.count(load, "deletions too late");
        else driver.ledger.violation(load, `${queue} did not delete ${MessageId}: ${failed.get(index)}`);
      }
      driver.ledger.count(load, "deletions acknowledged", messages.length - failed.size);
      return failed.size === 0;
    },
  };
}
