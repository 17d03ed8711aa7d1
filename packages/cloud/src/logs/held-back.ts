/**
 * Who writes logs holds lines back to send many at once. A reader of the same process does not wait for that: it
 * asks the writers for what they have.
 */
import type { Hub } from "../service.ts";

const writers = new WeakMap<Hub, Set<() => Promise<void>>>();

/** Names what sends the lines a writer holds back. */
export function holdBack(hub: Hub, flush: () => Promise<void>): void {
  const known = writers.get(hub) ?? new Set();
  known.add(flush);
  writers.set(hub, known);
}

/** Resolves when all that was written until now has been sent. */
export async function sendHeldBack(hub: Hub): Promise<void> {
  await Promise.all([...(writers.get(hub) ?? [])].map((flush) => flush()));
}
