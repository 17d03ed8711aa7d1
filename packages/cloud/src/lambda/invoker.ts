/** Runs invocations on the pool and tells the world how they went. */
import type { Readable } from "node:stream";
import type { FunctionError, InvocationResult } from "./invocation.ts";
import type { FunctionVersion } from "./model.ts";
import { type FunctionReference, functionArn } from "./names.ts";
import type { Room } from "./room.ts";
import { InterpreterNotFound } from "./runtimes.ts";

export interface Work {
  readonly reference: FunctionReference;
  readonly requestId: string;
  readonly payload: Uint8Array;
  readonly clientContext?: string | undefined;
  readonly traceId?: string;
  readonly onStream?: (contentType: string, body: Readable) => void;
}

export interface Invoker {
  /** Runs the function and waits; a handler that fails is a result, not an exception. */
  run(target: FunctionVersion, work: Work): Promise<InvocationResult>;
  /** Keeps the invocation and runs it as soon as possible. */
  enqueue(work: Work): void;
}

export function createRun(room: Room): Invoker["run"] {
  return async (target, work) => {
    const invocation = {
      requestId: work.requestId,
      payload: work.payload,
      invokedArn: functionArn(room.hub, work.reference),
      ...(work.clientContext ? { clientContext: work.clientContext } : {}),
      ...(work.traceId ? { traceId: work.traceId } : {}),
      ...(work.onStream ? { onStream: work.onStream } : {}),
    };
    const { reserved } = room.store.extras(target.name);
    const result = await room.pool.invoke(target, reserved, invocation).catch((error: unknown) => {
      if (error instanceof InterpreterNotFound) return notStarted(work.requestId, error);
      throw error;
    });
    if (result.durationMs === 0 && result.error?.errorType === "Runtime.InterpreterNotFound") {
      room.logs.write(target, "platform", `${result.error.errorType}: ${result.error.errorMessage}`);
      room.hub.emit({
        type: "function.log",
        time: Date.now(),
        functionName: target.name,
        requestId: work.requestId,
        stream: "stderr",
        line: `${result.error.errorType}: ${result.error.errorMessage}`,
      });
    }
    room.hub.emit({
      type: "function.invocation",
      time: Date.now(),
      functionName: target.name,
      requestId: work.requestId,
      durationMs: result.durationMs,
      coldStart: result.coldStart,
      ...(result.error ? { error: result.error } : {}),
    });
    return result;
  };
}

function notStarted(requestId: string, failure: InterpreterNotFound): InvocationResult {
  const error: FunctionError = { errorType: failure.name, errorMessage: failure.message };
  return {
    requestId,
    payload: Buffer.from(JSON.stringify(error)),
    error,
    streamed: false,
    durationMs: 0,
    coldStart: true,
    log: `${error.errorType}: ${error.errorMessage}\n`,
  };
}
