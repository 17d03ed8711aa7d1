/** Calls what was deployed. As a program, under `bowline run`: `node call.ts aws`. */

import { fileURLToPath } from "node:url";
import { type Answer, type Call, type CloudName, proofs } from "./proofs.ts";

/** A URL that was made a moment ago is not known everywhere at once. */
const PATIENCE = 120_000;
const PAUSE = 2_000;

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly fetch?: typeof fetch;
}

/** One after another; each may build upon the one before, and all are to succeed. */
export async function answersOf(
  calls: readonly Call[],
  urlOf: (call: Call) => string,
  options: CallOptions = {},
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const call of calls) answers.push(await answerOf(call, urlOf(call), options));
  return answers;
}

async function answerOf(
  { method = "GET", path, body }: Call,
  base: string,
  options: CallOptions,
): Promise<Answer> {
  const { signal, fetch: send = fetch } = options;
  const url = new URL(path.slice(1), base.endsWith("/") ? base : `${base}/`);
  const until = Date.now() + PATIENCE;
  for (;;) {
    signal?.throwIfAborted();
    const answer = await send(url, { method, body, signal }).catch((cause: unknown) => {
      if (Date.now() > until || signal?.aborted) throw cause;
      return undefined;
    });
    if (answer?.ok) return { call: `${method} ${path}`, status: answer.status, body: await answer.text() };
    if (answer && Date.now() > until) {
      throw new Error(`${method} ${url} answers ${answer.status}: ${await answer.text()}`);
    }
    await pause(signal);
  }
}

function pause(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, PAUSE);
    signal?.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      },
      { once: true },
    );
  });
}

/** The URL that a link has in the environment. */
function linkedUrl({ of }: Call): string {
  const link = JSON.parse(process.env[`SST_RESOURCE_${of}`] ?? "{}") as { url?: string };
  if (!link.url) throw new Error(`${of} has no URL in the environment.`);
  return link.url;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { calls } = proofs[process.argv[2] as CloudName];
  console.log(JSON.stringify(await answersOf(calls, linkedUrl)));
}
