/** One timer for many due times, also those further away than a timer can count. */

export interface Alarm {
  /** Sets the time of a key anew; undefined takes it away. */
  set(key: string, due: number | undefined): void;
  stop(): void;
}

const longest = 2 ** 31 - 1;

/** `ring` is told of every key that is due, once; it sets the next time itself. */
export function alarm(ring: (key: string, due: number) => void): Alarm {
  const times = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;

  function arm(): void {
    clearTimeout(timer);
    if (times.size === 0) return;
    const next = Math.min(...times.values());
    timer = setTimeout(fire, Math.min(Math.max(0, next - Date.now()), longest));
  }

  function fire(): void {
    const now = Date.now();
    for (const [key, due] of [...times]) {
      if (due > now) continue;
      times.delete(key);
      ring(key, due);
    }
    arm();
  }

  return {
    set(key, due) {
      if (due === undefined) times.delete(key);
      else times.set(key, due);
      arm();
    },
    stop() {
      times.clear();
      clearTimeout(timer);
    },
  };
}
