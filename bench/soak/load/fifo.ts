/** SQS FIFO: every group in order, every message once, whoever asks and whatever is killed. */
import { type Message, SendMessageCommand } from "@aws-sdk/client-sqs";
import type { Driver, Load } from "../driver.ts";
import { createQueue, deletions, receive } from "./inbox.ts";

const GROUPS = 5;
const BACKLOG = 40;

interface Group {
  /** Sent and acknowledged up to here. */
  sent: number;
  /** Deletions up to here were acknowledged. */
  deleted: number;
  /** Deletions up to here were asked for. */
  deleting: number;
}

export async function fifo(driver: Driver): Promise<Load> {
  const { clients, ledger } = driver;
  const { sqs } = clients;
  const name = "sqs fifo";
  const { url: QueueUrl } = await createQueue(driver, name, "soak-queue.fifo", { FifoQueue: "true" });
  const removal = deletions(driver, name, "soak-queue.fifo");
  const groups = Array.from({ length: GROUPS }, (): Group => ({ sent: 0, deleted: 0, deleting: 0 }));

  function producer(at: number) {
    const group = groups[at] as Group;
    return async () => {
      if (group.sent - group.deleted > BACKLOG) {
        return void (await new Promise((resolve) => setTimeout(resolve, 50)));
      }
      const next = group.sent + 1;
      // Sent again after a kill under the same deduplication id: it is in the queue once.
      await driver.insist(name, () =>
        sqs.send(
          new SendMessageCommand({
            QueueUrl,
            MessageBody: `${at} ${next}`,
            MessageGroupId: `group-${at}`,
            MessageDeduplicationId: `${at}-${next}`,
          }),
        ),
      );
      group.sent = next;
      ledger.count(name, "messages acknowledged");
    };
  }

  function consumer(index: number) {
    const random = driver.random(`fifo consumer ${index}`);
    return async () => {
      // What may be the first: as deletions stood before the call, since one may be acknowledged while it is under way.
      const before = groups.map(({ deleted }) => deleted);
      const received = performance.now();
      const messages = await receive(driver, name, QueueUrl);
      removal.check(messages);
      const byGroup = Map.groupBy(messages, (message) => Number(message.Body?.split(" ")[0]));
      for (const [at, mine] of byGroup) {
        const group = groups[at] as Group;
        const numbers = mine.map(numberOf);
        ledger.count(name, "messages received", numbers.length);
        const [first = 0] = numbers;
        if (first <= (before[at] ?? 0) || first > group.deleting + 1) {
          ledger.violation(
            name,
            `group ${at} was given ${first}; deleted were ${before[at]}, being deleted ${group.deleting}`,
          );
        }
        if (numbers.some((number, index) => number !== first + index)) {
          ledger.violation(name, `group ${at} was given ${numbers.join(", ")}`);
        }
        // Some are not deleted: they come again, and nothing behind them before.
        const upTo = random.percent(5) ? random.below(mine.length) : mine.length;
        const done = mine.slice(0, upTo);
        const last = done.at(-1);
        if (!last) continue;
        group.deleting = Math.max(group.deleting, numberOf(last));
        if (await removal.remove(QueueUrl, done, received))
          group.deleted = Math.max(group.deleted, numberOf(last));
      }
    };
  }

  return {
    name,
    workers: groups.map((_, at) => producer(at)),
    drains: [consumer(0), consumer(1), consumer(2)],
    missing: () =>
      groups.flatMap(({ sent, deleting }, at) =>
        deleting < sent ? [`group ${at} has been given ${deleting} of ${sent}`] : [],
      ),
    async check() {},
  };
}

function numberOf({ Body = "" }: Message): number {
  return Number(Body.split(" ")[1]);
}
