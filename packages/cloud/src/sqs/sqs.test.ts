import { setTimeout as after } from "node:timers/promises";
import {
  AddPermissionCommand,
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  RemovePermissionCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud, type TestCloud } from "../testing.ts";

let test: TestCloud;
let sqs: SQSClient;
beforeAll(async () => {
  test = await startTestCloud();
  sqs = test.client(SQSClient);
});
afterAll(async () => test?.[Symbol.asyncDispose]());

let names = 0;
async function queue(Attributes?: Record<string, string>, prefix = "q"): Promise<string> {
  const fifo = Attributes?.FifoQueue === "true" ? ".fifo" : "";
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: `${prefix}-${++names}${fifo}`, Attributes }),
  );
  return QueueUrl ?? "";
}

async function attributes(QueueUrl: string): Promise<Record<string, string>> {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
  return Attributes ?? {};
}

async function receive(QueueUrl: string, options: Partial<ReceiveMessageCommandInput> = {}) {
  const { Messages } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...options }),
  );
  return Messages ?? [];
}

async function send(QueueUrl: string, MessageBody: string, more: object = {}) {
  return await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
}

async function remove(QueueUrl: string, ReceiptHandle: string | undefined) {
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
}

describe("queues", () => {
  it("builds its URL from the host the client speaks to and finds it by any host's URL", async () => {
    const url = await queue();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/000000000000\/q-\d+$/);
    const elsewhere = url.replace("127.0.0.1", "localhost");
    const plain = new SQSClient({
      region: "us-east-1",
      endpoint: test.cloud.endpoint,
      credentials: test.cloud.credentials,
      useQueueUrlAsEndpoint: false,
    });
    await plain.send(new SendMessageCommand({ QueueUrl: elsewhere, MessageBody: "x" }));
    expect(await receive(url)).toHaveLength(1);
  });

  it("creates the same queue again but not a different one of its name", async () => {
    const create = (VisibilityTimeout: string) =>
      sqs.send(new CreateQueueCommand({ QueueName: "same", Attributes: { VisibilityTimeout } }));
    expect((await create("5")).QueueUrl).toBe((await create("5")).QueueUrl);
    await expect(create("6")).rejects.toMatchObject({ name: "QueueNameExists" });
  });

  it("names what is wrong with attributes and names", async () => {
    await expect(queue({ VisibilityTimeout: "50000" })).rejects.toMatchObject({
      name: "InvalidAttributeValue",
    });
    await expect(queue({ Nonsense: "1" })).rejects.toMatchObject({ name: "InvalidAttributeName" });
    await expect(queue({ ContentBasedDeduplication: "true" })).rejects.toMatchObject({
      name: "InvalidAttributeName",
    });
    await expect(sqs.send(new CreateQueueCommand({ QueueName: "a b" }))).rejects.toMatchObject({
      name: "InvalidParameterValue",
    });
    await expect(sqs.send(new GetQueueUrlCommand({ QueueName: "nope" }))).rejects.toMatchObject({
      name: "QueueDoesNotExist",
      Code: "AWS.SimpleQueueService.NonExistentQueue",
    });
  });

  it("tells every attribute and the counts of its messages", async () => {
    const url = await queue({ VisibilityTimeout: "40" });
    for (const body of ["a", "b", "c"]) await send(url, body);
    await send(url, "later", { DelaySeconds: 900 });
    await receive(url, { MaxNumberOfMessages: 1 });
    expect(await attributes(url)).toMatchObject({
      VisibilityTimeout: "40",
      MaximumMessageSize: "1048576",
      MessageRetentionPeriod: "345600",
      SqsManagedSseEnabled: "true",
      ApproximateNumberOfMessages: "2",
      ApproximateNumberOfMessagesNotVisible: "1",
      ApproximateNumberOfMessagesDelayed: "1",
      QueueArn: `arn:aws:sqs:us-east-1:000000000000:${url.slice(url.lastIndexOf("/") + 1)}`,
    });
  });

  it("lists by prefix, page by page", async () => {
    for (let i = 0; i < 5; i++) await queue({}, "listed");
    const seen: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await sqs.send(
        new ListQueuesCommand({ QueueNamePrefix: "listed-", MaxResults: 2, NextToken }),
      );
      seen.push(...(page.QueueUrls ?? []));
      NextToken = page.NextToken;
    } while (NextToken);
    expect(new Set(seen).size).toBe(5);
  });

  it("keeps tags", async () => {
    const QueueUrl = await queue();
    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { a: "1", b: "2" } }));
    await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ["a"] }));
    expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ b: "2" });
  });

  it("purges at most once a minute", async () => {
    const QueueUrl = await queue();
    await send(QueueUrl, "x");
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await receive(QueueUrl)).toEqual([]);
    await expect(sqs.send(new PurgeQueueCommand({ QueueUrl }))).rejects.toMatchObject({
      name: "PurgeQueueInProgress",
    });
  });

  it("sends waiting receivers away when it is deleted", async () => {
    const QueueUrl = await queue();
    const waiting = receive(QueueUrl, { WaitTimeSeconds: 20 });
    // Made by the same client, so it arrives after the receive: the second answer proves the first was taken.
    await attributes(QueueUrl);
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await expect(waiting).rejects.toMatchObject({ name: "QueueDoesNotExist" });
  });
});

