import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud, type TestCloud } from "../testing.ts";

let test: TestCloud;
let topics: sns.SNSClient;
let queues: sqs.SQSClient;
beforeAll(async () => {
  test = await startTestCloud();
  topics = test.client(sns.SNSClient);
  queues = test.client(sqs.SQSClient);
});
afterAll(async () => test?.[Symbol.asyncDispose]());

let names = 0;
const prefix = "us-east-1:000000000000";

async function topic(Attributes?: Record<string, string>): Promise<string> {
  const Name = `topic-${++names}${Attributes?.FifoTopic ? ".fifo" : ""}`;
  const { TopicArn } = await topics.send(new sns.CreateTopicCommand({ Name, Attributes }));
  return TopicArn ?? "";
}

/** A queue that the topic may send to, unless it is told otherwise. */
async function queue(topicArn: string, Attributes: Record<string, string> = {}, open = true) {
  const QueueName = `queue-${++names}${Attributes.FifoQueue ? ".fifo" : ""}`;
  const arn = `arn:aws:sqs:${prefix}:${QueueName}`;
  const Policy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "sns.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: arn,
        Condition: { ArnEquals: { "aws:SourceArn": topicArn } },
      },
    ],
  });
  const { QueueUrl = "" } = await queues.send(
    new sqs.CreateQueueCommand({ QueueName, Attributes: open ? { ...Attributes, Policy } : Attributes }),
  );
  return { arn, url: QueueUrl };
}

async function subscribe(TopicArn: string, Endpoint: string, Attributes: Record<string, string> = {}) {
  const { SubscriptionArn } = await topics.send(
    new sns.SubscribeCommand({
      TopicArn,
      Protocol: "sqs",
      Endpoint,
      Attributes,
      ReturnSubscriptionArn: true,
    }),
  );
  return SubscriptionArn ?? "";
}

async function publish(TopicArn: string, Message: string, more: Partial<sns.PublishCommandInput> = {}) {
  return await topics.send(new sns.PublishCommand({ TopicArn, Message, ...more }));
}

/** Waits until so many messages have come. */
async function received(QueueUrl: string, count: number): Promise<sqs.Message[]> {
  const found: sqs.Message[] = [];
  while (found.length < count) {
    const { Messages = [] } = await queues.send(
      new sqs.ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 10,
        MessageAttributeNames: ["All"],
        MessageSystemAttributeNames: ["All"],
      }),
    );
    if (Messages.length === 0) break;
    for (const { ReceiptHandle } of Messages) {
      await queues.send(new sqs.DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
    found.push(...Messages);
  }
  return found;
}

const text = (StringValue: string) => ({ DataType: "String", StringValue });

describe("topics", () => {
  it("have attributes, tags and a policy", async () => {
    const TopicArn = await topic({ DisplayName: "Shop" });
    await topics.send(
      new sns.TagResourceCommand({ ResourceArn: TopicArn, Tags: [{ Key: "a", Value: "1" }] }),
    );
    expect((await topics.send(new sns.ListTagsForResourceCommand({ ResourceArn: TopicArn }))).Tags).toEqual([
      { Key: "a", Value: "1" },
    ]);
    const { Attributes } = await topics.send(new sns.GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).toMatchObject({ DisplayName: "Shop", TopicArn, SubscriptionsConfirmed: "0" });
    expect(JSON.parse(Attributes?.Policy ?? "")).toMatchObject({ Id: "__default_policy_ID" });
    await expect(
      topics.send(
        new sns.SetTopicAttributesCommand({ TopicArn, AttributeName: "Nonsense", AttributeValue: "1" }),
      ),
    ).rejects.toMatchObject({ name: "InvalidParameterException" });
  });

  it("are made once and are missed when gone", async () => {
    const TopicArn = await topic();
    const Name = TopicArn.slice(TopicArn.lastIndexOf(":") + 1);
    expect((await topics.send(new sns.CreateTopicCommand({ Name }))).TopicArn).toBe(TopicArn);
    await topics.send(new sns.DeleteTopicCommand({ TopicArn }));
    await expect(publish(TopicArn, "x")).rejects.toMatchObject({ name: "NotFoundException" });
  });

  it("say what is wrong with a message", async () => {
    const TopicArn = await topic();
    await expect(publish(TopicArn, "")).rejects.toThrow(/Empty message/);
    await expect(publish(TopicArn, "x".repeat(262_145))).rejects.toThrow(/too long/);
    await expect(publish(TopicArn, "{}", { MessageStructure: "json" })).rejects.toThrow(/No default entry/);
    await expect(publish(TopicArn, "x", { Subject: "a\nb" })).rejects.toThrow(/Subject/);
    await expect(
      topics.send(new sns.PublishCommand({ PhoneNumber: "+1", Message: "x" })),
    ).rejects.toMatchObject({ name: "NotImplemented" });
  });
});

