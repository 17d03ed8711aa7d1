import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as sdk from "@aws-sdk/client-sqs";
import { describe, expect, it } from "vitest";
import { startTestCloud } from "../testing.ts";
import { inFlight, mostInFlight } from "./in-flight.ts";

describe("a queue with as much in flight as may be", () => {
  /** Puts messages into a queue's table, handed out but for the last; the cloud must not be running. */
  function fill(dir: string, QueueName: string, messages: number): void {
    const database = new DatabaseSync(join(dir, "sqs.db"));
    const { id } = database.prepare("SELECT id FROM queue WHERE name = ?").get(QueueName) as { id: number };
    const now = Date.now();
    database
      .prepare(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         INSERT INTO message (queue, visible_at, receives, sent, first_received, message_id, body, body_md5, sender,
           message_group, dedup)
         SELECT ?, iif(i = ?, 0, ?), i < ?, ?, ?, '00000000-0000-4000-8000-000000000000', 'x', '', '', 'g' || i, i FROM n`,
      )
      .run(messages, id, messages, now + 3_600_000, messages, now, now);
    database.close();
  }

  it("gives no more until some are done with: an error at once, nothing after a wait", async () => {
    const dir = await mkdtemp(join(tmpdir(), "bowline-sqs-"));
    const test = await startTestCloud({ dir });
    try {
      const client = () => test.client(sdk.SQSClient);
      const made = await Promise.all(
        [{ QueueName: "full" }, { QueueName: "full.fifo", Attributes: { FifoQueue: "true" } }].map((input) =>
          client().send(new sdk.CreateQueueCommand(input)),
        ),
      );
      await test.cloud.stop();
      fill(dir, "full", mostInFlight + 1);
      fill(dir, "full.fifo", mostInFlight + 1);
      await test.restart();
      const receive = (QueueUrl: string | undefined, input: object = {}) =>
        client().send(new sdk.ReceiveMessageCommand({ QueueUrl, ...input }));
      const [full, fifo] = made.map(({ QueueUrl }) => QueueUrl);
      await expect(receive(full)).rejects.toMatchObject({ name: "OverLimit" });
      expect(await receive(full, { WaitTimeSeconds: 1 })).not.toHaveProperty("Messages");
      expect(await receive(fifo)).not.toHaveProperty("Messages");
    } finally {
      await test[Symbol.asyncDispose]();
      await rm(dir, { recursive: true, force: true });
    }
  });

  it("is counted again before it is refused", () => {
    let counted = 0;
    let messages = 0;
    const limit = inFlight(() => {
      counted++;
      return messages;
    }, 10);
    expect(limit.room(1, 0)).toBe(10);
    limit.handedOut(1, 8);
    expect([limit.room(1, 0), counted]).toEqual([2, 1]);
    limit.handedOut(1, 2);
    messages = 7;
    expect([limit.room(1, 0), counted]).toEqual([3, 2]);
    limit.handedOut(1, 3);
    messages = 10;
    expect([limit.room(1, 0), counted]).toEqual([0, 3]);
  });
});

describe("a receive request that is repeated", () => {
  async function setUp() {
    const test = await startTestCloud();
    const client = () => test.client(sdk.SQSClient);
    const Attributes = { FifoQueue: "true", ContentBasedDeduplication: "true" };
    const { QueueUrl } = await client().send(new sdk.CreateQueueCommand({ QueueName: "a.fifo", Attributes }));
    for (const MessageBody of ["one", "two", "three"]) {
      await client().send(new sdk.SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId: MessageBody }));
    }
    const receive = async (ReceiveRequestAttemptId: string) => {
      const input = { QueueUrl, ReceiveRequestAttemptId, MaxNumberOfMessages: 2, VisibilityTimeout: 600 };
      const { Messages = [] } = await client().send(
        new sdk.ReceiveMessageCommand({ ...input, MessageSystemAttributeNames: ["All"] }),
      );
      return Messages;
    };
    const bodies = async (id: string) => (await receive(id)).map(({ Body }) => Body);
    return { test, client, QueueUrl, receive, bodies };
  }

  it("is given the same messages and handles, over a restart too", async () => {
    const { test, client, QueueUrl, receive, bodies } = await setUp();
    await using _ = test;
    const first = await receive("attempt-1");
    expect(first.map(({ Body }) => Body)).toEqual(["one", "two"]);
    expect(await receive("attempt-1")).toEqual(first);
    expect(await bodies("attempt-2")).toEqual(["three"]);
    await test.restart();
    expect(await receive("attempt-1")).toEqual(first);
    const ReceiptHandle = first[0]?.ReceiptHandle;
    await client().send(new sdk.DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    // What was given then is not all there any more: the request counts as a new one.
    expect(await bodies("attempt-1")).toEqual([]);
  });

  it("is a new one after a message's visibility was changed", async () => {
    const { test, client, QueueUrl, receive, bodies } = await setUp();
    await using _ = test;
    const [message] = await receive("attempt-1");
    const { ReceiptHandle } = message ?? {};
    await client().send(
      new sdk.ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
    );
    expect(await bodies("attempt-1")).toEqual(expect.arrayContaining(["one", "three"]));
    await expect(receive("no spaces")).rejects.toMatchObject({ name: "InvalidParameterValue" });
  });
});