describe("messages", () => {
  it("come with the digests, attributes and receive counts that SDKs verify", async () => {
    const url = await queue({ VisibilityTimeout: "0" });
    const sent = await send(url, "grüße 🪢", {
      MessageAttributes: {
        text: { DataType: "String", StringValue: "é" },
        count: { DataType: "Number.int", StringValue: "-1.5e3" },
        bytes: { DataType: "Binary", BinaryValue: new Uint8Array([0, 255, 7]) },
      },
      MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: "Root=1-5" } },
    });
    expect(sent.MD5OfMessageSystemAttributes).toHaveLength(32);
    const options = {
      MessageAttributeNames: ["te.*", "bytes"],
      MessageSystemAttributeNames: ["All" as const],
    };
    await receive(url);
    const [message] = await receive(url, options);
    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body: "grüße 🪢",
      Attributes: { ApproximateReceiveCount: "2", SenderId: "000000000000", AWSTraceHeader: "Root=1-5" },
      MessageAttributes: { bytes: { DataType: "Binary", BinaryValue: new Uint8Array([0, 255, 7]) } },
    });
    const [prefixed] = await receive(url, { MessageAttributeNames: ["tex.*", "t"] });
    expect(prefixed?.MessageAttributes).toBeUndefined();
    const [all] = await receive(url, { MessageAttributeNames: ["All"] });
    expect(all?.MD5OfMessageAttributes).toBe(sent.MD5OfMessageAttributes);
  });

  it("are hidden while in flight, come back after the timeout, and are gone once deleted", async () => {
    const url = await queue({ VisibilityTimeout: "1" });
    await send(url, "x");
    const [first] = await receive(url);
    expect(await receive(url)).toEqual([]);
    const [again] = await receive(url, { WaitTimeSeconds: 5 });
    expect(again?.MessageId).toBe(first?.MessageId);
    expect(again?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
    await remove(url, first?.ReceiptHandle);
    expect(await receive(url, { WaitTimeSeconds: 2 })).toEqual([]);
  });

  it("can be hidden longer, or shown at once", async () => {
    const QueueUrl = await queue({ VisibilityTimeout: "30" });
    await send(QueueUrl, "x");
    const [first] = await receive(QueueUrl);
    const change = (VisibilityTimeout: number) =>
      sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl,
          ReceiptHandle: first?.ReceiptHandle,
          VisibilityTimeout,
        }),
      );
    await change(0);
    await expect(change(10)).rejects.toMatchObject({ name: "MessageNotInflight" });
    expect(await receive(QueueUrl)).toHaveLength(1);
    await expect(change(43_201)).rejects.toMatchObject({ name: "InvalidParameterValue" });
  });

  it("wait for their delay, which the queue may set for all", async () => {
    const url = await queue({ DelaySeconds: "900" });
    await send(url, "with the queue's delay");
    await send(url, "with its own", { DelaySeconds: 1 });
    expect(await receive(url)).toEqual([]);
    const [message] = await receive(url, { WaitTimeSeconds: 5 });
    expect(message?.Body).toBe("with its own");
  });

  it("wake a receiver that waits", async () => {
    const url = await queue();
    const waiting = receive(url, { WaitTimeSeconds: 20 });
    await attributes(url);
    const started = performance.now();
    await send(url, "now");
    expect((await waiting)[0]?.Body).toBe("now");
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it("are refused when too big, empty or not text", async () => {
    const url = await queue({ MaximumMessageSize: "1024" });
    await expect(send(url, "x".repeat(1025))).rejects.toMatchObject({ name: "InvalidParameterValue" });
    await expect(send(url, "")).rejects.toMatchObject({ name: "MissingParameter" });
    await expect(send(url, "\u0000")).rejects.toMatchObject({ name: "InvalidMessageContents" });
    const attribute = { MessageAttributes: { "aws.x": { DataType: "String", StringValue: "1" } } };
    await expect(send(url, "x", attribute)).rejects.toMatchObject({ name: "InvalidParameterValue" });
    const large = await queue();
    await send(large, "x".repeat(1_048_576));
    expect((await receive(large))[0]?.Body).toHaveLength(1_048_576);
  });

  it("go through batches that fail entry by entry", async () => {
    const QueueUrl = await queue();
    const sent = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: "a", MessageBody: "1" },
          { Id: "b", MessageBody: "2", MessageDeduplicationId: "not for standard queues" },
        ],
      }),
    );
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(["a"]);
    expect(sent.Failed).toMatchObject([{ Id: "b", SenderFault: true, Code: "InvalidParameterValue" }]);
    const [message] = await receive(QueueUrl);
    const ReceiptHandle = message?.ReceiptHandle ?? "";
    const shown = await sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: [{ Id: "a", ReceiptHandle, VisibilityTimeout: 0 }],
      }),
    );
    expect(shown.Successful).toEqual([{ Id: "a" }]);
    const deleted = await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: "a", ReceiptHandle },
          { Id: "b", ReceiptHandle: "junk" },
        ],
      }),
    );
    expect(deleted.Successful).toEqual([{ Id: "a" }]);
    expect(deleted.Failed).toMatchObject([{ Id: "b", Code: "ReceiptHandleIsInvalid" }]);
    const batch = (Entries: { Id: string; MessageBody: string }[]) =>
      sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    await expect(batch([])).rejects.toMatchObject({ name: "EmptyBatchRequest" });
    const twice = { Id: "a", MessageBody: "1" };
    await expect(batch([twice, twice])).rejects.toMatchObject({ name: "BatchEntryIdsNotDistinct" });
    await expect(batch([{ ...twice, Id: "ä" }])).rejects.toMatchObject({ name: "InvalidBatchEntryId" });
    const eleven = Array.from({ length: 11 }, (_, i) => ({ Id: `${i}`, MessageBody: "1" }));
    await expect(batch(eleven)).rejects.toMatchObject({ name: "TooManyEntriesInBatchRequest" });
    const big = { MessageBody: "x".repeat(600_000) };
    await expect(
      batch([
        { Id: "a", ...big },
        { Id: "b", ...big },
      ]),
    ).rejects.toMatchObject({ name: "BatchRequestTooLong" });
  });
});

