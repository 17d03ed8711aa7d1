/** DynamoDB streams as event sources. */
import { recordFilter } from "./filter.ts";
import { callAsFunction, type PollerContext } from "./poller.ts";
import type { Position, StreamRecord, StreamSource } from "./stream-source.ts";

interface ChangeRecord {
  readonly dynamodb: {
    readonly Keys: object;
    readonly SequenceNumber: string;
    readonly ApproximateCreationDateTime: number;
  };
}

interface Description {
  readonly StreamDescription: {
    readonly Shards: readonly {
      readonly ShardId: string;
      readonly ParentShardId?: string;
      readonly SequenceNumberRange: { readonly EndingSequenceNumber?: string };
    }[];
  };
}

export function dynamodbStream(context: PollerContext): StreamSource {
  const StreamArn = context.mapping.sourceArn;
  const passes = recordFilter(context.mapping.filters);
  const dynamodb = <T>(operation: string, input: object) =>
    callAsFunction<T>(context, "dynamodb", operation, input);

  return {
    batchInfo: "DDBStreamBatchInfo",
    topic: () => StreamArn,
    async shards() {
      const { StreamDescription } = await dynamodb<Description>("DescribeStream", { StreamArn });
      return StreamDescription.Shards.map(({ ShardId, ParentShardId, SequenceNumberRange }) => ({
        id: ShardId,
        parents: ParentShardId === undefined ? [] : [ParentShardId],
        closed: SequenceNumberRange.EndingSequenceNumber !== undefined,
      }));
    },
    async iterator(ShardId, position) {
      const { ShardIterator } = await dynamodb<{ ShardIterator: string }>("GetShardIterator", {
        StreamArn,
        ShardId,
        ...positionOf(position),
      });
      return ShardIterator;
    },
    async read(_shard, ShardIterator, Limit) {
      const { Records = [], NextShardIterator } = await dynamodb<{
        Records?: readonly ChangeRecord[];
        NextShardIterator?: string;
      }>("GetRecords", { ShardIterator, Limit });
      return { records: Records.map(toRecord), next: NextShardIterator };
    },
    passes: ({ event }) => passes(event),
  };

  function toRecord(record: ChangeRecord): StreamRecord {
    const { SequenceNumber, ApproximateCreationDateTime, Keys } = record.dynamodb;
    return {
      sequence: SequenceNumber,
      time: ApproximateCreationDateTime * 1000,
      lane: JSON.stringify(Keys),
      event: { ...record, eventSourceARN: StreamArn },
    };
  }
}

function positionOf(position: Position): object {
  if (typeof position === "string") return { ShardIteratorType: position };
  return "after" in position
    ? { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: position.after }
    : { ShardIteratorType: "TRIM_HORIZON" };
}
