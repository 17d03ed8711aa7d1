/** SNS FIFO to SQS FIFO: the order of a group is kept from the publisher to the consumer. */
import { CreateTopicCommand, PublishCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import type { Driver, Load } from "../driver.ts";
import { createQueue, deletions, receive, senderPolicy } from "./inbox.ts";

const GROUPS = 3;
const BACKLOG = 30;

export async function orderedTopic(driver: Driver): Promise<Load> {
  const { clients, ledger } = driver;
  const { sns } = clients;
  const name = "sns fifo";
  const { TopicArn } = await driver.insist(name, () =>
    sns.send(new CreateTopicCommand({ Name: "soak-topic.fifo", Attributes: { FifoTopic: "true" } })),
  );
  const queueName = "soak-ordered.fifo";
  const { url: QueueUrl, arn } = await createQueue(driver, name, queueName, {
    FifoQueue: "true",
    Policy: senderPolicy("sns.amazonaws.com", `arn:aws:sqs:us-east-1:000000000000:${queueName}`),
  });
  await driver.insist(name, () =>
    sns.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: "sqs",
        Endpoint: arn,
        Attributes: { RawMessageDelivery: "true" },
      }),
    ),
  );
  const removal = deletions(driver, name, queueName);
  const published = Array.from({ length: GROUPS }, () => 0);
  const came = Array.from({ length: GROUPS }, () => 0);

  function publisher(group: number) {
    return async () => {
      const next = (published[group] ?? 0) + 1;
      if (next - (came[group] ?? 0) > BACKLOG) {
        return void (await new Promise((resolve) => setTimeout(resolve, 50)));
      }
      await driver.insist(name, () =>
        sns.send(
          new PublishCommand({
            TopicArn,
            Message: `${group} ${next}`,
            MessageGroupId: `group-${group}`,
            MessageDeduplicationId: `${group}-${next}`,
          }),
        ),
      );
      published[group] = next;
      ledger.count(name, "publications acknowledged");
    };
  }

  async function consume(): Promise<void> {
    const received = performance.now();
    const messages = await receive(driver, name, QueueUrl);
    removal.check(messages);
    for (const { Body = "" } of messages) {
      const [group = 0, number = 0] = Body.split(" ").map(Number);
      const last = came[group] ?? 0;
      // One that is not deleted, because of a kill, comes again.
      if (number > last + 1) ledger.violation(name, `group ${group} was given ${number} after ${last}`);
      ledger.count(name, number > last ? "messages received" : "messages received again");
      came[group] = Math.max(last, number);
    }
    await removal.remove(QueueUrl, messages, received);
  }

  return {
    name,
    workers: published.map((_, group) => publisher(group)),
    drains: [consume],
    missing: () =>
      published.flatMap((count, group) =>
        (came[group] ?? 0) < count ? [`group ${group} has received ${came[group]} of ${count}`] : [],
      ),
    async check() {},
  };
}
