/** Where reading a shard begins, how much is read at a time, and how records look. */
import { describeShardRange } from "./describe.ts";
import { invalidArgument } from "./errors.ts";
import { choice, type Input, optionalText, optionalTime } from "./input.ts";
import { type StoredRecord, type Stream, sequenceNumber, sequenceOf } from "./model.ts";
import type { StreamStore } from "./store.ts";

const MOST_BYTES = 10 * 1024 * 1024;

export function encryptionOf(stream: Stream): "KMS" | "NONE" {
  return stream.encryptionKey ? "KMS" : "NONE";
}

export function describeRecord({ sequence, time, data, key }: StoredRecord, stream: Stream): object {
  return {
    SequenceNumber: sequenceNumber(sequence),
    ApproximateArrivalTimestamp: time / 1000,
    Data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64"),
    PartitionKey: key,
    EncryptionType: encryptionOf(stream),
  };
}

/** As many as fit into an answer, and whether there are more. */
export function takeRecords(found: Iterable<StoredRecord>, limit: number) {
  const records: StoredRecord[] = [];
  let bytes = 0;
  for (const record of found) {
    bytes += record.data.length;
    if (records.length === limit || (records.length > 0 && bytes > MOST_BYTES))
      return { records, more: true };
    records.push(record);
  }
  return { records, more: false };
}

export function childShards(stream: Stream, id: string): unknown[] {
  return stream.shards
    .filter(({ parent, adjacentParent }) => parent === id || adjacentParent === id)
    .map((shard) => ({
      ShardId: shard.id,
      ParentShards: [shard.parent, shard.adjacentParent].filter((one) => one !== undefined),
      HashKeyRange: describeShardRange(shard),
    }));
}

const positions = [
  "AT_SEQUENCE_NUMBER",
  "AFTER_SEQUENCE_NUMBER",
  "TRIM_HORIZON",
  "LATEST",
  "AT_TIMESTAMP",
] as const;

export function startOf(input: Input, stream: Stream, store: StreamStore): number {
  const type = choice(input, "ShardIteratorType", positions);
  if (type === "TRIM_HORIZON") return 0;
  if (type === "LATEST") return store.newest() + 1;
  if (type === "AT_TIMESTAMP") {
    const time = optionalTime(input, "Timestamp");
    if (time === undefined) {
      throw invalidArgument("Must either specify timestamp parameter for AT_TIMESTAMP iterator type.");
    }
    return store.firstAt(time);
  }
  const given = optionalText(input, "StartingSequenceNumber");
  if (given === undefined) {
    throw invalidArgument(
      `Must either specify (1) AT_SEQUENCE_NUMBER and StartingSequenceNumber or (2) AFTER_SEQUENCE_NUMBER and StartingSequenceNumber on ${stream.name}.`,
    );
  }
  const sequence = sequenceOf(given);
  if (sequence === undefined) {
    throw invalidArgument(
      `StartingSequenceNumber ${given.slice(0, 128)} is invalid for stream ${stream.name}.`,
    );
  }
  return type === "AT_SEQUENCE_NUMBER" ? sequence : sequence + 1;
}
