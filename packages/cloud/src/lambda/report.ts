/** The lines Lambda itself writes to a function's log. */
import type { FunctionError } from "./invocation.ts";

export interface Run {
  readonly requestId: string;
  readonly durationMs: number;
  /** Milliseconds the environment took to load the handler, on its first invocation. */
  readonly initMs: number | undefined;
  /** MiB. */
  readonly memorySize: number;
  readonly peakMemory: number;
  readonly error: FunctionError | undefined;
}

const TAIL = 4096;

export function reportLine(run: Run): string {
  const { durationMs, initMs, error } = run;
  const parts = [
    `REPORT RequestId: ${run.requestId}`,
    `Duration: ${durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(durationMs + (initMs ?? 0))} ms`,
    `Memory Size: ${run.memorySize} MB`,
    `Max Memory Used: ${Math.ceil(run.peakMemory)} MB`,
  ];
  if (initMs !== undefined) parts.push(`Init Duration: ${initMs.toFixed(2)} ms`);
  if (error?.errorType === "Sandbox.Timedout") parts.push("Status: timeout");
  else if (error) parts.push("Status: error", `Error Type: ${error.errorType}`);
  return `${parts.join("\t")}\t`;
}

/** The end of a log, as `LogType: Tail` gives it. */
export function tail(lines: readonly string[]): string {
  const text = Buffer.from(`${lines.join("\n")}\n`);
  return (text.length > TAIL ? text.subarray(text.length - TAIL) : text).toString();
}
