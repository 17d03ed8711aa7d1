/** One run of a handler: what goes in and what comes out. */
import type { Readable } from "node:stream";

export interface Invocation {
  readonly requestId: string;
  readonly payload: Uint8Array;
  /** As the caller named the function: with a version or alias if it did. */
  readonly invokedArn: string;
  /** JSON, for `context.clientContext`. */
  readonly clientContext?: string;
  readonly traceId?: string;
  /** Called when the handler begins to stream, before the invocation ends; without it a stream is collected. */
  readonly onStream?: (contentType: string, body: Readable) => void;
}

/** A failure as the runtime reported it, or as we report the runtime's own. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stackTrace?: readonly string[];
}

export interface InvocationResult {
  readonly requestId: string;
  readonly payload: Buffer;
  readonly error?: FunctionError;
  /** Whether the response went to `onStream` instead of `payload`. */
  readonly streamed: boolean;
  readonly durationMs: number;
  readonly coldStart: boolean;
  /** START, what the handler printed, END and REPORT: the last of it, for `LogType: Tail`. */
  readonly log: string;
}

/** Reads the error body a runtime posts, whichever of the two names it gives the stack. */
export function parseFunctionError(body: Uint8Array, fallbackType: string): FunctionError {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString());
    if (typeof value === "object" && value !== null) {
      const { errorType, errorMessage, stackTrace, trace } = value as Record<string, unknown>;
      const stack = stackTrace ?? trace;
      return {
        errorType: typeof errorType === "string" ? errorType : fallbackType,
        errorMessage: typeof errorMessage === "string" ? errorMessage : "",
        ...(Array.isArray(stack) ? { stackTrace: stack.map(String) } : {}),
      };
    }
  } catch {
    // Not JSON: the runtime is not one of ours, and its body is all there is to tell.
  }
  return { errorType: fallbackType, errorMessage: Buffer.from(body).toString() };
}