describe("a FIFO queue", () => {
  const fifo = { FifoQueue: "true", ContentBasedDeduplication: "true" };

  it("keeps the order of a group and holds it back while one is in flight", async () => {
    const url = await queue(fifo);
    for (const body of ["1", "1", "2", "3"]) await send(url, body, { MessageGroupId: "a" });
    await send(url, "other", { MessageGroupId: "b" });
    const first = await receive(url, { MaxNumberOfMessages: 2 });
    expect(first.map(({ Body }) => Body)).toEqual(["1", "2"]);
    expect((await receive(url)).map(({ Body }) => Body)).toEqual(["other"]);
    for (const { ReceiptHandle } of first) await remove(url, ReceiptHandle);
    expect((await receive(url)).map(({ Body }) => Body)).toEqual(["3"]);
  });

  it("gives a message back before those behind it", async () => {
    const QueueUrl = await queue(fifo);
    for (const body of ["1", "2", "3"]) await send(QueueUrl, body, { MessageGroupId: "a" });
    const [first] = await receive(QueueUrl, { MaxNumberOfMessages: 1 });
    const waiting = receive(QueueUrl, { WaitTimeSeconds: 20 });
    await attributes(QueueUrl);
    await sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl,
        ReceiptHandle: first?.ReceiptHandle,
        VisibilityTimeout: 0,
      }),
    );
    expect((await waiting).map(({ Body }) => Body)).toEqual(["1", "2", "3"]);
    await expect(remove(QueueUrl, first?.ReceiptHandle)).rejects.toThrow(/expired/);
  });

  it("answers a duplicate with the first message's id, per group where asked", async () => {
    const url = await queue(fifo);
    const one = await send(url, "x", { MessageGroupId: "a", MessageDeduplicationId: "d" });
    const two = await send(url, "y", { MessageGroupId: "b", MessageDeduplicationId: "d" });
    expect(two).toMatchObject({ MessageId: one.MessageId, SequenceNumber: one.SequenceNumber });
    const scoped = await queue({
      ...fifo,
      DeduplicationScope: "messageGroup",
      FifoThroughputLimit: "perMessageGroupId",
    });
    for (const MessageGroupId of ["a", "b"]) await send(scoped, "x", { MessageGroupId });
    const got = await receive(scoped, { MessageSystemAttributeNames: ["All"] });
    expect(got).toHaveLength(2);
    const [a, b] = got.map(({ Attributes }) => Attributes?.SequenceNumber ?? "");
    expect(a && b && a < b).toBe(true);
  });

  it("wants a group and something to deduplicate by", async () => {
    const url = await queue({ FifoQueue: "true" });
    await expect(send(url, "x")).rejects.toMatchObject({ name: "MissingParameter" });
    await expect(send(url, "x", { MessageGroupId: "a" })).rejects.toThrow(/ContentBasedDeduplication/);
  });
});

