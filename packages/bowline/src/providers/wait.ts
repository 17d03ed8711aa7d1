import { setTimeout as sleep } from "node:timers/promises";

const LIMIT_MS = 120_000;
const LONGEST_PAUSE_MS = 500;

/** Asks until there is an answer: AWS tells no one when a resource becomes ready. */
export async function until<T>(
  what: string,
  signal: AbortSignal,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + LIMIT_MS;
  for (let pause = 5; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline)
      throw new Error(`${what} did not become ready within ${LIMIT_MS / 1000} seconds.`);
    await sleep(pause, undefined, { signal });
  }
}
