import { randomUUID } from "node:crypto";
import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LambdaCloud, startLambdaCloud } from "../testing.ts";

let cloud: LambdaCloud;
let sqs: SQSClient;
beforeAll(async () => {
  cloud = await startLambdaCloud();
  sqs = cloud.client(SQSClient);
});
afterAll(() => cloud[Symbol.asyncDispose]());

/** Prints every record's body, then does as told. */
const printing = (then = "") => ({
  "index.mjs": `export const handler = async ({ Records }) => {
    console.log("batch " + Records.map((record) => record.body).join(","));
    ${then}
  };`,
});

async function queue(attributes: Record<string, string> = {}) {
  const name = `queue-${randomUUID().slice(0, 8)}${attributes.FifoQueue ? ".fifo" : ""}`;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  return { url: QueueUrl ?? "", arn: `arn:aws:sqs:us-east-1:000000000000:${name}` };
}

const consume = (arn: string) => [
  {
    Effect: "Allow" as const,
    Action: [
      "sqs:ReceiveMessage",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:ChangeMessageVisibility",
    ],
    Resource: arn,
  },
];

async function mapped(
  arn: string,
  files: Record<string, string>,
  more: Partial<ConstructorParameters<typeof CreateEventSourceMappingCommand>[0]> = {},
) {
  const name = await cloud.create(files, { statements: consume(arn), Timeout: 1 });
  const { UUID = "" } = await cloud.lambda.send(
    new CreateEventSourceMappingCommand({ FunctionName: name, EventSourceArn: arn, ...more }),
  );
  return { name, UUID };
}

const lines = (name: string) =>
  cloud.events.flatMap((one) => (one.type === "function.log" && one.functionName === name ? [one.line] : []));

const printed = (name: string, line: string) => cloud.event(() => lines(name).includes(line));

const send = (url: string, ...bodies: string[]) =>
  sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: url,
      Entries: bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody })),
    }),
  );

/** There is no event for a deletion: asks until the queue says it is empty. */
async function empty(url: string): Promise<void> {
  for (;;) {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] }),
    );
    const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: hidden } =
      Attributes ?? {};
    if (visible === "0" && hidden === "0") return;
  }
}

test("a message reaches the function in Lambda's shape and is gone afterwards", async () => {
  const { url, arn } = await queue();
  const { name } = await mapped(arn, {
    "index.mjs": "export const handler = async (event) => { console.log(JSON.stringify(event)) }",
  });
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: url,
      MessageBody: "hello",
      MessageAttributes: { kind: { DataType: "String", StringValue: "greeting" } },
    }),
  );
  const line = await cloud.event((one) => one.type === "function.log" && one.functionName === name);
  expect(JSON.parse(line.type === "function.log" ? line.line : "")).toEqual({
    Records: [
      {
        messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        receiptHandle: expect.any(String),
        body: "hello",
        attributes: expect.objectContaining({
          ApproximateReceiveCount: "1",
          SentTimestamp: expect.any(String),
        }),
        messageAttributes: {
          kind: { stringValue: "greeting", stringListValues: [], binaryListValues: [], dataType: "String" },
        },
        md5OfBody: "5d41402abc4b2a76b9719d911017c592",
        md5OfMessageAttributes: expect.any(String),
        eventSource: "aws:sqs",
        eventSourceARN: arn,
        awsRegion: "us-east-1",
      },
    ],
  });
  await empty(url);
});

test("a batch waits for its window and holds no more than its size", async () => {
  const { url, arn } = await queue();
  const { name } = await mapped(arn, printing(), { BatchSize: 3, MaximumBatchingWindowInSeconds: 2 });
  await send(url, "a");
  await send(url, "b");
  await send(url, "c");
  await send(url, "d");
  await empty(url);
  const batches = lines(name).map((line) => line.replace("batch ", "").split(",").length);
  expect(batches.sort()).toEqual([1, 3]);
});

test("what a failing function leaves comes back and ends in the dead-letter queue", async () => {
  const dead = await queue();
  const { url, arn } = await queue({
    VisibilityTimeout: "1",
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 }),
  });
  const { name } = await mapped(arn, printing("throw new Error('no')"));
  await send(url, "poison");
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: dead.url, WaitTimeSeconds: 15 }));
  expect(Messages?.[0]?.Body).toBe("poison");
  expect(lines(name).filter((line) => line === "batch poison")).toHaveLength(2);
});

