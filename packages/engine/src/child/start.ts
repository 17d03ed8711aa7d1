/** The parent's side: a program runs in a process of its own, which may do as it likes and can be killed. */

import { type ChildProcess, fork } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { EngineEvent } from "../events.ts";
import type { Result } from "../options.ts";
import { LockedError } from "../state/lock.ts";
import { EXIT_PIPE, type Operation, type ToChild, type ToParent } from "./messages.ts";

export interface ChildOptions {
  /** An ES module whose default export answers the engine's options and the program: see `ChildEntry`. */
  readonly entry: URL | string;
  /** JSON, handed to the entry. */
  readonly data: unknown;
  readonly operation: Operation;
  readonly cwd?: string;
  /** The child's whole environment; by default this process's own. */
  readonly env?: Record<string, string>;
  readonly execArgv?: readonly string[];
  readonly onEvent?: (event: EngineEvent) => void;
  readonly onMessage?: (message: unknown) => void;
  /** A line the program printed. */
  readonly onOutput?: (line: string, stream: "stdout" | "stderr") => void;
  /** Aborted: the child finishes what is in flight. `kill` is for those who cannot wait. */
  readonly signal?: AbortSignal;
}

export interface Child {
  /** Rejects with `LockedError` when another run holds the stage; whatever else happens is a result. */
  readonly result: Promise<Result>;
  send(message: unknown): void;
  kill(): void;
}

export function startChild(options: ChildOptions): Child {
  const child = fork(hostModule(), [], {
    ...(options.cwd ? { cwd: options.cwd } : {}),
    env: options.env ?? process.env,
    execArgv: [
      ...(runsFromSource() ? ["--conditions=source"] : []),
      ROOM_FOR_THE_YOUNG,
      ...(options.execArgv ?? []),
    ],
    stdio: ["ignore", "pipe", "pipe", "ipc", "pipe"],
  });
  const post = (message: ToChild) => {
    if (child.connected) child.send(message, () => {});
  };
  post({
    kind: "start",
    entry: entryUrl(options.entry),
    data: options.data,
    operation: options.operation,
    events: options.onEvent !== undefined,
  });
  const onAbort = () => post({ kind: "abort" });
  if (options.signal?.aborted) onAbort();
  else options.signal?.addEventListener("abort", onAbort, { once: true });
  // A program that is busy with itself would never notice that it is alone.
  const onExit = () => child.kill("SIGKILL");
  process.once("exit", onExit);
  const result = outcomeOf(child, options).finally(() => {
    options.signal?.removeEventListener("abort", onAbort);
    process.off("exit", onExit);
  });
  return {
    result,
    send: (message) => post({ kind: "message", message }),
    kill: () => child.kill("SIGKILL"),
  };
}

async function outcomeOf(child: ChildProcess, options: ChildOptions): Promise<Result> {
  const started = performance.now();
  let answer: ToParent | undefined;
  const lastErrors: string[] = [];
  child.on("message", (received) => {
    const message = received as ToParent;
    if (message.kind === "event") options.onEvent?.(message.event);
    else if (message.kind === "message") options.onMessage?.(message.message);
    else answer = message;
  });
  readLines(child.stdout, (line) => options.onOutput?.(line, "stdout"));
  readLines(child.stderr, (line) => {
    lastErrors.push(line);
    if (lastErrors.length > 20) lastErrors.shift();
    options.onOutput?.(line, "stderr");
  });
  const farewell = collect(child.stdio[EXIT_PIPE] as Readable | null);
  const ended = await new Promise<Ending>((resolve) => {
    child.once("error", (error) => resolve({ code: null, signal: null, error }));
    child.once("close", (code, signal) => resolve({ code, signal }));
    // What the program itself has started may keep its output open for ever.
    child.once("exit", (code, signal) => setTimeout(() => resolve({ code, signal }), GRACE_MS).unref());
  });
  if (answer?.kind === "locked") throw new LockedError(answer.holder);
  if (answer?.kind === "result") return answer.result;
  const message = describeEnding(ended, farewell(), lastErrors);
  return {
    ok: false,
    diagnostics: [{ severity: "error", message }],
    changes: {},
    steps: [],
    outputs: {},
    secretOutputs: [],
    durationMs: performance.now() - started,
  };
}

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly error?: Error;
}

/**
 * A program's promises live just long enough to be moved out of V8's small nursery. In a larger one most die where they
 * were born: a fifth less memory for 1,000 resources.
 */
const ROOM_FOR_THE_YOUNG = "--max-semi-space-size=32";

const GRACE_MS = 500;

const RESUMES = "What was in flight is on record; the next run finishes it.";

function describeEnding(
  { code, signal, error }: Ending,
  farewell: string,
  lastErrors: readonly string[],
): string {
  if (error) return `the deployment's process could not be started: ${error.message}`;
  if (farewell !== "") {
    const { code: asked, stack } = JSON.parse(farewell) as { code: number; stack: string };
    return `the program called process.exit(${asked}) before the deployment was done. ${RESUMES}\n${stack}`;
  }
  if (lastErrors.some((line) => line.includes("heap out of memory"))) {
    return `the deployment's process ran out of memory. ${RESUMES}`;
  }
  const how = signal ? `was killed (${signal})` : `ended with code ${code}`;
  return [`the deployment's process ${how} before it was done. ${RESUMES}`, ...lastErrors].join("\n");
}

function readLines(stream: Readable | null, onLine: (line: string) => void): void {
  if (stream) createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", onLine);
}

/** What came out of a stream so far. */
function collect(stream: Readable | null): () => string {
  let text = "";
  stream?.on("data", (chunk) => {
    text += String(chunk);
  });
  return () => text;
}

function runsFromSource(): boolean {
  return import.meta.url.endsWith(".ts");
}

function hostModule(): string {
  return fileURLToPath(new URL(runsFromSource() ? "./host.ts" : "./child-host.mjs", import.meta.url));
}

function entryUrl(entry: URL | string): string {
  if (entry instanceof URL) return entry.href;
  return entry.startsWith("file:") ? entry : pathToFileURL(entry).href;
}
