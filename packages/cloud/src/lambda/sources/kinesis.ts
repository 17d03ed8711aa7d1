/** Kinesis streams as event sources. */
import { textFilter } from "./filter.ts";
import { callAsFunction, type PollerContext, targetOf } from "./poller.ts";
import type { Position, StreamRecord, StreamSource } from "./stream-source.ts";

interface KinesisRecord {
  readonly SequenceNumber: string;
  readonly ApproximateArrivalTimestamp: number;
  readonly Data: string;
  readonly PartitionKey: string;
}

interface Description {
  readonly StreamDescription: {
    readonly Shards: readonly {
      readonly ShardId: string;
      readonly ParentShardId?: string;
      readonly AdjacentParentShardId?: string;
      readonly SequenceNumberRange: { readonly EndingSequenceNumber?: string };
    }[];
  };
}

/** As Lambda's event has a record's own part, and as filters see it but for `data`, which they see decoded. */
interface EventRecord {
  readonly kinesisSchemaVersion: string;
  readonly partitionKey: string;
  readonly sequenceNumber: string;
  readonly data: string;
  readonly approximateArrivalTimestamp: number;
}

const MOST_SHARDS = 10_000;

export function kinesisStream(context: PollerContext): StreamSource {
  const StreamARN = context.mapping.sourceArn;
  const passes = textFilter(context.mapping.filters, "data");
  const kinesis = <T>(operation: string, input: object) =>
    callAsFunction<T>(context, "kinesis", operation, input);

  return {
    batchInfo: "KinesisBatchInfo",
    topic: (shard) => (shard === undefined ? StreamARN : `${StreamARN}/${shard}`),
    async shards() {
      const { StreamDescription } = await kinesis<Description>("DescribeStream", {
        StreamARN,
        Limit: MOST_SHARDS,
      });
      return StreamDescription.Shards.map((shard) => ({
        id: shard.ShardId,
        parents: [shard.ParentShardId, shard.AdjacentParentShardId].filter((id) => id !== undefined),
        closed: shard.SequenceNumberRange.EndingSequenceNumber !== undefined,
      }));
    },
    async iterator(ShardId, position) {
      const { ShardIterator } = await kinesis<{ ShardIterator: string }>("GetShardIterator", {
        StreamARN,
        ShardId,
        ...positionOf(position),
      });
      return ShardIterator;
    },
    async read(shard, ShardIterator, Limit) {
      const { Records, NextShardIterator } = await kinesis<{
        Records: readonly KinesisRecord[];
        NextShardIterator?: string;
      }>("GetRecords", { ShardIterator, Limit });
      return { records: Records.map((record) => toRecord(shard, record)), next: NextShardIterator };
    },
    passes({ event }) {
      const { kinesis: own } = event as { kinesis: EventRecord };
      return passes({ ...own, data: Buffer.from(own.data, "base64").toString() });
    },
  };

  function toRecord(shard: string, record: KinesisRecord): StreamRecord {
    const own: EventRecord = {
      kinesisSchemaVersion: "1.0",
      partitionKey: record.PartitionKey,
      sequenceNumber: record.SequenceNumber,
      data: record.Data,
      approximateArrivalTimestamp: record.ApproximateArrivalTimestamp,
    };
    return {
      sequence: record.SequenceNumber,
      time: record.ApproximateArrivalTimestamp * 1000,
      lane: record.PartitionKey,
      event: {
        kinesis: own,
        eventSource: "aws:kinesis",
        eventVersion: "1.0",
        eventID: `${shard}:${record.SequenceNumber}`,
        eventName: "aws:kinesis:record",
        invokeIdentityArn: targetOf(context).role,
        awsRegion: context.room.hub.region,
        eventSourceARN: StreamARN,
      },
    };
  }
}

function positionOf(position: Position): object {
  if (typeof position === "string") return { ShardIteratorType: position };
  return "after" in position
    ? { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber: position.after }
    : { ShardIteratorType: "AT_TIMESTAMP", Timestamp: position.since / 1000 };
}
