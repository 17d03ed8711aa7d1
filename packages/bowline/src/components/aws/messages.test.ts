import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, test } from "vitest";
import { Bus, Function as LambdaFunction, Queue, SnsTopic } from "./index.ts";
import { startTestApp, type TestApp } from "./testing.ts";

const files = {
  "src/log.ts": `export const handler = async (event: unknown) => { console.log("got", JSON.stringify(event)); };`,
  "src/links.ts": `export const handler = async () => process.env.SST_RESOURCE_Jobs;`,
};

function clientOf<T>(app: TestApp, clientClass: new (config: object) => T): T {
  const { endpoint, region, credentials } = app.cloud;
  return new clientClass({ endpoint, region, credentials });
}

describe("a queue", () => {
  test("gives its messages to its subscriber, and its link to who sends", async () => {
    await using app = await startTestApp(files);
    const { outputs } = await app.deploy(() => {
      const dead = new Queue("Dead");
      const jobs = new Queue("Jobs", { dlq: dead.arn, visibilityTimeout: "1 minute" });
      jobs.subscribe("src/log.handler", { batch: { size: 1 }, filters: [{ body: { kind: ["wanted"] } }] });
      const sender = new LambdaFunction("Sender", { handler: "src/links.handler", url: true, link: [jobs] });
      return { queue: jobs.url, url: sender.url };
    });
    expect(await (await fetch(String(outputs.url))).json()).toMatchObject({
      url: outputs.queue,
      type: "bowline:aws:Queue",
    });
    const sqs = clientOf(app, SQSClient);
    for (const kind of ["other", "wanted"]) {
      await sqs.send(
        new SendMessageCommand({ QueueUrl: String(outputs.queue), MessageBody: JSON.stringify({ kind }) }),
      );
    }
    expect(await app.logged("got")).toContain("wanted");
  });

  test("has one subscriber", async () => {
    await using app = await startTestApp(files);
    await expect(
      app.deploy(() => {
        const jobs = new Queue("Jobs");
        jobs.subscribe("src/log.handler");
        jobs.subscribe("src/log.handler");
        return {};
      }),
    ).rejects.toThrow("The queue Jobs has a subscriber already.");
  });

  test("is given to a function that exists already", async () => {
    await using app = await startTestApp(files);
    const { outputs } = await app.deploy(() => {
      const worker = new LambdaFunction("Worker", { handler: "src/log.handler" });
      const jobs = new Queue("Jobs", { fifo: { contentBasedDeduplication: true } });
      jobs.subscribe(worker);
      return { queue: jobs.url };
    });
    await clientOf(app, SQSClient).send(
      new SendMessageCommand({
        QueueUrl: String(outputs.queue),
        MessageBody: "in order",
        MessageGroupId: "a",
      }),
    );
    expect(await app.logged("got")).toContain("in order");
  });
});

test("a topic reaches functions and queues, as far as their filters let it", async () => {
  await using app = await startTestApp(files);
  const { outputs } = await app.deploy(() => {
    const paid = new SnsTopic("Paid");
    paid.subscribe("mail", "src/log.handler", { filter: { kind: ["mail"] } });
    const jobs = new Queue("Jobs");
    paid.subscribeQueue("Jobs", jobs);
    jobs.subscribe("src/log.handler");
    return { topic: paid.arn };
  });
  const kind = { DataType: "String", StringValue: "mail" };
  await clientOf(app, SNSClient).send(
    new PublishCommand({ TopicArn: String(outputs.topic), Message: "hello", MessageAttributes: { kind } }),
  );
  expect(await app.logged('"EventSource":"aws:sns"')).toContain("hello");
  expect(await app.logged('"eventSource":"aws:sqs"')).toContain("hello");
});

test("a bus reaches who subscribed to the pattern, and several senders share a queue", async () => {
  await using app = await startTestApp(files);
  const { outputs } = await app.deploy(() => {
    const bus = new Bus("Bus");
    bus.subscribe("Mail", "src/log.handler", {
      pattern: { detailType: ["paid"], detail: { amount: [{ numeric: [">", 10] }] } },
    });
    const jobs = new Queue("Jobs");
    bus.subscribeQueue("All", jobs);
    const topic = new SnsTopic("Topic");
    topic.subscribeQueue("All", jobs);
    jobs.subscribe("src/log.handler");
    return { bus: bus.name, topic: topic.arn };
  });
  const event = (amount: number) => ({
    EventBusName: String(outputs.bus),
    Source: "shop",
    DetailType: "paid",
    Detail: JSON.stringify({ amount }),
  });
  await clientOf(app, EventBridgeClient).send(new PutEventsCommand({ Entries: [event(1), event(20)] }));
  expect(await app.logged('got {"version"')).toContain('"amount":20');
  expect(await app.logged('\\"amount\\":1}')).toContain("aws:sqs");
  await clientOf(app, SNSClient).send(
    new PublishCommand({ TopicArn: String(outputs.topic), Message: "from the topic" }),
  );
  expect(await app.logged("from the topic")).toContain("aws:sqs");
});
