/** Putting records into streams and reading them out of shards. */
import { AwsError } from "../error.ts";
import { type Operation, operation } from "../service.ts";
import { invalidArgument, validation } from "./errors.ts";
import { hashOf } from "./hash-key.ts";
import { hashKey, type Input, optionalInteger, partitionKey, recordData, text } from "./input.ts";
import { type Stream, sequenceNumber } from "./model.ts";
import { childShards, describeRecord, encryptionOf, startOf, takeRecords } from "./reading.ts";
import type { KinesisState } from "./state.ts";

const ITERATOR_LIFETIME = 300_000;
const MOST_RECORDS = 10_000;
const BATCH_RECORDS = 500;
const BATCH_BYTES = 10 * 1024 * 1024;

/** Where a reader is: the next sequence number that it has not seen. */
interface Position {
  readonly stream: string;
  readonly shard: number;
  readonly from: number;
  readonly issued: number;
}

interface NewRecord {
  readonly shard: number;
  readonly shardId: string;
  readonly key: string;
  readonly data: Buffer;
}

export function recordOperations(state: KinesisState): Record<string, Operation> {
  const { store } = state;

  function newRecord(stream: Stream, input: Input): NewRecord {
    const key = partitionKey(input);
    const data = recordData(input);
    const shard = store.map(stream).find(hashKey(input, "ExplicitHashKey") ?? hashOf(key));
    return { shard: shard.key, shardId: shard.id, key, data };
  }

  return {
    PutRecord: operation<Input, unknown>({
      access: state.on("PutRecord"),
      async run(input) {
        const stream = state.stream(input);
        const record = newRecord(stream, input);
        const [sequence = 0] = await store.append([record]);
        state.announce(stream, [record.shardId]);
        return {
          ShardId: record.shardId,
          SequenceNumber: sequenceNumber(sequence),
          EncryptionType: encryptionOf(stream),
        };
      },
    }),

    PutRecords: operation<Input, unknown>({
      access: state.on("PutRecords"),
      async run(input) {
        const stream = state.stream(input);
        const given = input.Records;
        if (!Array.isArray(given) || given.length === 0 || given.length > BATCH_RECORDS) {
          throw validation(`Records must have 1 to ${BATCH_RECORDS} members.`);
        }
        const records = given.map((record: Input) => newRecord(stream, record));
        const bytes = records.reduce((sum, { key, data }) => sum + data.length + Buffer.byteLength(key), 0);
        if (bytes > BATCH_BYTES) {
          throw invalidArgument(`Records size exceeds ${BATCH_BYTES / 1024 / 1024} MB limit`);
        }
        const sequences = await store.append(records);
        state.announce(
          stream,
          records.map(({ shardId }) => shardId),
        );
        return {
          FailedRecordCount: 0,
          Records: records.map(({ shardId }, index) => ({
            ShardId: shardId,
            SequenceNumber: sequenceNumber(sequences[index] ?? 0),
          })),
          EncryptionType: encryptionOf(stream),
        };
      },
    }),

    GetShardIterator: operation<Input, unknown>({
      access: state.on("GetShardIterator"),
      run(input, call) {
        const stream = state.stream(input);
        const shard = state.shard(stream, text(input, "ShardId"));
        const from = startOf(input, stream, store);
        return {
          ShardIterator: encode({ stream: stream.name, shard: shard.key, from, issued: call.time }),
        };
      },
    }),

    GetRecords: operation<Input, unknown>({
      access: (input) => {
        const { stream } = decode(text(input, "ShardIterator"));
        return [{ action: "kinesis:GetRecords", resource: state.arnOf(stream) }];
      },
      run(input, call) {
        const position = decode(text(input, "ShardIterator"));
        const limit = optionalInteger(input, "Limit", 1, MOST_RECORDS) ?? MOST_RECORDS;
        if (call.time - position.issued > ITERATOR_LIFETIME) {
          throw new AwsError(
            "ExpiredIteratorException",
            `Iterator expired. The iterator was created at time ${new Date(position.issued)} while right now it is ${new Date(call.time)} which is further in the future than the tolerated delay of ${ITERATOR_LIFETIME} milliseconds.`,
          );
        }
        const stream = state.named(position.stream);
        const shard = stream.shards.find(({ key }) => key === position.shard);
        if (!shard) throw state.shard(stream, "of the iterator");
        const { records, more } = takeRecords(store.read(stream, shard.key, position.from, limit + 1), limit);
        const newest = records.at(-1);
        const from = newest ? newest.sequence + 1 : position.from;
        const ended = shard.ends !== undefined && !more;
        return {
          Records: records.map((record) => describeRecord(record, stream)),
          ...(ended
            ? { ChildShards: childShards(stream, shard.id) }
            : { NextShardIterator: encode({ ...position, from, issued: call.time }) }),
          MillisBehindLatest: more && newest ? Math.max(1, call.time - newest.time) : 0,
        };
      },
    }),
  };
}

const encode = (position: Position) => Buffer.from(JSON.stringify(position)).toString("base64url");

function decode(iterator: string): Position {
  try {
    const { stream, shard, from, issued } = JSON.parse(
      Buffer.from(iterator, "base64url").toString(),
    ) as Position;
    if (
      typeof stream === "string" &&
      Number.isSafeInteger(shard) &&
      Number.isSafeInteger(from) &&
      Number.isFinite(issued)
    ) {
      return { stream, shard, from, issued };
    }
  } catch {
    // Said below, as for anything else that is no iterator of ours.
  }
  throw invalidArgument("Invalid ShardIterator.");
}
