/** Keeps one poller running for every enabled mapping. */
import type { Invoker } from "../invoker.ts";
import type { Room } from "../room.ts";
import { dynamodbStream } from "./dynamodb.ts";
import { kinesisStream } from "./kinesis.ts";
import { kindOf, type Mapping, type MappingStore, type SourceKind } from "./mapping.ts";
import type { PollerContext } from "./poller.ts";
import { pollQueue } from "./sqs.ts";
import { pollStream } from "./stream.ts";

export interface SourceManager {
  /** Starts, changes or ends the poller of a mapping so that it is as the mapping says. */
  apply(mapping: Mapping): void;
  remove(uuid: string): void;
  lastResult(uuid: string): string | undefined;
  start(): void;
  stop(): void;
}

const pollers: Readonly<Record<SourceKind, (context: PollerContext) => Promise<void>>> = {
  sqs: pollQueue,
  dynamodb: (context) => pollStream(context, dynamodbStream(context)),
  kinesis: (context) => pollStream(context, kinesisStream(context)),
};

export function createSources(room: Room, run: Invoker["run"], mappings: MappingStore): SourceManager {
  const polling = new Map<string, { readonly abort: AbortController; done: Promise<void> }>();
  const results = new Map<string, string>();
  let started = false;

  function begin(mapping: Mapping): void {
    const before = polling.get(mapping.uuid);
    before?.abort.abort();
    if (!started || !mapping.enabled) {
      polling.delete(mapping.uuid);
      return;
    }
    const abort = new AbortController();
    const context = {
      room,
      run,
      mappings,
      mapping,
      signal: abort.signal,
      report: (result: string) => void results.set(mapping.uuid, result),
    };
    const kind = kindOf(mapping.sourceArn);
    // A stream is read in order, so the poller before must have ended; a queue's may still hold its last receive.
    const ready = kind === "sqs" ? Promise.resolve() : (before?.done ?? Promise.resolve());
    const done = ready.then(() => pollers[kind](context)).catch(() => {});
    polling.set(mapping.uuid, { abort, done });
  }

  return {
    apply: begin,
    remove(uuid) {
      polling.get(uuid)?.abort.abort();
      polling.delete(uuid);
      results.delete(uuid);
    },
    lastResult: (uuid) => results.get(uuid),
    start() {
      started = true;
      for (const mapping of mappings.all()) begin(mapping);
    },
    stop() {
      started = false;
      for (const { abort } of polling.values()) abort.abort();
      polling.clear();
    },
  };
}