describe("a queue", () => {
  it("gets the envelope, or the bare message with its attributes", async () => {
    const TopicArn = await topic();
    const wrapped = await queue(TopicArn);
    const bare = await queue(TopicArn);
    const arn = await subscribe(TopicArn, wrapped.arn);
    await subscribe(TopicArn, bare.arn, { RawMessageDelivery: "true" });
    const { MessageId } = await publish(TopicArn, "hällo", {
      Subject: "greeting",
      MessageAttributes: { kind: text("new"), bytes: { DataType: "Binary", BinaryValue: Buffer.from("b") } },
    });
    const [envelope] = await received(wrapped.url, 1);
    expect(JSON.parse(envelope?.Body ?? "")).toMatchObject({
      Type: "Notification",
      MessageId,
      TopicArn,
      Subject: "greeting",
      Message: "hällo",
      SignatureVersion: "1",
      UnsubscribeURL: expect.stringContaining(encodeURIComponent(arn)),
      MessageAttributes: { kind: { Type: "String", Value: "new" }, bytes: { Type: "Binary", Value: "Yg==" } },
    });
    expect(await received(bare.url, 1)).toMatchObject([
      { Body: "hällo", MessageAttributes: { kind: text("new"), bytes: { DataType: "Binary" } } },
    ]);
  });

  it("gets nothing without its own policy's consent, and the dead letter queue gets it instead", async () => {
    const TopicArn = await topic();
    const closed = await queue(TopicArn, {}, false);
    const dead = await queue(TopicArn);
    await subscribe(TopicArn, closed.arn, {
      RawMessageDelivery: "true",
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn }),
    });
    await publish(TopicArn, "refused");
    expect(await received(dead.url, 1)).toMatchObject([{ Body: "refused" }]);
    const { Attributes } = await queues.send(
      new sqs.GetQueueAttributesCommand({ QueueUrl: closed.url, AttributeNames: ["All"] }),
    );
    expect(Attributes?.ApproximateNumberOfMessages).toBe("0");
  });

  it("gets what its filter policy lets through", async () => {
    const TopicArn = await topic();
    const { arn, url } = await queue(TopicArn);
    const subscription = await subscribe(TopicArn, arn, {
      RawMessageDelivery: "true",
      FilterPolicy: JSON.stringify({ k: ["yes", { prefix: "ab" }] }),
    });
    for (const value of ["no", "yes", "abc"]) {
      await publish(TopicArn, value, { MessageAttributes: { k: text(value) } });
    }
    expect((await received(url, 2)).map(({ Body }) => Body).sort()).toEqual(["abc", "yes"]);
    for (const [AttributeName, AttributeValue] of [
      ["FilterPolicyScope", "MessageBody"],
      ["FilterPolicy", '{"n":[{"numeric":[">",5]}]}'],
    ]) {
      await topics.send(
        new sns.SetSubscriptionAttributesCommand({
          SubscriptionArn: subscription,
          AttributeName,
          AttributeValue,
        }),
      );
    }
    for (const body of ['{"n":1}', "no json", '{"n":9}']) await publish(TopicArn, body);
    expect((await received(url, 1)).map(({ Body }) => Body)).toEqual(['{"n":9}']);
    await expect(subscribe(TopicArn, `${arn}-2`, { FilterPolicy: '{"a":[{"nonsense":1}]}' })).rejects.toThrow(
      /FilterPolicy: Unrecognized match type nonsense/,
    );
  });

  it("gets the text that was written for its protocol", async () => {
    const TopicArn = await topic();
    const { arn, url } = await queue(TopicArn);
    await subscribe(TopicArn, arn, { RawMessageDelivery: "true" });
    const Message = JSON.stringify({ default: "for all", sqs: "for queues" });
    await publish(TopicArn, Message, { MessageStructure: "json" });
    expect(await received(url, 1)).toMatchObject([{ Body: "for queues" }]);
  });

  it("gets batches, entry by entry", async () => {
    const TopicArn = await topic();
    const { arn, url } = await queue(TopicArn);
    await subscribe(TopicArn, arn, { RawMessageDelivery: "true" });
    const { Successful, Failed } = await topics.send(
      new sns.PublishBatchCommand({
        TopicArn,
        PublishBatchRequestEntries: [
          { Id: "a", Message: "1", MessageAttributes: { k: text("v") } },
          { Id: "b", Message: "" },
        ],
      }),
    );
    expect(Successful?.map(({ Id }) => Id)).toEqual(["a"]);
    expect(Failed).toMatchObject([{ Id: "b", Code: "InvalidParameter", SenderFault: true }]);
    expect(await received(url, 1)).toMatchObject([{ Body: "1", MessageAttributes: { k: text("v") } }]);
  });
});

