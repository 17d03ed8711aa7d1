/** Messages older than their queue keeps them go away, even when nobody receives. */
import { discard } from "./receive.ts";
import type { SqsState } from "./state.ts";

const interval = 60_000;

export function retentionSweep(state: SqsState) {
  let timer: NodeJS.Timeout | undefined;
  /** By queue: nothing in it can be too old before this time. */
  const notBefore = new Map<number, number>();

  function sweep(): void {
    const now = Date.now();
    for (const queue of state.queues.all()) {
      if ((notBefore.get(queue.id) ?? 0) > now) continue;
      for (const message of state.messages.sentBefore(queue.id, now - queue.settings.retention)) {
        discard(state, queue, message);
      }
      const oldest = state.messages.oldest(queue.id) ?? now;
      // A shorter retention may be set at any time, and none is shorter than a minute.
      notBefore.set(queue.id, Math.min(oldest + queue.settings.retention, now + 10 * interval));
    }
    state.messages.forgetDuplicates(now);
    state.attempts.forgetUntil(now);
  }

  return {
    start(): void {
      timer = setInterval(() => void state.commit.write(sweep).catch(() => {}), interval);
      timer.unref();
    },
    stop(): void {
      clearInterval(timer);
    },
  };
}
