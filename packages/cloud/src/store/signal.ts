/** Tells who waits for a stream's records that there are new ones, so that nobody has to poll. */
import type { Hub } from "../service.ts";

export interface StreamSignal {
  /** Calls the listener soon after records were committed to the stream; returns what ends that. */
  subscribe(streamArn: string, listener: () => void): () => void;
}

export interface StreamSignalSource extends StreamSignal {
  /** To be called within the change; listeners hear of it when the change is done. */
  announce(streamArn: string): void;
}

const signals = new WeakMap<Hub, StreamSignalSource>();

/**
 * The signal of a cloud's streams (DynamoDB's, Kinesis's), for services in the same process: subscribe, then read with
 * `GetShardIterator` and `GetRecords` through `hub.call`.
 *
 * @example
 * const unsubscribe = streamSignal(hub).subscribe(streamArn, () => void readOn());
 */
export function streamSignal(hub: Hub): StreamSignal {
  return streamSignalSource(hub);
}

export function streamSignalSource(hub: Hub): StreamSignalSource {
  let signal = signals.get(hub);
  if (!signal) {
    signal = createSignal();
    signals.set(hub, signal);
  }
  return signal;
}

function createSignal(): StreamSignalSource {
  const listeners = new Map<string, Set<() => void>>();
  const announced = new Set<string>();

  function tell(): void {
    const streams = [...announced];
    announced.clear();
    for (const stream of streams) for (const listener of listeners.get(stream) ?? []) listener();
  }

  return {
    subscribe(streamArn, listener) {
      const subscribed = listeners.get(streamArn) ?? new Set();
      listeners.set(streamArn, subscribed);
      subscribed.add(listener);
      return () => {
        subscribed.delete(listener);
        if (subscribed.size === 0 && listeners.get(streamArn) === subscribed) listeners.delete(streamArn);
      };
    },
    announce(streamArn) {
      if (!listeners.has(streamArn)) return;
      // A change is synchronous: by the time this runs it is committed.
      if (announced.size === 0) setImmediate(tell);
      announced.add(streamArn);
    },
  };
}
