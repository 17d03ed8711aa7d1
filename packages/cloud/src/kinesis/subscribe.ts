/** SubscribeToShard: a shard's records, sent as they come, for five minutes at a time. */
import { Readable } from "node:stream";
import { encodeEvent } from "../protocol/event-stream.ts";
import { type Operation, operation } from "../service.ts";
import { newsOf } from "../store/news.ts";
import { invalidArgument, notFound } from "./errors.ts";
import { type Input, text } from "./input.ts";
import { type Shard, sequenceNumber } from "./model.ts";
import { childShards, describeRecord, startOf, takeRecords } from "./reading.ts";
import type { KinesisState } from "./state.ts";

const LASTS = 300_000;
/** Without records there is an event now and then, so that the reader knows how far it is. */
const SILENCE = 5_000;
const MOST_RECORDS = 10_000;

export function subscribeOperations(state: KinesisState): Record<string, Operation> {
  const { store, hub } = state;

  return {
    SubscribeToShard: operation<Input, Readable>({
      access: (input) => [{ action: "kinesis:SubscribeToShard", resource: text(input, "ConsumerARN") }],
      run(input) {
        const arn = text(input, "ConsumerARN");
        const found = state.consumer(arn);
        if (!found) throw notFound(`Consumer ${arn} under account ${hub.accountId} not found.`);
        const shard = state.shard(found.stream, text(input, "ShardId"));
        const from = startOf(positionIn(input), found.stream, store);
        const ending = new AbortController();
        const lasts = AbortSignal.any([ending.signal, AbortSignal.timeout(LASTS)]);
        const events = Readable.from(eventsOf(found.stream.name, shard, from, lasts), { objectMode: false });
        // Whoever stops reading ends the wait for more.
        return events.once("close", () => ending.abort());
      },
    }),
  };

  async function* eventsOf(name: string, { id, key }: Shard, first: number, lasts: AbortSignal) {
    yield message("initial-response", {});
    const news = newsOf(hub, `${state.arnOf(name)}/${id}`, lasts);
    try {
      for (let from = first; !lasts.aborted; ) {
        news.clear();
        const stream = store.get(name);
        const shard = stream?.shards.find((one) => one.key === key);
        if (!stream || !shard) return;
        const { records, more } = takeRecords(store.read(stream, key, from, MOST_RECORDS + 1), MOST_RECORDS);
        const newest = records.at(-1);
        if (newest) from = newest.sequence + 1;
        const ended = shard.ends !== undefined && !more;
        yield message("SubscribeToShardEvent", {
          Records: records.map((record) => describeRecord(record, stream)),
          // A reader goes on from here; one that has read to the end of a shard goes on with its children.
          ...(ended ? {} : { ContinuationSequenceNumber: sequenceNumber(from) }),
          MillisBehindLatest: more && newest ? Math.max(1, Date.now() - newest.time) : 0,
          ...(ended ? { ChildShards: childShards(stream, id) } : {}),
        });
        if (ended) return;
        if (!more) await news.wait(SILENCE);
      }
    } finally {
      news.close();
    }
  }
}

/** The members of GetShardIterator, which says the same in other words. */
function positionIn(input: Input): Input {
  const position = input.StartingPosition;
  if (typeof position !== "object" || position === null) {
    throw invalidArgument("StartingPosition must be given.");
  }
  const { Type, SequenceNumber, Timestamp } = position as Input;
  return { ShardIteratorType: Type, StartingSequenceNumber: SequenceNumber, Timestamp };
}

function message(type: string, content: object): Buffer {
  const headers = {
    ":message-type": "event",
    ":event-type": type,
    ":content-type": "application/x-amz-json-1.1",
  };
  return encodeEvent(headers, Buffer.from(JSON.stringify(content)));
}
