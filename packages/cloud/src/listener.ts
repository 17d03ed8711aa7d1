/** The caller's listener, which must not be able to fail what it is told of. */
import type { CloudEvent } from "./events.ts";

/** Says the first failure on the process's warnings; the listener hears of later events all the same. */
export function listener(onEvent: ((event: CloudEvent) => unknown) | undefined): (event: CloudEvent) => void {
  if (!onEvent) return () => {};
  let warned = false;
  const warn = (error: unknown) => {
    if (warned) return;
    warned = true;
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.emitWarning(`The local cloud's onEvent failed; the cloud goes on without it. ${what}`);
  };
  return (event) => {
    try {
      const result = onEvent(event);
      if (result instanceof Promise) result.catch(warn);
    } catch (error) {
      warn(error);
    }
  };
}
