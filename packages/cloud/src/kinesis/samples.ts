/** Sample calls of Kinesis's operations. */
import * as sdk from "@aws-sdk/client-kinesis";
import type { PolicyStatement } from "../iam/policy.ts";
import { type SampleCall, sampleCalls } from "../samples.ts";

interface Fixture {
  readonly StreamName: string;
  readonly StreamARN: string;
  readonly ConsumerARN: string;
  readonly ShardId: string;
  readonly ShardIterator: string;
  readonly unique: string;
}

type Call = SampleCall<sdk.KinesisClient, Fixture>;

const allow = (action: string, Resource: string): PolicyStatement => ({
  Effect: "Allow",
  Action: `kinesis:${action}`,
  Resource,
});

function onStream(action: string, call: Call["call"]): Call {
  return { call, allow: ({ StreamARN }) => [allow(action, StreamARN)] };
}

function onConsumer(action: string, call: Call["call"]): Call {
  return { call, allow: ({ ConsumerARN }) => [allow(action, ConsumerARN)] };
}

function everywhere(action: string, call: Call["call"]): Call {
  return { call, allow: () => [allow(action, "*")] };
}

const Data = Buffer.from("x");
const kms = { EncryptionType: "KMS", KeyId: "alias/aws/kinesis" } as const;

