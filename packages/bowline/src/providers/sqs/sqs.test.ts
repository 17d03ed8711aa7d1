import {
  GetQueueAttributesCommand,
  ListQueueTagsCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../testing.ts";

let aws: LocalAws;
let sqs: SQSClient;
beforeAll(async () => {
  aws = await startLocalAws();
  sqs = aws.client(SQSClient);
});
afterAll(() => aws?.[Symbol.asyncDispose]());

async function attributesOf(QueueUrl: string) {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
  return Attributes ?? {};
}

describe("a queue", () => {
  test("takes messages, and has the outputs of @pulumi/aws", async () => {
    const queue = aws.resource("aws:sqs/queue:Queue", "Jobs");
    const inputs = { visibilityTimeoutSeconds: 60, tags: { team: "a" } };
    const preview = await queue.preview(inputs);
    expect(await queue.up(inputs)).toBe("create");
    expect(queue.outputs).toMatchObject({
      name: expect.stringMatching(/^shop-test-Jobs-[0-9a-f]{7}$/),
      url: `${aws.cloud.endpoint}/000000000000/${queue.outputs.name}`,
      arn: `arn:aws:sqs:us-east-1:000000000000:${queue.outputs.name}`,
      visibilityTimeoutSeconds: 60,
      messageRetentionSeconds: 345600,
      fifoQueue: false,
      tagsAll: { team: "a" },
    });
    expect(queue.id).toBe(queue.outputs.url);
    expect(preview.arn).toBe(queue.outputs.arn);
    await sqs.send(new SendMessageCommand({ QueueUrl: queue.id, MessageBody: "x" }));
    expect(await queue.up(inputs)).toBe("same");
  });

  test("changes in place, and back to what it would have been", async () => {
    const queue = aws.resource("aws:sqs/queue:Queue", "Changing");
    const dead = aws.resource("aws:sqs/queue:Queue", "Dead");
    await dead.up({});
    const redrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.outputs.arn, maxReceiveCount: 3 });
    await queue.up({ delaySeconds: 5, redrivePolicy, tags: { old: "1" } });
    expect(await attributesOf(queue.id)).toMatchObject({
      DelaySeconds: "5",
      RedrivePolicy: expect.stringContaining("Dead"),
    });
    expect(await queue.up({ visibilityTimeoutSeconds: 10, tags: { new: "1" } })).toBe("update");
    const attributes = await attributesOf(queue.id);
    expect(attributes).toMatchObject({ DelaySeconds: "0", VisibilityTimeout: "10" });
    expect(attributes.RedrivePolicy ?? "").toBe("");
    expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl: queue.id }))).Tags).toEqual({ new: "1" });
  });

  test("of FIFO order is named so, and replaced when it no longer is one", async () => {
    const queue = aws.resource("aws:sqs/queue:Queue", "Ordered");
    await queue.up({ fifoQueue: true, contentBasedDeduplication: true });
    expect(queue.outputs.name).toMatch(/^shop-test-Ordered-[0-9a-f]{7}\.fifo$/);
    expect(await attributesOf(queue.id)).toMatchObject({
      FifoQueue: "true",
      ContentBasedDeduplication: "true",
    });
    expect(await queue.up({})).toBe("replace");
    expect(queue.outputs.name).not.toContain(".fifo");
    await expect(aws.resource("aws:sqs/queue:Queue").up({ name: "plain", fifoQueue: true })).rejects.toThrow(
      'ends in ".fifo"',
    );
  });

  test("that a crash left behind is taken up with what is wanted now", async () => {
    const queue = aws.resource("aws:sqs/queue:Queue", "Crashed");
    await queue.up({ delaySeconds: 1 });
    const { id } = queue;
    await queue.createAgain({ delaySeconds: 2 });
    expect(queue.id).toBe(id);
    expect(queue.outputs.delaySeconds).toBe(2);
  });

  test("is gone when deleted", async () => {
    const queue = aws.resource("aws:sqs/queue:Queue", "Gone");
    await queue.up({});
    await queue.delete();
    expect(await queue.refresh()).toBe(false);
    await queue.delete();
  });
});

test("a queue policy is put, changed and removed; another port replaces nothing", async () => {
  await using local = await startLocalAws();
  const queue = local.resource("aws:sqs/queue:Queue", "Open");
  await queue.up({});
  const statement = (Service: string) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: { Service }, Action: "sqs:SendMessage", Resource: queue.outputs.arn },
      ],
    });
  const policy = local.resource("aws:sqs/queuePolicy:QueuePolicy");
  await policy.up({ queueUrl: String(queue.outputs.url), policy: statement("sns.amazonaws.com") });
  expect(
    await policy.up({ queueUrl: String(queue.outputs.url), policy: statement("s3.amazonaws.com") }),
  ).toBe("update");

  await local.move();
  expect(await queue.up({})).toBe("update");
  expect(queue.outputs.url).toContain(local.cloud.endpoint);
  expect(
    await policy.up({ queueUrl: String(queue.outputs.url), policy: statement("s3.amazonaws.com") }),
  ).toBe("update");
  expect(await policy.refresh()).toBe(true);
  await policy.delete();
  expect(await policy.refresh()).toBe(false);
});
