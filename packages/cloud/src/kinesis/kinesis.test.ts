import { createHash } from "node:crypto";
import * as sdk from "@aws-sdk/client-kinesis";
import { afterAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../testing.ts";
import { newStream } from "./testing.ts";

const test = await startTestCloud();
afterAll(() => test[Symbol.asyncDispose]());
const kinesis = () => test.client(sdk.KinesisClient);

const text = (data: Uint8Array | undefined) => Buffer.from(data ?? []).toString();
const put = (StreamName: string, key: string, data: string, more: object = {}) =>
  kinesis().send(
    new sdk.PutRecordCommand({ StreamName, PartitionKey: key, Data: Buffer.from(data), ...more }),
  );
const shards = async (StreamName: string, more: object = {}) =>
  (await kinesis().send(new sdk.ListShardsCommand({ StreamName, ...more }))).Shards ?? [];

type Position = Partial<sdk.GetShardIteratorCommandInput>;

async function iterator(StreamName: string, more: Position = {}): Promise<string> {
  const ShardId = more.ShardId ?? (await shards(StreamName))[0]?.ShardId;
  const { ShardIterator } = await kinesis().send(
    new sdk.GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON", ...more }),
  );
  return ShardIterator ?? "";
}

async function read(StreamName: string, more: Position = {}): Promise<string[]> {
  const { Records = [] } = await kinesis().send(
    new sdk.GetRecordsCommand({ ShardIterator: await iterator(StreamName, more) }),
  );
  return Records.map(({ Data }) => text(Data));
}

describe("records", () => {
  it("come out in the order they went in, with rising numbers", async () => {
    const { StreamName } = await newStream(test);
    const sent = Array.from({ length: 30 }, (_, index) => `record ${index}`);
    const { Records: answers = [], FailedRecordCount } = await kinesis().send(
      new sdk.PutRecordsCommand({
        StreamName,
        Records: sent.map((data, index) => ({ PartitionKey: `key-${index}`, Data: Buffer.from(data) })),
      }),
    );
    expect(FailedRecordCount).toBe(0);
    const numbers = answers.map(({ SequenceNumber }) => SequenceNumber ?? "");
    expect(numbers.every((number) => /^\d{56}$/.test(number))).toBe(true);
    expect(numbers).toEqual([...numbers].sort());
    const first = await kinesis().send(
      new sdk.GetRecordsCommand({ ShardIterator: await iterator(StreamName), Limit: 12 }),
    );
    expect(first.MillisBehindLatest).toBeGreaterThan(0);
    expect(first.Records?.[0]).toMatchObject({
      PartitionKey: "key-0",
      SequenceNumber: numbers[0],
      ApproximateArrivalTimestamp: expect.any(Date),
      EncryptionType: "NONE",
    });
    const second = await kinesis().send(
      new sdk.GetRecordsCommand({ ShardIterator: first.NextShardIterator }),
    );
    const all = [...(first.Records ?? []), ...(second.Records ?? [])];
    expect(all.map(({ Data }) => text(Data))).toEqual(sent);
    expect(second).toMatchObject({ MillisBehindLatest: 0, NextShardIterator: expect.any(String) });
  });

  it("are in the shard whose range their key's MD5 is in", async () => {
    const { StreamName } = await newStream(test, 5);
    const ranges = await shards(StreamName);
    for (const key of ["a", "b", "ü", "order-17", "x".repeat(256)]) {
      const hash = BigInt(`0x${createHash("md5").update(key).digest("hex")}`);
      const owner = ranges.find(
        ({ HashKeyRange: range }) =>
          BigInt(range?.StartingHashKey ?? 0) <= hash && hash <= BigInt(range?.EndingHashKey ?? 0),
      );
      expect((await put(StreamName, key, "x")).ShardId).toBe(owner?.ShardId);
    }
    const last = await put(StreamName, "a", "x", { ExplicitHashKey: String(2n ** 128n - 1n) });
    expect(last.ShardId).toBe(ranges.at(-1)?.ShardId);
  });

  it("are read from any kind of position", async () => {
    const { StreamName } = await newStream(test);
    await put(StreamName, "k", "one");
    const { SequenceNumber } = await put(StreamName, "k", "two");
    const late = await iterator(StreamName, { ShardIteratorType: "LATEST" });
    const between = new Date(Date.now() + 1);
    while (Date.now() <= between.getTime()) await new Promise(setImmediate);
    await put(StreamName, "k", "three");
    const at = { StartingSequenceNumber: SequenceNumber };
    expect(await read(StreamName, { ShardIteratorType: "TRIM_HORIZON" })).toEqual(["one", "two", "three"]);
    expect(await read(StreamName, { ShardIteratorType: "AT_SEQUENCE_NUMBER", ...at })).toEqual([
      "two",
      "three",
    ]);
    expect(await read(StreamName, { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", ...at })).toEqual(["three"]);
    expect(await read(StreamName, { ShardIteratorType: "AT_TIMESTAMP", Timestamp: between })).toEqual([
      "three",
    ]);
    expect(
      await read(StreamName, { ShardIteratorType: "AT_TIMESTAMP", Timestamp: new Date(0) }),
    ).toHaveLength(3);
    const { Records } = await kinesis().send(new sdk.GetRecordsCommand({ ShardIterator: late }));
    expect(Records?.map(({ Data }) => text(Data))).toEqual(["three"]);
  });

  it("may be large, and many at once", async () => {
    const { StreamName } = await newStream(test);
    const Data = Buffer.alloc(1024 * 1024, "x");
    const Records = Array.from({ length: 9 }, () => ({ PartitionKey: "k", Data }));
    await kinesis().send(new sdk.PutRecordsCommand({ StreamName, Records }));
    expect(await read(StreamName)).toHaveLength(9);
    await expect(put(StreamName, "k", "x".repeat(1024 * 1024 + 1))).rejects.toMatchObject({
      name: "ValidationException",
    });
    const client = kinesis();
    await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        client.send(
          new sdk.PutRecordCommand({ StreamName, PartitionKey: `${index}`, Data: Buffer.from(`${index}`) }),
        ),
      ),
    );
    const { Records: found } = await kinesis().send(
      new sdk.GetRecordsCommand({ ShardIterator: await iterator(StreamName), Limit: 10_000 }),
    );
    expect(found).toHaveLength(209);
  });

  it("survive a restart, and nothing after it gets an older number", async () => {
    await using other = await startTestCloud();
    const { StreamName } = await newStream(other);
    const send = (data: string) =>
      other
        .client(sdk.KinesisClient)
        .send(new sdk.PutRecordCommand({ StreamName, PartitionKey: "k", Data: Buffer.from(data) }));
    const before = await send("before");
    await other.restart();
    const after = await send("after");
    expect(Number(BigInt(after.SequenceNumber ?? 0) - BigInt(before.SequenceNumber ?? 0))).toBeGreaterThan(0);
    const client = other.client(sdk.KinesisClient);
    const { ShardIterator } = await client.send(
      new sdk.GetShardIteratorCommand({
        StreamName,
        ShardId: before.ShardId,
        ShardIteratorType: "AT_SEQUENCE_NUMBER",
        StartingSequenceNumber: before.SequenceNumber,
      }),
    );
    const { Records = [] } = await client.send(new sdk.GetRecordsCommand({ ShardIterator }));
    expect(Records.map(({ Data }) => text(Data))).toEqual(["before", "after"]);
  });

  it.each([
    ["a stream that is not there", { StreamName: "nowhere" }, "ResourceNotFoundException"],
    ["no key", { PartitionKey: "" }, "ValidationException"],
    ["a hash key beyond all shards", { ExplicitHashKey: `${2n ** 128n}` }, "InvalidArgumentException"],
    [
      "two names",
      { StreamARN: "arn:aws:kinesis:us-east-1:000000000000:stream/b" },
      "InvalidArgumentException",
    ],
    ["no stream at all", { StreamName: undefined }, "InvalidArgumentException"],
  ])("are refused with %s", async (_what, more, name) => {
    const { StreamName } = await newStream(test);
    await expect(put(StreamName, "k", "x", more)).rejects.toMatchObject({ name });
  });

  it("are not read from an iterator that is none", async () => {
    await expect(kinesis().send(new sdk.GetRecordsCommand({ ShardIterator: "no" }))).rejects.toMatchObject({
      name: "InvalidArgumentException",
    });
  });
});

describe("shards", () => {
  it("are split and merged: parents end, children go on", async () => {
    const { StreamName } = await newStream(test);
    await put(StreamName, "k", "before");
    const [whole] = await shards(StreamName);
    const middle = String(2n ** 127n);
    await kinesis().send(
      new sdk.SplitShardCommand({ StreamName, ShardToSplit: whole?.ShardId, NewStartingHashKey: middle }),
    );
    const [parent, low, high] = await shards(StreamName);
    expect(parent?.SequenceNumberRange?.EndingSequenceNumber).toBeDefined();
    expect([low, high]).toMatchObject([
      { ParentShardId: whole?.ShardId, HashKeyRange: { StartingHashKey: "0" } },
      { ParentShardId: whole?.ShardId, HashKeyRange: { StartingHashKey: middle } },
    ]);
    await put(StreamName, "k", "low", { ExplicitHashKey: "1" });
    await put(StreamName, "k", "high", { ExplicitHashKey: middle });
    const end = await kinesis().send(
      new sdk.GetRecordsCommand({ ShardIterator: await iterator(StreamName) }),
    );
    expect(end.Records?.map(({ Data }) => text(Data))).toEqual(["before"]);
    expect(end.NextShardIterator).toBeUndefined();
    expect(end.ChildShards?.map(({ ShardId }) => ShardId)).toEqual([low?.ShardId, high?.ShardId]);
    expect(await read(StreamName, { ShardId: high?.ShardId })).toEqual(["high"]);

    await kinesis().send(
      new sdk.MergeShardsCommand({
        StreamName,
        ShardToMerge: low?.ShardId,
        AdjacentShardToMerge: high?.ShardId,
      }),
    );
    const [merged, ...more] = await shards(StreamName, { ShardFilter: { Type: "AT_LATEST" } });
    expect(more).toEqual([]);
    expect(merged).toMatchObject({
      ParentShardId: low?.ShardId,
      AdjacentParentShardId: high?.ShardId,
      HashKeyRange: { StartingHashKey: "0", EndingHashKey: String(2n ** 128n - 1n) },
    });
    await expect(
      kinesis().send(
        new sdk.SplitShardCommand({ StreamName, ShardToSplit: low?.ShardId, NewStartingHashKey: "5" }),
      ),
    ).rejects.toMatchObject({ name: "InvalidArgumentException" });
  });

  it.each([
    [2, 3],
    [3, 2],
    [4, 8],
    [5, 3],
    [7, 7],
  ])("are made even: %i become %i", async (before, after) => {
    const { StreamName } = await newStream(test, before);
    const answer = await kinesis().send(
      new sdk.UpdateShardCountCommand({
        StreamName,
        TargetShardCount: after,
        ScalingType: "UNIFORM_SCALING",
      }),
    );
    expect(answer).toMatchObject({ CurrentShardCount: before, TargetShardCount: after });
    const open = (await shards(StreamName, { ShardFilter: { Type: "AT_LATEST" } }))
      .map(({ HashKeyRange: range }) => ({
        from: BigInt(range?.StartingHashKey ?? 0),
        to: BigInt(range?.EndingHashKey ?? 0),
      }))
      .sort((a, b) => (a.from < b.from ? -1 : 1));
    expect(open).toHaveLength(after);
    expect(open[0]?.from).toBe(0n);
    expect(open.at(-1)?.to).toBe(2n ** 128n - 1n);
    for (const [index, { to }] of open.slice(0, -1).entries()) expect(open[index + 1]?.from).toBe(to + 1n);
    const sizes = open.map(({ from, to }) => Number(to - from));
    expect(Math.max(...sizes) / Math.min(...sizes)).toBeCloseTo(1, 10);
  });

  it("are listed page by page", async () => {
    const { StreamName } = await newStream(test, 5);
    const first = await kinesis().send(new sdk.ListShardsCommand({ StreamName, MaxResults: 3 }));
    const second = await kinesis().send(new sdk.ListShardsCommand({ NextToken: first.NextToken }));
    expect([...(first.Shards ?? []), ...(second.Shards ?? [])]).toEqual(await shards(StreamName));
    expect(second.NextToken).toBeUndefined();
    const described = await kinesis().send(new sdk.DescribeStreamCommand({ StreamName, Limit: 2 }));
    expect(described.StreamDescription).toMatchObject({ HasMoreShards: true, StreamStatus: "ACTIVE" });
  });
});

describe("streams", () => {
  it("are described as they were made, and changed", async () => {
    const { StreamName, arn: StreamARN } = await newStream(test, 2);
    const summary = async () =>
      (await kinesis().send(new sdk.DescribeStreamSummaryCommand({ StreamARN }))).StreamDescriptionSummary;
    expect(await summary()).toMatchObject({
      StreamName,
      StreamARN,
      StreamStatus: "ACTIVE",
      StreamModeDetails: { StreamMode: "PROVISIONED" },
      RetentionPeriodHours: 24,
      OpenShardCount: 2,
      ConsumerCount: 0,
      EncryptionType: "NONE",
    });
    const client = kinesis();
    await client.send(new sdk.IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 48 }));
    await expect(
      client.send(new sdk.IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 30 })),
    ).rejects.toMatchObject({ name: "InvalidArgumentException" });
    await client.send(
      new sdk.UpdateStreamModeCommand({ StreamARN, StreamModeDetails: { StreamMode: "ON_DEMAND" } }),
    );
    await client.send(
      new sdk.StartStreamEncryptionCommand({ StreamName, EncryptionType: "KMS", KeyId: "alias/aws/kinesis" }),
    );
    expect(await summary()).toMatchObject({
      RetentionPeriodHours: 48,
      StreamModeDetails: { StreamMode: "ON_DEMAND" },
      EncryptionType: "KMS",
      KeyId: "alias/aws/kinesis",
    });
    await expect(
      client.send(new sdk.CreateStreamCommand({ StreamName, ShardCount: 1 })),
    ).rejects.toMatchObject({ name: "ResourceInUseException" });
    await client.send(new sdk.DeleteStreamCommand({ StreamName }));
    await expect(summary()).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  it("on demand begin with four shards", async () => {
    const client = kinesis();
    await client.send(
      new sdk.CreateStreamCommand({
        StreamName: "on-demand",
        StreamModeDetails: { StreamMode: "ON_DEMAND" },
        Tags: { team: "red" },
      }),
    );
    expect(await shards("on-demand")).toHaveLength(4);
    const { Tags } = await client.send(new sdk.ListTagsForStreamCommand({ StreamName: "on-demand" }));
    expect(Tags).toEqual([{ Key: "team", Value: "red" }]);
    await expect(
      client.send(
        new sdk.UpdateShardCountCommand({
          StreamName: "on-demand",
          TargetShardCount: 8,
          ScalingType: "UNIFORM_SCALING",
        }),
      ),
    ).rejects.toMatchObject({ name: "ValidationException" });
  });

  it("have registered consumers, and are deleted with them when told so", async () => {
    const { StreamName, arn: StreamARN } = await newStream(test);
    const client = kinesis();
    const { Consumer } = await client.send(
      new sdk.RegisterStreamConsumerCommand({ StreamARN, ConsumerName: "reports" }),
    );
    const { ConsumerDescription } = await client.send(
      new sdk.DescribeStreamConsumerCommand({ ConsumerARN: Consumer?.ConsumerARN }),
    );
    expect(ConsumerDescription).toMatchObject({
      ConsumerName: "reports",
      ConsumerStatus: "ACTIVE",
      StreamARN,
    });
    await expect(client.send(new sdk.DeleteStreamCommand({ StreamName }))).rejects.toMatchObject({
      name: "ResourceInUseException",
    });
    await client.send(new sdk.DeleteStreamCommand({ StreamName, EnforceConsumerDeletion: true }));
  });

  it("send their records to subscribers as they come, to the end of the shard", async () => {
    const { StreamName, arn: StreamARN } = await newStream(test);
    const client = kinesis();
    const { Consumer } = await client.send(
      new sdk.RegisterStreamConsumerCommand({ StreamARN, ConsumerName: "live" }),
    );
    const first = await put(StreamName, "k", "one");
    const { EventStream } = await client.send(
      new sdk.SubscribeToShardCommand({
        ConsumerARN: Consumer?.ConsumerARN,
        ShardId: first.ShardId,
        StartingPosition: { Type: "AT_SEQUENCE_NUMBER", SequenceNumber: first.SequenceNumber },
      }),
    );
    const seen: string[] = [];
    let children: unknown;
    for await (const { SubscribeToShardEvent: event } of EventStream ?? []) {
      const texts = event?.Records?.map(({ Data }) => text(Data)) ?? [];
      seen.push(...texts);
      children = event?.ChildShards?.length;
      if (texts.includes("one")) await put(StreamName, "k", "two");
      if (texts.includes("two")) {
        await kinesis().send(
          new sdk.SplitShardCommand({ StreamName, ShardToSplit: first.ShardId, NewStartingHashKey: "5" }),
        );
      }
    }
    expect({ seen, children }).toEqual({ seen: ["one", "two"], children: 2 });
    client.destroy();
  });

  it("let others in by their own policy", async () => {
    const { StreamName, arn } = await newStream(test);
    const role = await test.roleWith([]);
    const client = test.client(sdk.KinesisClient, role);
    const send = () =>
      client.send(new sdk.PutRecordCommand({ StreamName, PartitionKey: "k", Data: Buffer.from("x") }));
    await expect(send()).rejects.toMatchObject({ name: "AccessDeniedException" });
    const Policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: { AWS: role.roleArn }, Action: "kinesis:PutRecord", Resource: arn },
      ],
    });
    await kinesis().send(new sdk.PutResourcePolicyCommand({ ResourceARN: arn, Policy }));
    await expect(send()).resolves.toMatchObject({ ShardId: "shardId-000000000000" });
    expect((await kinesis().send(new sdk.GetResourcePolicyCommand({ ResourceARN: arn }))).Policy).toBe(
      Policy,
    );
  });
});
