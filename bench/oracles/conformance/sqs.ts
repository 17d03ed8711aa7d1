import assert from "node:assert/strict";
import { sign } from "../../../packages/cloud/src/door/sign.ts";
import { type Check, refused } from "./check.ts";

export const queueChecks: readonly Check[] = [
  {
    name: "a queue is created with its attributes",
    async run({ sqs, queue }) {
      const { url: QueueUrl } = await queue({ VisibilityTimeout: "2" });
      const { Attributes } = await sqs.getQueueAttributes({
        QueueUrl,
        AttributeNames: ["VisibilityTimeout"],
      });
      assert.equal(Attributes?.VisibilityTimeout, "2");
    },
  },
  {
    name: "a queue has an ARN",
    async run({ queue }) {
      assert.match((await queue()).arn, /^arn:aws:sqs:us-east-1:\d{12}:queue-\d+$/);
    },
  },
  {
    name: "a message is sent, received with its attributes, and deleted",
    async run({ sqs, queue }) {
      const { url: QueueUrl } = await queue();
      const kind = { DataType: "String", StringValue: "b" };
      await sqs.sendMessage({ QueueUrl, MessageBody: "hi", MessageAttributes: { kind } });
      const { Messages } = await sqs.receiveMessage({
        QueueUrl,
        MessageAttributeNames: ["All"],
        MessageSystemAttributeNames: ["All"],
      });
      const message = Messages?.[0];
      assert.equal(message?.MessageAttributes?.kind?.StringValue, "b");
      assert.equal(message?.Attributes?.ApproximateReceiveCount, "1");
      await sqs.deleteMessage({ QueueUrl, ReceiptHandle: message?.ReceiptHandle });
    },
  },
  {
    name: "a received message is hidden, and comes back",
    async run({ sqs, queue }) {
      const { url: QueueUrl } = await queue({ VisibilityTimeout: "1" });
      await sqs.sendMessage({ QueueUrl, MessageBody: "x" });
      const first = await sqs.receiveMessage({ QueueUrl });
      const hidden = await sqs.receiveMessage({ QueueUrl });
      assert.equal(hidden.Messages?.length ?? 0, 0);
      const again = await sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 5 });
      assert.equal(again.Messages?.[0]?.MessageId, first.Messages?.[0]?.MessageId);
    },
  },
  {
    name: "a long poll ends when a message comes",
    async run({ sqs, queue, take }) {
      const polled = await queue();
      const start = performance.now();
      const polling = take(polled, 10);
      await sqs.sendMessage({ QueueUrl: polled.url, MessageBody: "x" });
      assert.deepEqual(await polling, ["x"]);
      assert.ok(performance.now() - start < 5_000);
    },
  },
  {
    name: "a delayed message comes later",
    async run({ sqs, queue, take }) {
      const delayed = await queue();
      await sqs.sendMessage({ QueueUrl: delayed.url, MessageBody: "x", DelaySeconds: 1 });
      assert.deepEqual(await take(delayed), []);
      assert.deepEqual(await take(delayed, 5), ["x"]);
    },
  },
  {
    name: "a FIFO queue keeps the order and takes nothing twice",
    async run({ sqs, queue, take }) {
      const fifo = await queue({ FifoQueue: "true", ContentBasedDeduplication: "true" });
      for (const MessageBody of ["1", "1", "2", "3"]) {
        await sqs.sendMessage({ QueueUrl: fifo.url, MessageBody, MessageGroupId: "g" });
      }
      assert.deepEqual(await take(fifo), ["1", "2", "3"]);
    },
  },
  {
    name: "a message that is received too often moves to the dead-letter queue",
    async run({ sqs, queue, take }) {
      const dead = await queue();
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 });
      const source = await queue({ VisibilityTimeout: "0", RedrivePolicy });
      await sqs.sendMessage({ QueueUrl: source.url, MessageBody: "poison" });
      await sqs.receiveMessage({ QueueUrl: source.url });
      await sqs.receiveMessage({ QueueUrl: source.url });
      assert.deepEqual(await take(dead, 3), ["poison"]);
    },
  },
  {
    name: "a dead-letter queue knows its sources",
    async run({ sqs, queue }) {
      const dead = await queue();
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 });
      const source = await queue({ RedrivePolicy });
      const { queueUrls } = await sqs.listDeadLetterSourceQueues({ QueueUrl: dead.url });
      assert.deepEqual(queueUrls, [source.url]);
    },
  },
  {
    name: "messages are sent in batches",
    async run({ sqs, queue }) {
      const Entries = ["a", "b"].map((Id) => ({ Id, MessageBody: Id }));
      const { Successful } = await sqs.sendMessageBatch({ QueueUrl: (await queue()).url, Entries });
      assert.equal(Successful?.length, 2);
    },
  },
  {
    name: "a queue's policy comes back",
    async run({ sqs, queueFor }) {
      const { url: QueueUrl, arn } = await queueFor("sns");
      const { Attributes } = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ["All"] });
      assert.equal(JSON.parse(Attributes?.Policy ?? "{}").Statement?.[0]?.Resource, arn);
    },
  },
  {
    name: "a permission is added",
    async run({ sqs, queue }) {
      const { url: QueueUrl } = await queue();
      await sqs.addPermission({
        QueueUrl,
        Label: "other",
        AWSAccountIds: ["111111111111"],
        Actions: ["SendMessage"],
      });
      const { Attributes } = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ["Policy"] });
      assert.equal(JSON.parse(Attributes?.Policy ?? "{}").Statement?.[0]?.Sid, "other");
    },
  },
  {
    name: "a missing queue is QueueDoesNotExist",
    async run({ sqs, name }) {
      await refused(sqs.getQueueUrl({ QueueName: name("missing") }), "QueueDoesNotExist");
    },
  },
  {
    name: "the Query protocol of older SDKs",
    async run({ endpoint, credentials }) {
      const body = "Action=ListQueues&Version=2012-11-05";
      const { headers } = sign(
        { method: "POST", path: "/", headers: { "content-type": "application/x-www-form-urlencoded" }, body },
        { credentials, service: "sqs", host: new URL(endpoint).host },
      );
      const answer = await fetch(endpoint, { method: "POST", headers, body });
      assert.match(await answer.text(), /<ListQueuesResponse/);
    },
  },
  {
    name: "dead letters move back",
    async run({ sqs, queue, take }) {
      const dead = await queue();
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 });
      const source = await queue({ VisibilityTimeout: "0", RedrivePolicy });
      await sqs.sendMessage({ QueueUrl: source.url, MessageBody: "poison" });
      await sqs.receiveMessage({ QueueUrl: source.url });
      await sqs.receiveMessage({ QueueUrl: source.url });
      assert.ok((await sqs.startMessageMoveTask({ SourceArn: dead.arn })).TaskHandle);
      assert.deepEqual(await take(source, 5), ["poison"]);
    },
  },
];
