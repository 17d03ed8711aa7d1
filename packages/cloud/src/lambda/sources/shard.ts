/**
 * One shard of a stream, in order: one batch at a time, and none before the last is done with. With a parallelization
 * factor there are as many batches at a time, each of other keys.
 */
import { hash, randomUUID } from "node:crypto";
import { AwsError } from "../../error.ts";
import { newsOf } from "../../store/news.ts";
import { deliver } from "../destinations.ts";
import { functionArn } from "../names.ts";
import { readBatchResult } from "./batch-result.ts";
import { complain, invokeWith, keepPolling, type PollerContext, pause, targetOf } from "./poller.ts";
import type { Position, StreamRecord, StreamSource } from "./stream-source.ts";

/** The checkpoint of a shard that has ended and is done with. */
export const END = "SHARD_END";

/** Told how far a shard is done with. */
type Commit = (record: StreamRecord | undefined) => void;

const MOST_PER_CALL = 1000;
/** A look at the shard without having been told of news: only a safety net. */
const IDLE = 60_000;
const LONGEST_PAUSE = 10_000;

/** Resolves when the shard has ended and everything in it is done with, or the poller is to stop. */
export async function pollShard(
  context: PollerContext,
  source: StreamSource,
  shard: string,
  firstPosition: Position,
): Promise<void> {
  const { mapping, mappings, signal, room } = context;
  const news = newsOf(room.hub, source.topic(shard), signal);
  const most = mapping.batchSize * mapping.parallelization;
  let iterator: string | undefined;
  let ended = false;
  /** Records from before the mapping, where it began with what was new. */
  let notBefore = 0;

  async function openIterator(): Promise<string> {
    const { sequence, iterator: kept } = mappings.checkpoint(mapping.uuid, shard);
    return kept ?? (await source.iterator(shard, sequence ? { after: sequence } : firstPosition));
  }

  async function read(limit: number): Promise<readonly StreamRecord[]> {
    if (ended) return [];
    iterator ??= await openIterator();
    try {
      const { records, next } = await source.read(shard, iterator, Math.min(limit, MOST_PER_CALL));
      iterator = next;
      ended = next === undefined;
      if (records.length === 0 && next && !mappings.checkpoint(mapping.uuid, shard).sequence) {
        mappings.saveCheckpoint(mapping.uuid, shard, { iterator: next });
      }
      return notBefore > 0 ? records.filter(({ time }) => time >= notBefore) : records;
    } catch (error) {
      if (
        !(error instanceof AwsError) ||
        !/^(ExpiredIterator|TrimmedDataAccess)Exception$/.test(error.code)
      ) {
        throw error;
      }
      await reopen();
      return [];
    }
  }

  /** The kept position is gone: on from the last record done with, or from the mapping's beginning. */
  async function reopen(): Promise<void> {
    const { sequence } = mappings.checkpoint(mapping.uuid, shard);
    mappings.saveCheckpoint(mapping.uuid, shard, { sequence });
    const isNew = !sequence && mapping.startingPosition === "LATEST";
    // The second before the mapping: a stream's clock counts in seconds.
    if (isNew) notBefore = mapping.created - 1000;
    const position = sequence ? { after: sequence } : isNew ? { since: notBefore } : firstPosition;
    iterator = await source.iterator(shard, position);
    news.tell();
  }

  async function gather(): Promise<StreamRecord[]> {
    news.clear();
    const batch = [...(await read(most))];
    if (batch.length === 0) return batch;
    const closes = Date.now() + mapping.window * 1000;
    while (batch.length < most && !ended && Date.now() < closes && !signal.aborted) {
      await news.wait(closes - Date.now());
      batch.push(...(await read(most - batch.length)));
    }
    return batch;
  }

  function save(record: StreamRecord | undefined): void {
    if (record) mappings.saveCheckpoint(mapping.uuid, shard, { sequence: record.sequence });
  }

  /** Lanes go at their own pace, so how far the shard is done with is known when all have arrived. */
  async function handleInLanes(records: readonly StreamRecord[]): Promise<void> {
    if (mapping.parallelization === 1) return handle(records, save);
    const lanes = new Map<number, StreamRecord[]>();
    for (const record of records) {
      const lane = Number.parseInt(hash("md5", record.lane).slice(0, 8), 16) % mapping.parallelization;
      lanes.set(lane, [...(lanes.get(lane) ?? []), record]);
    }
    await Promise.all(
      [...lanes.values()].map(async (lane) => {
        for (let start = 0; start < lane.length && !signal.aborted; start += mapping.batchSize) {
          await handle(lane.slice(start, start + mapping.batchSize), () => {});
        }
      }),
    );
  }

  /** Resolves when every record is handled or given up, or the poller is to stop. */
  async function handle(batch: readonly StreamRecord[], commit: Commit, attempts = 0): Promise<void> {
    let records = batch;
    let attempt = attempts;
    while (records.length > 0 && !signal.aborted) {
      records = await dropExpired(records, commit, attempt);
      if (records.length === 0) return;
      const result = await invokeWith(context, {
        Records: records.map(({ event }) => event),
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
        await handle(records.slice(0, middle), commit, attempt);
        return handle(records.slice(middle), commit, attempt);
      }
      attempt++;
      if (mapping.maximumRetries >= 0 && attempt > mapping.maximumRetries) {
        await giveUp(records, "RetryAttemptsExhausted", attempt, result.payload);
        return commit(records.at(-1));
      }
      await pause(Math.min(100 * 2 ** attempt, LONGEST_PAUSE), signal);
    }
  }

  function firstFailure(records: readonly StreamRecord[], payload: Uint8Array): number | undefined {
    if (!mapping.reportsFailures) return undefined;
    const numbers = records.map(({ sequence }) => sequence);
    const result = readBatchResult(payload, new Set(numbers));
    if (result.kind === "done") return undefined;
    return result.kind === "failed" ? 0 : numbers.findIndex((number) => result.failed.has(number));
  }

  async function dropExpired(
    records: readonly StreamRecord[],
    commit: Commit,
    attempts: number,
  ): Promise<readonly StreamRecord[]> {
    if (mapping.maximumAge < 0) return records;
    const oldest = Date.now() - mapping.maximumAge * 1000;
    const young = records.findIndex((record) => record.time >= oldest);
    const expired = young < 0 ? records : records.slice(0, young);
    if (expired.length > 0) {
      await giveUp(expired, "RecordAgeExceeded", attempts, undefined);
      commit(expired.at(-1));
    }
    return young < 0 ? [] : records.slice(young);
  }

  async function giveUp(
    records: readonly StreamRecord[],
    condition: string,
    attempts: number,
    payload: Uint8Array | undefined,
  ): Promise<void> {
    if (!mapping.onFailure) return;
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
      [source.batchInfo]: {
        shardId: shard,
        startSequenceNumber: first?.sequence,
        endSequenceNumber: last?.sequence,
        approximateArrivalOfFirstRecord: first && new Date(first.time).toISOString(),
        approximateArrivalOfLastRecord: last && new Date(last.time).toISOString(),
        batchSize: records.length,
        streamArn: mapping.sourceArn,
      },
    };
    await deliver(room, target, mapping.onFailure, Buffer.from(JSON.stringify(record))).catch(
      (error: unknown) => complain(context, error instanceof Error ? error.message : String(error)),
    );
  }

  async function round(): Promise<void> {
    const batch = await gather();
    if (signal.aborted) return;
    await handleInLanes(batch.filter(source.passes));
    if (signal.aborted) return;
    // What the filters dropped behind the last wanted record is done with as well.
    save(batch.at(-1));
    if (ended) {
      mappings.saveCheckpoint(mapping.uuid, shard, { sequence: END });
      ending.abort();
    } else if (batch.length === 0) await news.wait(IDLE);
  }

  const ending = new AbortController();
  try {
    await keepPolling({ ...context, signal: AbortSignal.any([signal, ending.signal]) }, () =>
      round().catch((error: unknown) => {
        // What was read and not done with is read again.
        iterator = undefined;
        ended = false;
        throw error;
      }),
    );
  } finally {
    news.close();
  }
}
