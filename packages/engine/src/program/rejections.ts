/**
 * A program's errors often surface as promises that nobody caught. While programs run, such errors are theirs: each is
 * handed to the program it came from. Listeners that were there before see only what belongs to none.
 */

import type { SdkStore } from "../sdk.ts";

export interface RejectionSink {
  /** The SDK's store of the program; an error raised in its async context is its own. */
  readonly store: () => SdkStore | undefined;
  readonly current: () => SdkStore | undefined;
  report(error: unknown): void;
}

type Listener = (error: unknown, ...rest: never[]) => void;

const EVENTS = ["unhandledRejection", "uncaughtException"] as const;

const sinks = new Set<RejectionSink>();
const displaced = new Map<string, Listener[]>();

/** Begins to collect for a program; call the answer to end it. */
export function collectRejections(sink: RejectionSink): () => void {
  if (sinks.size === 0) install();
  sinks.add(sink);
  return () => {
    sinks.delete(sink);
    if (sinks.size === 0) uninstall();
  };
}

const dispatchers = new Map<string, Listener>(
  EVENTS.map((event) => [event, (error: unknown, ...rest: never[]) => dispatch(event, error, rest)]),
);

function dispatch(event: string, error: unknown, rest: never[]): void {
  const all = [...sinks];
  const owner = all.find((sink) => sink.current() !== undefined && sink.current() === sink.store());
  // Without a context (a plain timer's callback, an older Node), a lone program is the likely culprit.
  const sink = owner ?? (all.length === 1 ? all[0] : undefined);
  if (sink) sink.report(error);
  else if (all.length > 0) for (const each of all) each.report(error);
  else for (const listener of displaced.get(event) ?? []) listener(error, ...rest);
}

function install(): void {
  for (const event of EVENTS) {
    const listeners = process.listeners(event as "exit") as unknown as Listener[];
    displaced.set(event, [...listeners]);
    process.removeAllListeners(event);
    const dispatcher = dispatchers.get(event);
    if (dispatcher) process.on(event, dispatcher as () => void);
  }
}

function uninstall(): void {
  for (const event of EVENTS) {
    const dispatcher = dispatchers.get(event);
    if (dispatcher) process.off(event, dispatcher as () => void);
    for (const listener of displaced.get(event) ?? []) process.on(event, listener as () => void);
    displaced.delete(event);
  }
}
