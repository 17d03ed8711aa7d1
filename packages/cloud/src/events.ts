/** What the local cloud tells while it runs. Every event also says when it happened (milliseconds). */
export type CloudEvent = AuditEvent | FunctionLogEvent | InvocationEvent;

/** One decision of IAM. */
export interface AuditEvent {
  readonly type: "audit";
  readonly time: number;
  readonly requestId: string;
  /** The ARN, the service name or `anonymous`. */
  readonly principal: string;
  readonly service: string;
  readonly operation: string;
  readonly action: string;
  readonly resource: string;
  readonly decision: "allow" | "deny";
  /** For people: which statement of which policy decided, or that none did. */
  readonly reason: string;
}

/** A line a function wrote. */
export interface FunctionLogEvent {
  readonly type: "function.log";
  readonly time: number;
  readonly functionName: string;
  readonly requestId?: string;
  readonly stream: "stdout" | "stderr";
  readonly line: string;
}

/** A finished invocation. */
export interface InvocationEvent {
  readonly type: "function.invocation";
  readonly time: number;
  readonly functionName: string;
  readonly requestId: string;
  readonly durationMs: number;
  readonly coldStart: boolean;
  /** Present when the handler failed: as the runtime reported it. */
  readonly error?: {
    readonly errorType: string;
    readonly errorMessage: string;
    readonly stackTrace?: readonly string[];
  };
}