it("a FIFO topic keeps order and drops duplicates", async () => {
  const TopicArn = await topic({ FifoTopic: "true", ContentBasedDeduplication: "true" });
  const { arn, url } = await queue(TopicArn, { FifoQueue: "true" });
  await subscribe(TopicArn, arn, { RawMessageDelivery: "true" });
  const bodies = Array.from({ length: 20 }, (_, index) => `${index}`);
  const first = await publish(TopicArn, "0", { MessageGroupId: "g" });
  for (const body of bodies) {
    const { SequenceNumber, MessageId } = await publish(TopicArn, body, { MessageGroupId: "g" });
    if (body === "0") expect({ SequenceNumber, MessageId }).toMatchObject({ MessageId: first.MessageId });
  }
  expect((await received(url, 20)).map(({ Body }) => Body)).toEqual(bodies);
});

describe("an HTTP endpoint", () => {
  interface Post {
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
  }

  /** A server that hands over what is posted to it, one by one, answering with the statuses given. */
  async function receiver(...statuses: number[]) {
    const posts: Post[] = [];
    const waiting: ((post: Post) => void)[] = [];
    const server = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      response.writeHead(statuses.shift() ?? 200).end();
      const post = { headers: request.headers, body };
      const next = waiting.shift();
      if (next) next(post);
      else posts.push(post);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
      next: () =>
        new Promise<Post>((resolve) => {
          const post = posts.shift();
          if (post) resolve(post);
          else waiting.push(resolve);
        }),
      [Symbol.asyncDispose]: async () => {
        server.closeAllConnections();
        server.close();
      },
    };
  }

  it("confirms by opening the link, and then gets what is published", async () => {
    await using hook = await receiver();
    const TopicArn = await topic();
    const { SubscriptionArn } = await topics.send(
      new sns.SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: hook.url }),
    );
    expect(SubscriptionArn).toBe("pending confirmation");
    const asked = await hook.next();
    expect(asked.headers["x-amz-sns-message-type"]).toBe("SubscriptionConfirmation");
    await publish(TopicArn, "too early");
    const { SubscribeURL } = JSON.parse(asked.body);
    expect((await fetch(SubscribeURL)).status).toBe(200);
    await publish(TopicArn, "now");
    const got = await hook.next();
    expect(JSON.parse(got.body)).toMatchObject({ Type: "Notification", Message: "now" });
    expect((await fetch(JSON.parse(got.body).UnsubscribeURL)).status).toBe(200);
    const { Subscriptions } = await topics.send(new sns.ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(Subscriptions ?? []).toEqual([]);
  });

  it("is tried again after a failure, and given up after a refusal", async () => {
    await using hook = await receiver(200, 500, 200, 400);
    const TopicArn = await topic();
    const dead = await queue(TopicArn);
    const { SubscriptionArn } = await topics.send(
      new sns.SubscribeCommand({
        TopicArn,
        Protocol: "http",
        Endpoint: hook.url,
        ReturnSubscriptionArn: true,
        Attributes: {
          RawMessageDelivery: "true",
          RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn }),
          DeliveryPolicy: JSON.stringify({ healthyRetryPolicy: { numRetries: 1, numNoDelayRetries: 1 } }),
        },
      }),
    );
    const { Token } = JSON.parse((await hook.next()).body);
    const confirmed = await topics.send(new sns.ConfirmSubscriptionCommand({ TopicArn, Token }));
    expect(confirmed.SubscriptionArn).toBe(SubscriptionArn);
    await publish(TopicArn, "again");
    expect([(await hook.next()).body, (await hook.next()).body]).toEqual(["again", "again"]);
    await publish(TopicArn, "never");
    expect((await hook.next()).body).toBe("never");
    expect(await received(dead.url, 1)).toMatchObject([{ Body: "never" }]);
  });

  it("must be on this machine", async () => {
    const TopicArn = await topic();
    await expect(
      topics.send(
        new sns.SubscribeCommand({ TopicArn, Protocol: "https", Endpoint: "https://example.com/" }),
      ),
    ).rejects.toThrow(/this machine only/);
  });
});