describe("dead letters", () => {
  async function pair(kind: Record<string, string> = {}) {
    const dead = await queue(kind);
    const { QueueArn } = await attributes(dead);
    const source = await queue({
      ...kind,
      VisibilityTimeout: "0",
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: QueueArn, maxReceiveCount: 2 }),
    });
    return { dead, source, deadArn: QueueArn ?? "" };
  }

  it("collect what was received too often, and go back where they came from", async () => {
    const { dead, source, deadArn } = await pair();
    await send(source, "poison");
    for (let i = 0; i < 3; i++) await receive(source);
    const sources = await sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead }));
    expect(sources.queueUrls).toEqual([source]);
    const [letter] = await receive(dead, { VisibilityTimeout: 0, MessageSystemAttributeNames: ["All"] });
    expect(letter?.Attributes?.DeadLetterQueueSourceArn).toBe((await attributes(source)).QueueArn);
    const { TaskHandle } = await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: deadArn }));
    expect(TaskHandle).toBeTruthy();
    const [back] = await receive(source, {
      WaitTimeSeconds: 10,
      MessageSystemAttributeNames: ["ApproximateReceiveCount"],
    });
    expect(back).toMatchObject({ Body: "poison", Attributes: { ApproximateReceiveCount: "1" } });
    const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: deadArn }));
    expect(Results).toMatchObject([{ Status: "COMPLETED", ApproximateNumberOfMessagesMoved: 1 }]);
  });

  it("keep their order in a FIFO queue", async () => {
    const { dead, source } = await pair({ FifoQueue: "true", ContentBasedDeduplication: "true" });
    for (const body of ["1", "2"]) await send(source, body, { MessageGroupId: "g" });
    for (let i = 0; i < 3; i++) await receive(source);
    expect((await receive(dead)).map(({ Body }) => Body)).toEqual(["1", "2"]);
  });

  it("are accepted only from queues that may", async () => {
    const dead = await queue({ RedriveAllowPolicy: JSON.stringify({ redrivePermission: "denyAll" }) });
    const { QueueArn } = await attributes(dead);
    const policy = JSON.stringify({ deadLetterTargetArn: QueueArn, maxReceiveCount: 1 });
    await expect(queue({ RedrivePolicy: policy })).rejects.toMatchObject({
      name: "InvalidParameterValue",
    });
  });
});

