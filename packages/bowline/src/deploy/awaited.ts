/** Milliseconds that a program may say nothing before it is told what it is at. */
const PATIENCE = 3_000;
/** A program that does not even come to tell it itself is busy. */
export const BUSY = 4_000;

/** Tells what a program is at when it takes long: a config that waits for ever looks like one that works. */
export interface Awaited {
  /** What it is at from now on; undefined once it says by itself what it does. */
  now(what: string | undefined, patience?: number): void;
}

export function tellAwaited(tell: (message: string) => void): Awaited {
  let timer: NodeJS.Timeout | undefined;
  return {
    now(what, patience = PATIENCE) {
      clearTimeout(timer);
      if (what === undefined) return;
      timer = setTimeout(() => tell(`Still waiting for ${what}`), patience);
      timer.unref();
    },
  };
}