export const samples = sampleCalls<sdk.KinesisClient, Fixture>({
  service: "kinesis",
  client: (test, credentials) => test.client(sdk.KinesisClient, credentials),
  async prepare(test, unique) {
    const kinesis = test.client(sdk.KinesisClient);
    const StreamName = `sample-${unique}`;
    const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`;
    await kinesis.send(new sdk.CreateStreamCommand({ StreamName, ShardCount: 2 }));
    await kinesis.send(
      new sdk.IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 48 }),
    );
    await kinesis.send(new sdk.StartStreamEncryptionCommand({ StreamName, ...kms }));
    const ShardId = "shardId-000000000000";
    const [{ Consumer }, { ShardIterator }] = await Promise.all([
      kinesis.send(new sdk.RegisterStreamConsumerCommand({ StreamARN, ConsumerName: "consumer" })),
      kinesis.send(
        new sdk.GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON" }),
      ),
    ]);
    await kinesis.send(
      new sdk.PutResourcePolicyCommand({
        ResourceARN: StreamARN,
        Policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { AWS: "arn:aws:iam::111111111111:root" },
              Action: "kinesis:PutRecord",
              Resource: StreamARN,
            },
          ],
        }),
      }),
    );
    return {
      StreamName,
      StreamARN,
      ConsumerARN: Consumer?.ConsumerARN ?? "",
      ShardId,
      ShardIterator: ShardIterator ?? "",
      unique,
    };
  },
  calls: {
    CreateStream: {
      call: (kinesis, { unique }) =>
        kinesis.send(
          new sdk.CreateStreamCommand({ StreamName: `new-${unique}`, ShardCount: 1, Tags: { a: "b" } }),
        ),
      allow: ({ unique }) =>
        ["CreateStream", "AddTagsToStream"].map((action) =>
          allow(action, `arn:aws:kinesis:us-east-1:000000000000:stream/new-${unique}`),
        ),
    },
    DeleteStream: onStream("DeleteStream", (kinesis, { StreamName }) =>
      kinesis.send(new sdk.DeleteStreamCommand({ StreamName, EnforceConsumerDeletion: true })),
    ),
    DescribeStream: onStream("DescribeStream", (kinesis, { StreamName }) =>
      kinesis.send(new sdk.DescribeStreamCommand({ StreamName })),
    ),
    DescribeStreamSummary: onStream("DescribeStreamSummary", (kinesis, { StreamARN }) =>
      kinesis.send(new sdk.DescribeStreamSummaryCommand({ StreamARN })),
    ),
    ListStreams: everywhere("ListStreams", (kinesis) => kinesis.send(new sdk.ListStreamsCommand({}))),
    DescribeLimits: everywhere("DescribeLimits", (kinesis) =>
      kinesis.send(new sdk.DescribeLimitsCommand({})),
    ),
    UpdateStreamMode: onStream("UpdateStreamMode", (kinesis, { StreamARN }) =>
      kinesis.send(
        new sdk.UpdateStreamModeCommand({ StreamARN, StreamModeDetails: { StreamMode: "ON_DEMAND" } }),
      ),
    ),
    IncreaseStreamRetentionPeriod: onStream("IncreaseStreamRetentionPeriod", (kinesis, { StreamName }) =>
      kinesis.send(new sdk.IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 72 })),
    ),
    DecreaseStreamRetentionPeriod: onStream("DecreaseStreamRetentionPeriod", (kinesis, { StreamName }) =>
      kinesis.send(new sdk.DecreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 24 })),
    ),
    StartStreamEncryption: onStream("StartStreamEncryption", (kinesis, { StreamName }) =>
      kinesis.send(new sdk.StartStreamEncryptionCommand({ StreamName, ...kms })),
    ),
    StopStreamEncryption: onStream("StopStreamEncryption", (kinesis, { StreamName }) =>
      kinesis.send(new sdk.StopStreamEncryptionCommand({ StreamName, ...kms })),
    ),
    EnableEnhancedMonitoring: onStream("EnableEnhancedMonitoring", (kinesis, { StreamName }) =>
      kinesis.send(new sdk.EnableEnhancedMonitoringCommand({ StreamName, ShardLevelMetrics: ["ALL"] })),
    ),
    DisableEnhancedMonitoring: onStream("DisableEnhancedMonitoring", (kinesis, { StreamName }) =>
      kinesis.send(
        new sdk.DisableEnhancedMonitoringCommand({ StreamName, ShardLevelMetrics: ["IncomingBytes"] }),
      ),
    ),
    PutRecord: onStream("PutRecord", (kinesis, { StreamName }) =>
      kinesis.send(new sdk.PutRecordCommand({ StreamName, PartitionKey: "k", Data })),
    ),
    PutRecords: onStream("PutRecords", (kinesis, { StreamName }) =>
      kinesis.send(new sdk.PutRecordsCommand({ StreamName, Records: [{ PartitionKey: "k", Data }] })),
    ),
    GetShardIterator: onStream("GetShardIterator", (kinesis, { StreamName, ShardId }) =>
      kinesis.send(new sdk.GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: "LATEST" })),
    ),
    GetRecords: onStream("GetRecords", (kinesis, { ShardIterator }) =>
      kinesis.send(new sdk.GetRecordsCommand({ ShardIterator })),
    ),
    ListShards: onStream("ListShards", (kinesis, { StreamName }) =>
      kinesis.send(new sdk.ListShardsCommand({ StreamName })),
    ),
    SplitShard: onStream("SplitShard", (kinesis, { StreamName, ShardId }) =>
      kinesis.send(new sdk.SplitShardCommand({ StreamName, ShardToSplit: ShardId, NewStartingHashKey: "5" })),
    ),
    MergeShards: onStream("MergeShards", (kinesis, { StreamName, ShardId }) =>
      kinesis.send(
        new sdk.MergeShardsCommand({
          StreamName,
          ShardToMerge: ShardId,
          AdjacentShardToMerge: "shardId-000000000001",
        }),
      ),
    ),
    UpdateShardCount: onStream("UpdateShardCount", (kinesis, { StreamName }) =>
      kinesis.send(
        new sdk.UpdateShardCountCommand({
          StreamName,
          TargetShardCount: 3,
          ScalingType: "UNIFORM_SCALING",
        }),
      ),
    ),
    RegisterStreamConsumer: onStream("RegisterStreamConsumer", (kinesis, { StreamARN }) =>
      kinesis.send(new sdk.RegisterStreamConsumerCommand({ StreamARN, ConsumerName: "another" })),
    ),
    DescribeStreamConsumer: onConsumer("DescribeStreamConsumer", (kinesis, { StreamARN }) =>
      kinesis.send(new sdk.DescribeStreamConsumerCommand({ StreamARN, ConsumerName: "consumer" })),
    ),
    SubscribeToShard: onConsumer("SubscribeToShard", async (kinesis, { ConsumerARN, ShardId }) => {
      const { EventStream } = await kinesis.send(
        new sdk.SubscribeToShardCommand({
          ConsumerARN,
          ShardId,
          StartingPosition: { Type: "TRIM_HORIZON" },
        }),
      );
      for await (const event of EventStream ?? []) if (event.SubscribeToShardEvent) break;
      kinesis.destroy();
    }),
    ListStreamConsumers: onStream("ListStreamConsumers", (kinesis, { StreamARN }) =>
      kinesis.send(new sdk.ListStreamConsumersCommand({ StreamARN })),
    ),
    DeregisterStreamConsumer: onConsumer("DeregisterStreamConsumer", (kinesis, { ConsumerARN }) =>
      kinesis.send(new sdk.DeregisterStreamConsumerCommand({ ConsumerARN })),
    ),
    AddTagsToStream: onStream("AddTagsToStream", (kinesis, { StreamName }) =>
      kinesis.send(new sdk.AddTagsToStreamCommand({ StreamName, Tags: { a: "b" } })),
    ),
    RemoveTagsFromStream: onStream("RemoveTagsFromStream", (kinesis, { StreamName }) =>
      kinesis.send(new sdk.RemoveTagsFromStreamCommand({ StreamName, TagKeys: ["a"] })),
    ),
    ListTagsForStream: onStream("ListTagsForStream", (kinesis, { StreamName }) =>
      kinesis.send(new sdk.ListTagsForStreamCommand({ StreamName })),
    ),
    TagResource: onConsumer("TagResource", (kinesis, { ConsumerARN }) =>
      kinesis.send(new sdk.TagResourceCommand({ ResourceARN: ConsumerARN, Tags: { a: "b" } })),
    ),
    UntagResource: onStream("UntagResource", (kinesis, { StreamARN }) =>
      kinesis.send(new sdk.UntagResourceCommand({ ResourceARN: StreamARN, TagKeys: ["a"] })),
    ),
    ListTagsForResource: onStream("ListTagsForResource", (kinesis, { StreamARN }) =>
      kinesis.send(new sdk.ListTagsForResourceCommand({ ResourceARN: StreamARN })),
    ),
    PutResourcePolicy: onStream("PutResourcePolicy", (kinesis, { StreamARN }) =>
      kinesis.send(
        new sdk.PutResourcePolicyCommand({
          ResourceARN: StreamARN,
          Policy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Deny",
                Principal: "*",
                Action: "kinesis:PutRecord",
                Resource: StreamARN,
              },
            ],
          }),
        }),
      ),
    ),
    GetResourcePolicy: onStream("GetResourcePolicy", (kinesis, { StreamARN }) =>
      kinesis.send(new sdk.GetResourcePolicyCommand({ ResourceARN: StreamARN })),
    ),
    DeleteResourcePolicy: onStream("DeleteResourcePolicy", (kinesis, { StreamARN }) =>
      kinesis.send(new sdk.DeleteResourcePolicyCommand({ ResourceARN: StreamARN })),
    ),
  },
});
