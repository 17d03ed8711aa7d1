/** How many more messages a queue may hand out before some of those it did are deleted or shown again. */

export const mostInFlight = 120_000;

export type InFlight = ReturnType<typeof inFlight>;

/**
 * Counting costs as much as there is to count. So a queue is counted once, what it hands out is added, and it is
 * counted again only when that sum reaches the limit.
 */
export function inFlight(count: (queue: number, now: number) => number, most = mostInFlight) {
  const atMost = new Map<number, number>();
  return {
    /** The messages that may be handed out now. */
    room(queue: number, now: number): number {
      let known = atMost.get(queue);
      if (known === undefined || known >= most) {
        known = count(queue, now);
        atMost.set(queue, known);
      }
      return Math.max(0, most - known);
    },
    handedOut(queue: number, messages: number): void {
      atMost.set(queue, (atMost.get(queue) ?? 0) + messages);
    },
    forget(queue: number): void {
      atMost.delete(queue);
    },
  };
}