describe("permission", () => {
  it("comes from the role or from the queue's own policy", async () => {
    const QueueUrl = await queue();
    const { QueueArn } = await attributes(QueueUrl);
    const role = await test.roleWith([]);
    const other = test.client(SQSClient, role);
    const attempt = () => other.send(new SendMessageCommand({ QueueUrl, MessageBody: "x" }));
    await expect(attempt()).rejects.toMatchObject({
      name: "AccessDenied",
      $metadata: { httpStatusCode: 403 },
    });
    const statement = { Effect: "Allow", Principal: { AWS: role.roleArn }, Action: "sqs:SendMessage" };
    const Policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ ...statement, Resource: QueueArn }],
    });
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
    await attempt();
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: "" } }));
    await expect(attempt()).rejects.toMatchObject({ name: "AccessDenied" });
  });

  it("can be added to the policy and removed by label", async () => {
    const QueueUrl = await queue();
    const grant = { QueueUrl, Label: "l", AWSAccountIds: ["111111111111"], Actions: ["SendMessage"] };
    await sqs.send(new AddPermissionCommand(grant));
    expect(JSON.parse((await attributes(QueueUrl)).Policy ?? "{}").Statement).toMatchObject([
      { Sid: "l", Effect: "Allow", Action: ["SQS:SendMessage"] },
    ]);
    await expect(sqs.send(new AddPermissionCommand(grant))).rejects.toThrow(/Already exists/);
    await sqs.send(new RemovePermissionCommand({ QueueUrl, Label: "l" }));
    expect((await attributes(QueueUrl)).Policy).toBeUndefined();
  });
});

it("keeps queues, messages, order and deduplication through a restart", async () => {
  await using own = await startTestCloud();
  const client = own.client(SQSClient);
  const { QueueUrl } = await client.send(
    new CreateQueueCommand({
      QueueName: "kept.fifo",
      Attributes: { FifoQueue: "true", VisibilityTimeout: "30" },
    }),
  );
  const put = (MessageBody: string) =>
    client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody,
        MessageGroupId: "g",
        MessageDeduplicationId: MessageBody,
      }),
    );
  for (const body of ["1", "2", "3"]) await put(body);
  const take = async () =>
    (await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1 }))).Messages ?? [];
  const [first] = await take();
  await own.restart();
  await put("2");
  expect(await take()).toEqual([]);
  await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
  const [second] = await take();
  expect(second?.Body).toBe("2");
  await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: second?.ReceiptHandle }));
  expect((await take())[0]?.Body).toBe("3");
});

it("ends its long polls when the cloud stops", async () => {
  const own = await startTestCloud();
  const client = own.client(SQSClient);
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: "q" }));
  const waiting = client
    .send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }))
    .catch(() => "cut off");
  await client.send(new GetQueueUrlCommand({ QueueName: "q" }));
  await own[Symbol.asyncDispose]();
  await Promise.race([waiting, after(5000).then(() => Promise.reject(new Error("still waiting")))]);
});