it("subscribes once, lists, and unsubscribes", async () => {
  const TopicArn = await topic();
  const { arn, url } = await queue(TopicArn);
  const first = await subscribe(TopicArn, arn);
  expect(await subscribe(TopicArn, arn)).toBe(first);
  await expect(subscribe(TopicArn, arn, { RawMessageDelivery: "true" })).rejects.toThrow(
    /already exists with different attributes/,
  );
  const { Attributes } = await topics.send(
    new sns.GetSubscriptionAttributesCommand({ SubscriptionArn: first }),
  );
  expect(Attributes).toMatchObject({ PendingConfirmation: "false", Protocol: "sqs", Endpoint: arn });
  await topics.send(new sns.UnsubscribeCommand({ SubscriptionArn: first }));
  await expect(
    topics.send(new sns.GetSubscriptionAttributesCommand({ SubscriptionArn: first })),
  ).rejects.toMatchObject({ name: "NotFoundException" });
  await publish(TopicArn, "x");
  const { Messages } = await queues.send(new sqs.ReceiveMessageCommand({ QueueUrl: url }));
  expect(Messages).toBeUndefined();
});

it("lets others publish by its own policy", async () => {
  const TopicArn = await topic();
  const role = await test.roleWith([]);
  const other = test.client(sns.SNSClient, role);
  const attempt = () => other.send(new sns.PublishCommand({ TopicArn, Message: "x" }));
  await expect(attempt()).rejects.toMatchObject({ name: "AuthorizationErrorException" });
  const statement = { Effect: "Allow", Action: "sns:Publish", Resource: TopicArn };
  await topics.send(
    new sns.SetTopicAttributesCommand({
      TopicArn,
      AttributeName: "Policy",
      AttributeValue: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ ...statement, Principal: { AWS: role.roleArn } }],
      }),
    }),
  );
  await attempt();
});

it("delivers after a restart what it could not before", async () => {
  await using own = await startTestCloud();
  const client = own.client(sns.SNSClient);
  let down = true;
  let arrived = (_body: string) => {};
  const delivered = new Promise<string>((resolve) => {
    arrived = resolve;
  });
  let refused = () => {};
  const attempted = new Promise<void>((resolve) => {
    refused = resolve;
  });
  let asked = (_body: string) => {};
  const confirmation = new Promise<string>((resolve) => {
    asked = resolve;
  });
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    if (request.headers["x-amz-sns-message-type"] === "SubscriptionConfirmation") asked(body);
    else if (!down) arrived(body);
    else {
      // Killed in the middle of the attempt: the answer never comes.
      refused();
      return;
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { TopicArn } = await client.send(new sns.CreateTopicCommand({ Name: "t" }));
    const Endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await client.send(new sns.SubscribeCommand({ TopicArn, Protocol: "http", Endpoint }));
    await fetch(JSON.parse(await confirmation).SubscribeURL);
    await client.send(new sns.PublishCommand({ TopicArn, Message: "kept" }));
    await attempted;
    down = false;
    await own.restart();
    expect(JSON.parse(await delivered)).toMatchObject({ Message: "kept" });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