test("only the items a function reports come back", async () => {
  const { url, arn } = await queue({ VisibilityTimeout: "1" });
  const { name } = await mapped(
    arn,
    printing(`return { batchItemFailures: Records
      .filter(({ body, attributes }) => body === "bad" && attributes.ApproximateReceiveCount === "1")
      .map(({ messageId }) => ({ itemIdentifier: messageId })) };`),
    { FunctionResponseTypes: ["ReportBatchItemFailures"] },
  );
  await send(url, "good", "bad");
  await printed(name, "batch bad");
  await empty(url);
  expect(lines(name).join("\n").match(/good/g)).toHaveLength(1);
  expect(lines(name).join("\n").match(/bad/g)).toHaveLength(2);
});

test("filters let through what matches and drop the rest for good", async () => {
  const { url, arn } = await queue();
  const { name } = await mapped(arn, printing(), {
    BatchSize: 1,
    FilterCriteria: {
      Filters: [{ Pattern: '{"body":{"n":[{"numeric":[">",5]}]}}' }, { Pattern: '{"body":["plain"]}' }],
    },
  });
  await send(url, '{"n":1}', '{"n":9}', "plain", "other");
  await empty(url);
  expect(lines(name).sort()).toEqual(["batch plain", 'batch {"n":9}']);
});

test("a FIFO queue's group is handled in order", async () => {
  const { url, arn } = await queue({ FifoQueue: "true", ContentBasedDeduplication: "true" });
  const { name } = await mapped(arn, printing("await new Promise((r) => setTimeout(r, 20));"), {
    BatchSize: 2,
  });
  for (let n = 0; n < 6; n++) {
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: `m${n}`, MessageGroupId: "g" }));
  }
  await empty(url);
  expect(lines(name).join(",").replaceAll("batch ", "")).toBe("m0,m1,m2,m3,m4,m5");
});

describe("the mapping", () => {
  test("is described, listed, disabled, enabled and deleted", async () => {
    const { url, arn } = await queue();
    const { name, UUID } = await mapped(arn, printing(), { Enabled: false });
    const { lambda } = cloud;
    expect(await lambda.send(new GetEventSourceMappingCommand({ UUID }))).toMatchObject({
      State: "Disabled",
      BatchSize: 10,
      EventSourceArn: arn,
      FunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
      LastModified: expect.any(Date),
    });
    const listed = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName: name }));
    expect(listed.EventSourceMappings).toHaveLength(1);
    await send(url, "waiting");
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: true }));
    await printed(name, "batch waiting");
    await lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
    await expect(lambda.send(new GetEventSourceMappingCommand({ UUID }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  test("needs a role that may read the queue", async () => {
    const { arn } = await queue();
    const name = await cloud.create(printing());
    await expect(
      cloud.lambda.send(new CreateEventSourceMappingCommand({ FunctionName: name, EventSourceArn: arn })),
    ).rejects.toMatchObject({
      name: "InvalidParameterValueException",
      message: expect.stringContaining("does not have permissions to call ReceiveMessage on SQS"),
    });
  });

  test("says in the function's log what its role may not do", async () => {
    const { arn } = await queue();
    const name = await cloud.create(printing(), {
      statements: [{ Effect: "Allow", Action: "sqs:GetQueueAttributes", Resource: arn }],
    });
    await cloud.lambda.send(new CreateEventSourceMappingCommand({ FunctionName: name, EventSourceArn: arn }));
    await cloud.event(() => lines(name).some((line) => /sqs:receivemessage/i.test(line)));
  });

  test("goes on after a restart of the cloud", async () => {
    await using other = await startLambdaCloud();
    const client = other.client(SQSClient);
    const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: "kept" }));
    const arn = "arn:aws:sqs:us-east-1:000000000000:kept";
    const name = await other.create(printing(), { statements: consume(arn) });
    await other.lambda.send(new CreateEventSourceMappingCommand({ FunctionName: name, EventSourceArn: arn }));
    await other.restart();
    await other.client(SQSClient).send(new SendMessageCommand({ QueueUrl, MessageBody: "after" }));
    await other.event((one) => one.type === "function.log" && one.line === "batch after");
  });

  test.each([
    ["a pattern that is none", { FilterCriteria: { Filters: [{ Pattern: "nope" }] } }],
    ["too large a batch without a window", { BatchSize: 50 }],
    ["a function that may run longer than a message stays hidden", { FunctionName: "slow" }],
    ["a source we do not poll", { EventSourceArn: "arn:aws:kafka:us-east-1:000000000000:cluster/x/y" }],
  ])("is refused with %s", async (_what, more) => {
    const { arn } = await queue();
    if ("FunctionName" in more) {
      await cloud.create(printing(), { ...more, Timeout: 60, statements: consume(arn) });
    }
    await expect(mapped(arn, printing(), more)).rejects.toMatchObject({
      name: "InvalidParameterValueException",
    });
  });
});
