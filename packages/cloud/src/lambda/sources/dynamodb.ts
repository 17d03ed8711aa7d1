/**
 * Feeds a function from a DynamoDB stream, in order: one batch at a time, and none before the last is done with.
 * A higher parallelization factor is accepted and changes nothing: order within a key is kept by order altogether.
 */
import { randomUUID } from "node:crypto";
import { streamSignal } from "../../dynamodb/store/signal.ts";
import { AwsError } from "../../error.ts";
import { deliver } from "../destinations.ts";
import { functionArn } from "../names.ts";
import { readBatchResult } from "./batch-result.ts";
import { recordFilter } from "./filter.ts";
import {
  callAsFunction,
  complain,
  invokeWith,
  keepPolling,
  type PollerContext,
  pause,
  targetOf,
} from "./poller.ts";

interface StreamRecord {
  readonly eventID: string;
  readonly dynamodb: { readonly SequenceNumber: string; readonly ApproximateCreationDateTime: number };
}

interface Shard {
  readonly ShardId: string;
}

const MOST_PER_CALL = 1000;
/** A look at the stream without having been told of news: only a safety net. */
const IDLE = 60_000;
const LONGEST_PAUSE = 10_000;

export async function pollStream(context: PollerContext): Promise<void> {
  const { mapping, mappings, signal, room } = context;
  const StreamArn = mapping.sourceArn;
  const passes = recordFilter(mapping.filters);
  const news = newsOf(context);
  let shard: string | undefined;
  let iterator: string | undefined;

  const dynamodb = <T>(operation: string, input: object) =>
    callAsFunction<T>(context, "dynamodb", operation, input);

  async function openIterator(ShardId: string): Promise<string> {
    const { sequence, iterator: kept } = mappings.checkpoint(mapping.uuid, ShardId);
    if (kept) return kept;
    const position = sequence
      ? { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: sequence }
      : { ShardIteratorType: mapping.startingPosition ?? "TRIM_HORIZON" };
    return iteratorAt(ShardId, position);
  }

  async function iteratorAt(ShardId: string, position: object): Promise<string> {
    const { ShardIterator } = await dynamodb<{ ShardIterator: string }>("GetShardIterator", {
      StreamArn,
      ShardId,
      ...position,
    });
    return ShardIterator;
  }

  async function open(): Promise<{ shard: string; iterator: string } | undefined> {
    if (shard !== undefined && iterator !== undefined) return { shard, iterator };
    const { StreamDescription } = await dynamodb<{ StreamDescription: { Shards: readonly Shard[] } }>(
      "DescribeStream",
      { StreamArn },
    );
    shard = StreamDescription.Shards[0]?.ShardId;
    if (shard === undefined) return undefined;
    iterator = await openIterator(shard);
    // A position of LATEST means now, also if the cloud is killed before the first record comes.
    if (!mappings.checkpoint(mapping.uuid, shard).sequence) {
      mappings.saveCheckpoint(mapping.uuid, shard, { iterator });
    }
    return { shard, iterator };
  }

  async function read(most: number): Promise<readonly StreamRecord[]> {
    const at = await open();
    if (!at) return [];
    try {
      const { Records, NextShardIterator } = await dynamodb<{
        Records?: readonly StreamRecord[];
        NextShardIterator?: string;
      }>("GetRecords", { ShardIterator: at.iterator, Limit: Math.min(most, MOST_PER_CALL) });
      iterator = NextShardIterator ?? at.iterator;
      if (!Records?.length && !mappings.checkpoint(mapping.uuid, at.shard).sequence) {
        mappings.saveCheckpoint(mapping.uuid, at.shard, { iterator });
      }
      return Records ?? [];
    } catch (error) {
      if (
        !(error instanceof AwsError) ||
        !/^(ExpiredIterator|TrimmedDataAccess)Exception$/.test(error.code)
      ) {
        throw error;
      }
      return readAgain(at.shard);
    }
  }

  /** The kept position is gone: on from the last record done with, or from the mapping's beginning. */
  async function readAgain(ShardId: string): Promise<readonly StreamRecord[]> {
    const { sequence } = mappings.checkpoint(mapping.uuid, ShardId);
    mappings.saveCheckpoint(mapping.uuid, ShardId, { sequence });
    iterator = await iteratorAt(
      ShardId,
      sequence
        ? { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: sequence }
        : { ShardIteratorType: "TRIM_HORIZON" },
    );
    if (sequence || mapping.startingPosition === "TRIM_HORIZON") return [];
    const records = await read(MOST_PER_CALL);
    return records.filter((record) => createdAt(record) >= mapping.created - 1000);
  }

  async function gather(): Promise<StreamRecord[]> {
    news.clear();
    const batch = [...(await read(mapping.batchSize))];
    if (batch.length === 0) return batch;
    const closes = Date.now() + mapping.window * 1000;
    while (batch.length < mapping.batchSize && Date.now() < closes && !signal.aborted) {
      await news.wait(closes - Date.now());
      batch.push(...(await read(mapping.batchSize - batch.length)));
    }
    return batch;
  }

  function commit(record: StreamRecord | undefined): void {
    if (record && shard)
      mappings.saveCheckpoint(mapping.uuid, shard, { sequence: record.dynamodb.SequenceNumber });
  }

  /** Resolves when every record is handled or given up, or the poller is to stop. */
  async function handle(batch: readonly StreamRecord[], attempts = 0): Promise<void> {
    let records = batch;
    let attempt = attempts;
    while (records.length > 0 && !signal.aborted) {
      records = await dropExpired(records, attempt);
      if (records.length === 0) return;
      const result = await invokeWith(context, {
        Records: records.map((record) => ({ ...record, eventSourceARN: StreamArn })),
      });
      if (!result || signal.aborted) return;
      const failedAt = result.error ? 0 : firstFailure(records, result.payload);
      if (failedAt === undefined) {
        context.report("OK");
        commit(records.at(-1));
        return;
      }
      context.report("PROBLEM: Function call failed");
      if (failedAt > 0) commit(records[failedAt - 1]);
      records = records.slice(failedAt);
      if (mapping.bisect && records.length > 1) {
        // Splitting a batch uses up none of its retries.
        const middle = Math.ceil(records.length / 2);
        await handle(records.slice(0, middle), attempt);
        return handle(records.slice(middle), attempt);
      }
      attempt++;
      if (mapping.maximumRetries >= 0 && attempt > mapping.maximumRetries) {
        await giveUp(records, "RetryAttemptsExhausted", attempt, result.payload);
        return;
      }
      await pause(Math.min(100 * 2 ** attempt, LONGEST_PAUSE), signal);
    }
  }

  function firstFailure(records: readonly StreamRecord[], payload: Uint8Array): number | undefined {
    if (!mapping.reportsFailures) return undefined;
    const numbers = records.map(({ dynamodb: { SequenceNumber } }) => SequenceNumber);
    const result = readBatchResult(payload, new Set(numbers));
    if (result.kind === "done") return undefined;
    return result.kind === "failed" ? 0 : numbers.findIndex((number) => result.failed.has(number));
  }

  async function dropExpired(
    records: readonly StreamRecord[],
    attempts: number,
  ): Promise<readonly StreamRecord[]> {
    if (mapping.maximumAge < 0) return records;
    const oldest = Date.now() - mapping.maximumAge * 1000;
    const young = records.findIndex((record) => createdAt(record) >= oldest);
    const expired = young < 0 ? records : records.slice(0, young);
    if (expired.length > 0) await giveUp(expired, "MaximumRecordAgeExceeded", attempts, undefined);
    return young < 0 ? [] : records.slice(young);
  }

  async function giveUp(
    records: readonly StreamRecord[],
    condition: string,
    attempts: number,
    payload: Uint8Array | undefined,
  ): Promise<void> {
    if (mapping.onFailure) {
      const target = targetOf(context);
      const [first, last] = [records[0], records.at(-1)];
      const record = {
        requestContext: {
          requestId: randomUUID(),
          functionArn: functionArn(room.hub, { name: mapping.functionName, qualifier: mapping.qualifier }),
          condition,
          approximateInvokeCount: attempts,
        },
        ...(payload
          ? {
              responseContext: {
                statusCode: 200,
                executedVersion: target.version,
                functionError: "Unhandled",
              },
            }
          : {}),
        version: "1.0",
        timestamp: new Date().toISOString(),
        DDBStreamBatchInfo: {
          shardId: shard,
          startSequenceNumber: first?.dynamodb.SequenceNumber,
          endSequenceNumber: last?.dynamodb.SequenceNumber,
          approximateArrivalOfFirstRecord: first && new Date(createdAt(first)).toISOString(),
          approximateArrivalOfLastRecord: last && new Date(createdAt(last)).toISOString(),
          batchSize: records.length,
          streamArn: StreamArn,
        },
      };
      await deliver(room, target, mapping.onFailure, Buffer.from(JSON.stringify(record))).catch(
        (error: unknown) => complain(context, error instanceof Error ? error.message : String(error)),
      );
    }
    commit(records.at(-1));
  }

  try {
    await keepPolling(context, async () => {
      const batch = await gather();
      if (signal.aborted) return;
      if (batch.length === 0) return news.wait(IDLE);
      const wanted = batch.filter(passes);
      await handle(wanted);
      // What the filters dropped behind the last wanted record is done with as well.
      if (!signal.aborted) commit(batch.at(-1));
    });
  } finally {
    news.close();
  }
}

function createdAt(record: StreamRecord): number {
  return record.dynamodb.ApproximateCreationDateTime * 1000;
}

/** Tells of new records, also of those that came between a read and the wait after it. */
function newsOf({ room, mapping, signal }: PollerContext) {
  let fresh = false;
  let wake: (() => void) | undefined;
  const unsubscribe = streamSignal(room.hub).subscribe(mapping.sourceArn, () => {
    fresh = true;
    wake?.();
  });
  signal.addEventListener("abort", () => wake?.(), { once: true });
  return {
    clear() {
      fresh = false;
    },
    wait(milliseconds: number): Promise<void> {
      if (fresh || signal.aborted) {
        fresh = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        const timer = setTimeout(() => wake?.(), milliseconds);
        timer.unref();
        wake = () => {
          wake = undefined;
          fresh = false;
          clearTimeout(timer);
          resolve();
        };
      });
    },
    close: unsubscribe,
  };
}
