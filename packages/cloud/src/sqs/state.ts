/** What the operations of SQS share. */
import type { Hub } from "../service.ts";
import { type GroupCommit, groupCommit } from "../store/group-commit.ts";
import { type AttemptStore, attemptStore } from "./attempts.ts";
import { noSuchQueue } from "./errors.ts";
import { type FifoIndex, fifoIndex } from "./fifo-index.ts";
import { type InFlight, inFlight } from "./in-flight.ts";
import { type Input, requiredText } from "./input.ts";
import { type LongPolls, longPolls } from "./long-polls.ts";
import { type MessageStore, messageStore } from "./message-store.ts";
import type { Queue } from "./model.ts";
import { type QueueStore, queueStore } from "./queue-store.ts";

export interface SqsState {
  readonly hub: Hub;
  readonly queues: QueueStore;
  readonly messages: MessageStore;
  readonly attempts: AttemptStore;
  readonly inFlight: InFlight;
  readonly polls: LongPolls;
  readonly commit: GroupCommit;
  arnOf(name: string): string;
  /** The order of a FIFO queue. */
  fifo(queue: Queue): FifoIndex;
  /** Drops what is remembered of a queue's order; it is read again when needed. */
  forgetOrder(queue: Queue): void;
  /** The queue a request speaks of. */
  queue(input: Input): Queue;
  /** Its ARN, whether it exists or not: for the question whether the caller may. */
  arn(input: Input): string;
}

/** The name at the end of a queue URL, whichever host and port the URL was given with. */
export function queueNameOf(url: string): string {
  const path = url.replace(/^[a-z]+:\/\/[^/]*/i, "");
  return path.slice(path.lastIndexOf("/") + 1);
}

export function sqsState(hub: Hub): SqsState {
  const database = hub.database("sqs");
  const arnOf = (name: string) => `arn:aws:sqs:${hub.region}:${hub.accountId}:${name}`;
  const queues = queueStore(database, arnOf);
  const messages = messageStore(database);
  const orders = new Map<number, FifoIndex>();
  return {
    hub,
    queues,
    messages,
    attempts: attemptStore(database),
    inFlight: inFlight(messages.inFlight),
    polls: longPolls(messages.nextVisible),
    commit: groupCommit(database, () => orders.clear()),
    arnOf,
    fifo(queue) {
      let order = orders.get(queue.id);
      if (!order) {
        order = fifoIndex(messages.placements(queue.id), Date.now());
        orders.set(queue.id, order);
      }
      return order;
    },
    forgetOrder: (queue) => orders.delete(queue.id),
    queue(input) {
      const queue = queues.get(queueNameOf(requiredText(input, "QueueUrl")));
      if (!queue) throw noSuchQueue();
      return queue;
    },
    arn: (input) => arnOf(queueNameOf(requiredText(input, "QueueUrl"))),
  };
}
