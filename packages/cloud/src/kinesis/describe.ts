/** How streams, shards and consumers look in answers. */
import { type Consumer, type Shard, type Stream, sequenceNumber } from "./model.ts";

export function describeSummary(stream: Stream): object {
  return {
    StreamName: stream.name,
    StreamARN: stream.arn,
    StreamStatus: "ACTIVE",
    StreamModeDetails: { StreamMode: stream.mode },
    RetentionPeriodHours: stream.retention,
    StreamCreationTimestamp: stream.created / 1000,
    EnhancedMonitoring: [{ ShardLevelMetrics: stream.metrics }],
    EncryptionType: stream.encryptionKey ? "KMS" : "NONE",
    ...(stream.encryptionKey ? { KeyId: stream.encryptionKey } : {}),
  };
}

export function describeShardRange({ from, to }: Shard): object {
  return { StartingHashKey: from, EndingHashKey: to };
}

export function describeShard(shard: Shard): object {
  return {
    ShardId: shard.id,
    ...(shard.parent === undefined ? {} : { ParentShardId: shard.parent }),
    ...(shard.adjacentParent === undefined ? {} : { AdjacentParentShardId: shard.adjacentParent }),
    HashKeyRange: describeShardRange(shard),
    SequenceNumberRange: {
      StartingSequenceNumber: sequenceNumber(shard.starts),
      ...(shard.ends === undefined ? {} : { EndingSequenceNumber: sequenceNumber(shard.ends) }),
    },
  };
}

export function describeConsumer({ name, arn, created }: Consumer): object {
  return {
    ConsumerName: name,
    ConsumerARN: arn,
    ConsumerStatus: "ACTIVE",
    ConsumerCreationTimestamp: created / 1000,
  };
}
