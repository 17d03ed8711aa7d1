/** The child's side: loads the entry, runs the operation, answers with its result, and goes. */

import { writeSync } from "node:fs";
import type { EngineEvent } from "../events.ts";
import { destroy, preview, refresh, up } from "../operations.ts";
import type { EngineOptions, Program, Result } from "../options.ts";
import { explain } from "../program/explain.ts";
import { LockedError } from "../state/lock.ts";
import { EXIT_PIPE, type Operation, type StartMessage, type ToChild, type ToParent } from "./messages.ts";
import { watchParent } from "./watchdog.ts";

/** How the entry talks with the parent process. */
export interface ChildChannel {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
}

/** Another engine than this one, under the same roof: same operations, same events, same result. */
export interface OtherEngine {
  run(
    operation: Operation,
    how: { readonly signal: AbortSignal; readonly onEvent?: (event: EngineEvent) => void },
  ): Promise<Result>;
}

type Entered = (EngineOptions & { program: Program }) | OtherEngine;

/** What the default export of an entry module is. */
export type ChildEntry = (data: unknown, channel: ChildChannel) => Promise<Entered> | Entered;

export function serve(): void {
  const abort = new AbortController();
  const listeners: ((message: unknown) => void)[] = [];
  const undelivered: unknown[] = [];
  const exit = guardExit();
  const channel: ChildChannel = {
    send: (message) => tell({ kind: "message", message }),
    onMessage(listener) {
      listeners.push(listener);
      for (const message of undelivered.splice(0)) listener(message);
    },
  };

  process.on("message", (received) => {
    const message = received as ToChild;
    if (message.kind === "start") {
      // From here on only the program's own work keeps the process alive: that is how a standstill is noticed.
      process.channel?.unref();
      run(message, channel, abort.signal).then(
        (answer) => tell(answer, () => exit(0)),
        (error: unknown) => tell({ kind: "result", result: failure(explain(error)) }, () => exit(0)),
      );
    } else if (message.kind === "abort") {
      abort.abort();
    } else if (listeners.length === 0) {
      undelivered.push(message.message);
    } else {
      for (const listener of listeners) listener(message.message);
    }
  });
  // A terminal's Ctrl-C reaches this process, too; what to do about it is the parent's business.
  process.on("SIGINT", () => {});
  watchParent();
  // The parent is gone: finish what is in flight.
  process.on("disconnect", () => abort.abort());
}

async function run(start: StartMessage, channel: ChildChannel, signal: AbortSignal): Promise<ToParent> {
  const module = (await import(start.entry)) as { default?: ChildEntry };
  if (typeof module.default !== "function")
    throw new Error(`${start.entry} has no default export that is a function`);
  const options = await module.default(start.data, channel);
  if ("run" in options) return { kind: "result", result: await runOther(options, start, signal) };
  const onEvent = (event: EngineEvent) => {
    options.onEvent?.(event);
    if (start.events) tell({ kind: "event", event });
  };
  const listen = start.events || options.onEvent !== undefined;
  const full = {
    ...options,
    signal: options.signal ? AbortSignal.any([options.signal, signal]) : signal,
    ...(listen ? { onEvent } : {}),
  };
  try {
    return { kind: "result", result: await operate(start, full) };
  } catch (error) {
    if (error instanceof LockedError) return { kind: "locked", holder: error.holder };
    throw error;
  }
}

function runOther(
  engine: OtherEngine,
  { operation, events }: StartMessage,
  signal: AbortSignal,
): Promise<Result> {
  const onEvent = (event: EngineEvent) => tell({ kind: "event", event });
  return engine.run(operation, { signal, ...(events ? { onEvent } : {}) });
}

function operate(
  { operation }: StartMessage,
  options: EngineOptions & { program: Program },
): Promise<Result> {
  switch (operation) {
    case "up":
      return up(options);
    case "preview":
      return preview(options);
    case "destroy":
      return destroy(options);
    case "refresh":
      return refresh(options);
  }
}

function tell(message: ToParent, sent: () => void = () => {}): void {
  if (process.connected && process.send) process.send(message, undefined, undefined, () => sent());
  else sent();
}

/** Lets the parent know that the program ended the process, and where. The answer really exits. */
function guardExit(): (code: number) => never {
  const exit = process.exit.bind(process);
  process.exit = (code) => {
    const stack = new Error().stack?.split("\n").slice(2, 5).join("\n") ?? "";
    try {
      writeSync(EXIT_PIPE, JSON.stringify({ code: code ?? process.exitCode ?? 0, stack }));
    } catch {
      // The parent has the exit code all the same.
    }
    return exit(code);
  };
  return exit;
}

export function failure(message: string): Result {
  const diagnostics = [{ severity: "error" as const, message }];
  return { ok: false, diagnostics, changes: {}, steps: [], outputs: {}, secretOutputs: [], durationMs: 0 };
}
