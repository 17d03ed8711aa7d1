/** What Lambda itself logs around an invocation, as text or as JSON. */
import type { FunctionError } from "./invocation.ts";
import type { LoggingSettings } from "./model.ts";

export type LineFormat = Pick<LoggingSettings, "format" | "systemLevel">;

export interface Report {
  readonly requestId: string;
  readonly durationMs: number;
  /** MB. */
  readonly memorySize: number;
  readonly memoryUsed: number;
  /** Present when the environment was new. */
  readonly initMs: number | undefined;
  readonly error: FunctionError | undefined;
}

export function startLine(logging: LineFormat, requestId: string, version: string): string | undefined {
  if (logging.format === "Text") return `START RequestId: ${requestId} Version: ${version}`;
  return told(logging) ? record("platform.start", { requestId, version }) : undefined;
}

export function endLine(logging: LineFormat, requestId: string): string | undefined {
  // In JSON the report is the end.
  return logging.format === "Text" ? `END RequestId: ${requestId}` : undefined;
}

export function reportLine(logging: LineFormat, report: Report): string | undefined {
  const { requestId, durationMs, memorySize, memoryUsed, initMs, error } = report;
  const billed = Math.ceil(durationMs + (initMs ?? 0));
  const timedOut = error?.errorType === "Sandbox.Timedout";
  if (logging.format === "Text") {
    const parts = [
      `REPORT RequestId: ${requestId}`,
      `Duration: ${durationMs.toFixed(2)} ms`,
      `Billed Duration: ${billed} ms`,
      `Memory Size: ${memorySize} MB`,
      `Max Memory Used: ${memoryUsed} MB`,
    ];
    if (initMs !== undefined) parts.push(`Init Duration: ${initMs.toFixed(2)} ms`);
    if (timedOut) parts.push("Status: timeout");
    else if (error) parts.push("Status: error", `Error Type: ${error.errorType}`);
    return `${parts.join("\t")}\t`;
  }
  // A report of trouble is a warning.
  if (!error && !told(logging)) return undefined;
  return record("platform.report", {
    requestId,
    metrics: {
      durationMs: hundredths(durationMs),
      billedDurationMs: billed,
      memorySizeMB: memorySize,
      maxMemoryUsedMB: memoryUsed,
      ...(initMs === undefined ? {} : { initDurationMs: hundredths(initMs) }),
    },
    status: timedOut ? "timeout" : error ? "error" : "success",
    ...(error && !timedOut ? { errorType: error.errorType } : {}),
  });
}

function told({ systemLevel }: LineFormat): boolean {
  return systemLevel !== "WARN";
}

function record(type: string, content: object): string {
  return JSON.stringify({ time: new Date().toISOString(), type, record: content });
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
