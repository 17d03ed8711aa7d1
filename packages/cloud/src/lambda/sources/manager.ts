/** Keeps one poller running for every enabled mapping. */
import type { Invoker } from "../invoker.ts";
import type { Room } from "../room.ts";
import { pollStream } from "./dynamodb.ts";
import { isQueue, type Mapping, type MappingStore } from "./mapping.ts";
import { pollQueue } from "./sqs.ts";

export interface SourceManager {
  /** Starts, changes or ends the poller of a mapping so that it is as the mapping says. */
  apply(mapping: Mapping): void;
  remove(uuid: string): void;
  lastResult(uuid: string): string | undefined;
  start(): void;
  stop(): void;
}

export function createSources(room: Room, run: Invoker["run"], mappings: MappingStore): SourceManager {
  const pollers = new Map<string, { readonly abort: AbortController; done: Promise<void> }>();
  const results = new Map<string, string>();
  let started = false;

  function begin(mapping: Mapping): void {
    const before = pollers.get(mapping.uuid);
    before?.abort.abort();
    if (!started || !mapping.enabled) {
      pollers.delete(mapping.uuid);
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
    const poll = isQueue(mapping.sourceArn) ? pollQueue : pollStream;
    // A stream is read in order, so the poller before must have ended; a queue's may still hold its last receive.
    const ready = isQueue(mapping.sourceArn) ? Promise.resolve() : (before?.done ?? Promise.resolve());
    const done = ready.then(() => poll(context)).catch(() => {});
    pollers.set(mapping.uuid, { abort, done });
  }

  return {
    apply: begin,
    remove(uuid) {
      pollers.get(uuid)?.abort.abort();
      pollers.delete(uuid);
      results.delete(uuid);
    },
    lastResult: (uuid) => results.get(uuid),
    start() {
      started = true;
      for (const mapping of mappings.all()) begin(mapping);
    },
    stop() {
      started = false;
      for (const { abort } of pollers.values()) abort.abort();
      pollers.clear();
    },
  };
}
