/** How an invocation ends that did not end well: what its caller is told, and what of it the runtime said itself. */
import type { FunctionError } from "./invocation.ts";
import { RESPONSE_LIMIT } from "./runtime-api.ts";

export interface Outcome {
  readonly payload: Buffer;
  readonly error?: FunctionError;
  readonly streamed?: boolean;
}

export type Failure = Outcome & { readonly error: FunctionError };

/** What is known of a process that is gone. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Why it could not even be started. */
  readonly reason?: string;
}

const SIGNALS: Readonly<Record<string, string>> = {
  SIGKILL: "killed",
  SIGABRT: "aborted",
  SIGSEGV: "segmentation fault",
  SIGTERM: "terminated",
  SIGTRAP: "trace/breakpoint trap",
};

export function failure(error: FunctionError): Failure {
  const { stackTrace, ...rest } = error;
  return { payload: Buffer.from(JSON.stringify(stackTrace ? { ...rest, trace: stackTrace } : rest)), error };
}

export function tooLarge(): Failure {
  return failure({
    errorType: "Function.ResponseSizeTooLarge",
    errorMessage: `Response payload size exceeded maximum allowed payload size (${RESPONSE_LIMIT} bytes).`,
  });
}

/** @param seconds What the handler had to load in. */
export function notLoaded(seconds: number): Failure {
  return failure({
    errorType: "Sandbox.Timedout",
    errorMessage: `Error: The handler did not load within ${seconds} seconds`,
  });
}

/** @param text As the log has it. */
export function timedOut(requestId: string, text: string): Failure {
  return failure({ errorType: "Sandbox.Timedout", errorMessage: `RequestId: ${requestId} Error: ${text}` });
}

/** @param memorySize Given when the process outgrew it. */
export function exited(requestId: string, exit: Exit | undefined, memorySize: number | undefined): Failure {
  const how = exit?.reason
    ? `Runtime could not be started: ${exit.reason}`
    : exit?.signal
      ? `Runtime exited with error: signal: ${SIGNALS[exit.signal] ?? exit.signal}`
      : exit?.code
        ? `Runtime exited with error: exit status ${exit.code}`
        : "Runtime exited without providing a reason";
  if (memorySize === undefined) {
    return failure({
      errorType: "Runtime.ExitError",
      errorMessage: `RequestId: ${requestId} Error: ${how}`,
    });
  }
  return failure({
    errorType: "Runtime.OutOfMemory",
    errorMessage: `RequestId: ${requestId} Error: ${how} (the function used more than its ${memorySize} MB)`,
  });
}
