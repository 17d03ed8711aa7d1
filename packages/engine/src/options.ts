import type { EngineEvent, Op } from "./events.ts";
import type { Properties, Provider } from "./provider.ts";

export interface EngineOptions {
  readonly project: string;
  readonly stack: string;
  /** Checkpoint, journal, snapshots and lock live here. */
  readonly stateDir: string;
  /** 32 bytes; encrypts secrets at rest (AES-256-GCM). */
  readonly secretsKey: Uint8Array;
  readonly providers: readonly Provider[];
  readonly config?: Record<string, string>;
  /** Keys of `config` whose values are secret. */
  readonly secretConfig?: readonly string[];
  /** Where the project is: `@pulumi/pulumi` is resolved from here, and relative asset paths start here. */
  readonly cwd?: string;
  /** How many operations may run at once. */
  readonly parallel?: number;
  /** URNs to touch, `*` and `**` as wildcards; all others stay as they are. */
  readonly targets?: readonly string[];
  /** Whether what depends on a target is touched, too. */
  readonly targetDependents?: boolean;
  /** URNs to leave as they are. */
  readonly excludes?: readonly string[];
  /** URNs to replace, whether they changed or not. */
  readonly replace?: readonly string[];
  /** A type that no provider knows: an error, or recorded (its inputs become its outputs) and flagged. */
  readonly unknownTypes?: "fail" | "record";
  /** Nothing is registered before it resolves; when it rejects, nothing is at all. A preview does not wait for it. */
  readonly ready?: Promise<unknown>;
  readonly onEvent?: (event: EngineEvent) => void;
  /** Aborted: what is in flight finishes, nothing new starts. */
  readonly signal?: AbortSignal;
  /** How the program reaches the engine; over gRPC it takes the SDK's stock path. */
  readonly transport?: "direct" | "grpc";
  readonly organization?: string;
  /** The outputs of another stack, for `StackReference`. Secret outputs are named in `secretOutputs`. */
  readonly stackReference?: (name: string) => Promise<StackOutputs | undefined> | StackOutputs | undefined;
  /** What the lock names as its holder's command. */
  readonly command?: string;
}

export interface StackOutputs {
  readonly outputs: Properties;
  readonly secretOutputs?: readonly string[];
}

/** A Pulumi program: declares resources, returns the stack's outputs. */
export type Program = () => unknown | Promise<unknown>;

export interface Diagnostic {
  readonly severity: "info" | "warning" | "error";
  readonly message: string;
  readonly urn?: string;
}

export interface Step {
  readonly op: Op;
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  /** The paths that changed. */
  readonly keys?: readonly string[];
  readonly notEmulated?: boolean;
}

export interface Result {
  readonly ok: boolean;
  readonly diagnostics: Diagnostic[];
  readonly changes: Partial<Record<Op, number>>;
  readonly steps: Step[];
  /** The stack's outputs, secrets unwrapped. */
  readonly outputs: Record<string, unknown>;
  readonly secretOutputs: string[];
  readonly durationMs: number;
}
