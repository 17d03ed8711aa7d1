/**
 * Which functions may take on another asynchronous invocation now, one after the other. A function that is throttled
 * is left alone for a while as a whole: trying everything that waits for it again and again would keep the machine
 * from running anything.
 */
interface Line {
  running: number;
  /** Milliseconds since the epoch before which nothing is started. */
  closedUntil: number;
}

export type Turns = ReturnType<typeof createTurns>;

export function createTurns(reservedOf: (name: string) => number | undefined) {
  const lines = new Map<string, Line>();

  function lineOf(name: string): Line {
    let line = lines.get(name);
    if (!line) {
      line = { running: 0, closedUntil: 0 };
      lines.set(name, line);
    }
    return line;
  }

  return {
    /** Something waits for this function. */
    add: (name: string): void => void lineOf(name),
    /** Nothing does any more. */
    forget(name: string): void {
      if (lineOf(name).running === 0) lines.delete(name);
    },
    /** Those that something may wait for; whose turn is longest ago comes first. */
    names: (): string[] => [...lines.keys()],
    running: (name: string): number => lineOf(name).running,
    /** How many more may be started. */
    room(name: string, now: number): number {
      const { running, closedUntil } = lineOf(name);
      if (now < closedUntil) return 0;
      const reserved = reservedOf(name) ?? Number.POSITIVE_INFINITY;
      // One may always try its luck: it may have grown too old to wait.
      return running === 0 ? Math.max(1, reserved) : reserved - running;
    },
    began(name: string): void {
      const line = lineOf(name);
      line.running++;
      lines.delete(name);
      lines.set(name, line);
    },
    /** One has ended, which makes room for another; or was turned away, and others would be until then. */
    ended(name: string, closedUntil = 0): void {
      const line = lineOf(name);
      line.running--;
      line.closedUntil = closedUntil;
    },
    /** When the first that was turned away may try again. */
    opens(now: number): number | undefined {
      const times = [...lines.values()].map(({ closedUntil }) => closedUntil).filter((time) => time > now);
      return times.length > 0 ? Math.min(...times) : undefined;
    },
  };
}
