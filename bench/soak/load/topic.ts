/** SNS: one publication reaches every queue and function that asked for it, and no other. */
import { AddPermissionCommand } from "@aws-sdk/client-lambda";
import {
  CreateTopicCommand,
  PublishBatchCommand,
  PublishCommand,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import type { Driver, Load } from "../driver.ts";
import { createFunction } from "../functions.ts";
import type { Order } from "../observer.ts";
import { openInbox, senderPolicy } from "./inbox.ts";

interface SnsEvent {
  readonly Records: readonly { readonly Sns: { readonly Message: string } }[];
}

const BACKLOG = 300;
const queueArn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

export async function topic(driver: Driver): Promise<Load> {
  const { clients, ledger } = driver;
  const { sns, lambda } = clients;
  const name = "sns";
  const { TopicArn = "" } = await driver.insist(name, () =>
    sns.send(new CreateTopicCommand({ Name: "soak-topic" })),
  );
  const policyFor = (queue: string) => ({ Policy: senderPolicy("sns.amazonaws.com", queueArn(queue)) });
  const raw = await openInbox(driver, name, "soak-raw", (body) => body, policyFor("soak-raw"));
  const even = await openInbox(
    driver,
    name,
    "soak-even",
    (body) => (JSON.parse(body) as { Message: string }).Message,
    policyFor("soak-even"),
  );
  const subscribe = (Protocol: string, Endpoint: string, Attributes: Record<string, string> = {}) =>
    driver.insist(name, () => sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes })));
  await subscribe("sqs", raw.arn, { RawMessageDelivery: "true" });
  await subscribe("sqs", even.arn, { FilterPolicy: '{"parity":["even"]}' });

  const FunctionName = "soak-subscriber";
  const functionArn = await createFunction(lambda, driver.observer.url, driver.role, FunctionName, "node");
  await lambda.send(
    new AddPermissionCommand({
      FunctionName,
      StatementId: "sns",
      Action: "lambda:InvokeFunction",
      Principal: "sns.amazonaws.com",
      SourceArn: TopicArn,
    }),
  );
  await subscribe("lambda", functionArn);
  const waited = new Set<string>();
  const handled = new Set<string>();
  driver.observer.listen(FunctionName, (event): Order => {
    for (const { Sns } of (event as SnsEvent).Records) {
      if (handled.has(Sns.Message)) ledger.count(name, "function: came again");
      else ledger.count(name, "function: came");
      handled.add(Sns.Message);
      waited.delete(Sns.Message);
    }
    return { do: "answer" };
  });

  const random = driver.random("topic");
  let count = 0;
  async function publish(): Promise<void> {
    if (waited.size + raw.missing().length > BACKLOG) {
      return void (await new Promise((resolve) => setTimeout(resolve, 50)));
    }
    const numbers = Array.from({ length: random.percent(30) ? 1 + random.below(10) : 1 }, () => count++);
    const ids = numbers.map((number) => `publication ${number}`);
    const isEven = (at: number) => (numbers[at] ?? 0) % 2 === 0;
    for (const [at, id] of ids.entries()) for (const to of isEven(at) ? [raw, even] : [raw]) to.allow(id);
    const entry = (at: number) => ({
      Message: ids[at],
      MessageAttributes: {
        parity: { DataType: "String", StringValue: isEven(at) ? "even" : "odd" },
      },
    });
    const outcome = await driver.attempt(name, async () => {
      if (ids.length === 1) {
        await sns.send(new PublishCommand({ TopicArn, ...entry(0) }));
        return [0];
      }
      const PublishBatchRequestEntries = ids.map((_, at) => ({ Id: String(at), ...entry(at) }));
      const { Successful = [] } = await sns.send(
        new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }),
      );
      return Successful.map(({ Id }) => Number(Id));
    });
    if (outcome.kind === "refused") throw new Error(`publish refused: ${outcome.code} ${outcome.message}`);
    if (outcome.kind === "unknown") return;
    ledger.count(name, "publications acknowledged", outcome.value.length);
    for (const at of outcome.value) {
      const id = ids[at] ?? "";
      raw.expect(id);
      if (isEven(at)) even.expect(id);
      if (!handled.has(id)) waited.add(id);
    }
  }

  return {
    name,
    workers: [publish],
    drains: [raw.consume, even.consume],
    missing: () => [
      ...raw.missing(),
      ...even.missing(),
      ...[...waited].map((id) => `the subscribed function has not seen ${id}`),
    ],
    async check() {},
  };
}
