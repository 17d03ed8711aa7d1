/** Tells a reader of new records, also of those that came between a read and the wait after it. */

import type { Hub } from "../service.ts";
import { streamSignal } from "./signal.ts";

export interface News {
  clear(): void;
  /** Ends a wait, as news would. */
  tell(): void;
  /** Until there is news since `clear`, or the time is over, or the reader is to stop. */
  wait(milliseconds: number): Promise<void>;
  close(): void;
}

export function newsOf(hub: Hub, topic: string, signal: AbortSignal): News {
  let fresh = false;
  let wake: (() => void) | undefined;
  const tell = () => {
    fresh = true;
    wake?.();
  };
  const close = streamSignal(hub).subscribe(topic, tell);
  signal.addEventListener("abort", () => wake?.(), { once: true });
  return {
    clear() {
      fresh = false;
    },
    tell,
    wait(milliseconds) {
      if (fresh || signal.aborted) {
        fresh = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        const timer = setTimeout(() => wake?.(), milliseconds);
        timer.unref();
        wake = () => {
          wake = undefined;
          fresh = false;
          clearTimeout(timer);
          resolve();
        };
      });
    },
    close,
  };
}
