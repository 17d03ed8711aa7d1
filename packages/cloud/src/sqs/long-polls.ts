/** Receivers that wait: woken by what happens to their queue, or by the clock when a hidden message returns. */

interface Poll {
  /** Tries to receive; undefined when there is nothing. */
  readonly attempt: () => Promise<unknown> | undefined;
  readonly settle: (result: Promise<unknown> | undefined) => void;
}

interface Waiters {
  readonly polls: Set<Poll>;
  timer: NodeJS.Timeout | undefined;
  timerAt: number;
}

export type LongPolls = ReturnType<typeof longPolls>;

/** `nextVisible` tells when a message that is hidden now can be received. */
export function longPolls(nextVisible: (queue: number, now: number) => number | undefined) {
  const queues = new Map<number, Waiters>();
  const scheduled = new Set<number>();

  /** `tried` is when the last attempt began: what became visible since then has not been offered to anybody. */
  function arm(queue: number, waiters: Waiters, tried: number): void {
    const now = Date.now();
    const next = nextVisible(queue, tried);
    if (next === waiters.timerAt) return;
    clearTimeout(waiters.timer);
    waiters.timer = undefined;
    waiters.timerAt = next ?? 0;
    // No receiver waits longer than 20 seconds, so a later time needs no timer.
    if (next === undefined || next > now + 21_000) return;
    waiters.timer = setTimeout(() => {
      waiters.timerAt = 0;
      wake(queue);
    }, next - now);
  }

  function leave(queue: number, waiters: Waiters, poll: Poll): void {
    waiters.polls.delete(poll);
    if (waiters.polls.size > 0) return;
    clearTimeout(waiters.timer);
    if (queues.get(queue) === waiters) queues.delete(queue);
  }

  function wake(queue: number): void {
    const waiters = queues.get(queue);
    if (!waiters) return;
    const tried = Date.now();
    for (const poll of waiters.polls) {
      const result = poll.attempt();
      if (!result) break;
      poll.settle(result);
    }
    if (waiters.polls.size > 0) arm(queue, waiters, tried);
  }

  return {
    /** Resolves with what `attempt` gave, or undefined when the time is over. */
    wait<T>(
      queue: number,
      milliseconds: number,
      attempt: () => Promise<T> | undefined,
    ): Promise<T | undefined> {
      const tried = Date.now();
      const found = attempt();
      if (found) return found;
      return new Promise((resolve) => {
        const waiters = queues.get(queue) ?? { polls: new Set(), timer: undefined, timerAt: 0 };
        queues.set(queue, waiters);
        const deadline = setTimeout(() => poll.settle(undefined), milliseconds);
        const poll: Poll = {
          attempt,
          settle: (result) => {
            clearTimeout(deadline);
            leave(queue, waiters, poll);
            resolve(result as Promise<T> | undefined);
          },
        };
        waiters.polls.add(poll);
        arm(queue, waiters, tried);
      });
    },
    /** Something may be there to receive. Several notices in one turn of the event loop wake once. */
    notify(queue: number): void {
      if (!queues.has(queue) || scheduled.has(queue)) return;
      scheduled.add(queue);
      queueMicrotask(() => {
        scheduled.delete(queue);
        wake(queue);
      });
    },
    /** Sends the receivers of one queue, or of all, away empty-handed. */
    release(queue?: number): void {
      for (const [id, waiters] of [...queues]) {
        if (queue !== undefined && id !== queue) continue;
        for (const poll of [...waiters.polls]) poll.settle(undefined);
      }
    },
  };
}
