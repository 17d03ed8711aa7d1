import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { Check, Cloud, Queue } from "./check.ts";

async function subscribed(
  cloud: Cloud,
  attributes: Record<string, string>,
): Promise<[string, Queue, string]> {
  const TopicArn = await cloud.topic();
  const queue = await cloud.queueFor("sns");
  const { SubscriptionArn = "" } = await cloud.sns.subscribe({
    TopicArn,
    Protocol: "sqs",
    Endpoint: queue.arn,
    ReturnSubscriptionArn: true,
    Attributes: attributes,
  });
  return [TopicArn, queue, SubscriptionArn];
}

const raw = { RawMessageDelivery: "true" };

export const topicChecks: readonly Check[] = [
  {
    name: "a topic is created",
    async run({ topic }) {
      assert.match(await topic(), /^arn:aws:sns:us-east-1:\d{12}:topic-\d+$/);
    },
  },
  {
    name: "a queue subscribes with a filter",
    async run(cloud) {
      const FilterPolicy = JSON.stringify({ k: ["yes", { prefix: "ab" }] });
      const [, , SubscriptionArn] = await subscribed(cloud, { FilterPolicy });
      const { Attributes } = await cloud.sns.getSubscriptionAttributes({ SubscriptionArn });
      assert.deepEqual(JSON.parse(Attributes?.FilterPolicy ?? "{}"), JSON.parse(FilterPolicy));
    },
  },
  {
    name: "what the filter lets through arrives",
    async run(cloud) {
      const FilterPolicy = JSON.stringify({ k: ["yes", { prefix: "ab" }] });
      const [TopicArn, queue] = await subscribed(cloud, { FilterPolicy, ...raw });
      for (const StringValue of ["no", "yes", "abc"]) {
        const MessageAttributes = { k: { DataType: "String", StringValue } };
        await cloud.sns.publish({ TopicArn, Message: StringValue, MessageAttributes });
      }
      const bodies = await cloud.take(queue, 3);
      if (bodies.length < 2) bodies.push(...(await cloud.take(queue, 3)));
      assert.deepEqual(bodies.sort(), ["abc", "yes"]);
    },
  },
  {
    name: "a filter of the message's body",
    async run(cloud) {
      const FilterPolicy = JSON.stringify({ n: [{ numeric: [">", 5] }] });
      const [TopicArn, queue] = await subscribed(cloud, {
        FilterPolicyScope: "MessageBody",
        FilterPolicy,
        ...raw,
      });
      for (const Message of ['{"n":1}', '{"n":9}']) await cloud.sns.publish({ TopicArn, Message });
      assert.deepEqual(await cloud.take(queue, 3), ['{"n":9}']);
    },
  },
  {
    name: "messages are published in batches",
    async run({ sns, topic }) {
      const { Successful } = await sns.publishBatch({
        TopicArn: await topic(),
        PublishBatchRequestEntries: [{ Id: "a", Message: "x" }],
      });
      assert.equal(Successful?.length, 1);
    },
  },
  {
    name: "a FIFO topic",
    async run({ sns, topic }) {
      const TopicArn = await topic({ FifoTopic: "true", ContentBasedDeduplication: "true" });
      assert.equal((await sns.getTopicAttributes({ TopicArn })).Attributes?.FifoTopic, "true");
    },
  },
  {
    name: "an HTTP endpoint hears what is published",
    async run({ sns, topic }) {
      const TopicArn = await topic();
      const heard: (message: { Type?: string; Message?: string; Token?: string }) => void = (message) => {
        if (message.Type === "SubscriptionConfirmation") {
          void sns.confirmSubscription({ TopicArn, Token: message.Token }).then(ready, failed);
        } else if (message.Message === "x") arrived();
      };
      const { promise: confirmed, resolve: ready, reject: failed } = Promise.withResolvers<unknown>();
      const { promise: arrival, resolve: arrived } = Promise.withResolvers<void>();
      const server = createServer((request, response) => {
        void json(request).then((message) => {
          response.end();
          heard(message as object);
        });
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      try {
        const Endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/h`;
        const { SubscriptionArn } = await sns.subscribe({ TopicArn, Protocol: "http", Endpoint });
        // moto takes endpoints without asking them.
        if (!SubscriptionArn?.startsWith("arn:")) await confirmed;
        await sns.publish({ TopicArn, Message: "x" });
        await arrival;
      } finally {
        server.closeAllConnections();
        server.close();
      }
    },
  },
  {
    name: "a function may subscribe",
    async run({ sns, topic }) {
      const TopicArn = await topic();
      const Endpoint = "arn:aws:lambda:us-east-1:000000000000:function:f";
      assert.ok((await sns.subscribe({ TopicArn, Protocol: "lambda", Endpoint })).SubscriptionArn);
    },
  },
  {
    name: "a topic's policy comes back",
    async run({ sns, topic }) {
      const TopicArn = await topic();
      const statement = {
        Sid: "mine",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: "sns:Publish",
        Resource: TopicArn,
      };
      const AttributeValue = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
      await sns.setTopicAttributes({ TopicArn, AttributeName: "Policy", AttributeValue });
      const { Attributes } = await sns.getTopicAttributes({ TopicArn });
      assert.equal(JSON.parse(Attributes?.Policy ?? "{}").Statement?.[0]?.Sid, "mine");
    },
  },
];
