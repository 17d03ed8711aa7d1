/** What a run tells while it goes on: Pulumi's `EngineEvent` (apitype), secrets masked as `"[secret]"`. */

import type { Properties } from "./provider.ts";
import type { ResourceState } from "./state/resource.ts";
import { maskProperties } from "./values/wire.ts";

export type Op =
  | "same"
  | "create"
  | "update"
  | "delete"
  | "replace"
  | "create-replacement"
  | "delete-replaced"
  | "read"
  | "read-replacement"
  | "refresh"
  | "discard"
  | "discard-replaced"
  | "remove-pending-replace"
  | "import"
  | "import-replacement";

export type Severity = "info" | "info#err" | "warning" | "error" | "debug";

export interface StepState {
  readonly type: string;
  readonly urn: string;
  readonly custom?: boolean;
  readonly delete?: boolean;
  readonly id: string;
  readonly parent: string;
  readonly protect?: boolean;
  readonly external?: boolean;
  readonly retainOnDelete?: boolean;
  readonly inputs: Properties;
  readonly outputs: Properties;
  readonly provider: string;
  readonly initErrors?: readonly string[];
}

export interface PropertyDiff {
  readonly diffKind: "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";
  readonly inputDiff: boolean;
}

export interface StepMetadata {
  readonly op: Op;
  readonly urn: string;
  readonly type: string;
  readonly old?: StepState;
  readonly new?: StepState;
  /** The properties that ask for a replacement. */
  readonly keys?: readonly string[];
  /** The paths that changed. */
  readonly diffs?: readonly string[];
  readonly detailedDiff?: Readonly<Record<string, PropertyDiff>>;
  readonly logical?: boolean;
  readonly provider: string;
  /** Not Pulumi's: no provider stands behind this resource, its inputs were recorded as its outputs. */
  readonly notEmulated?: boolean;
}

export interface DiagnosticEvent {
  readonly urn?: string;
  readonly prefix?: string;
  readonly message: string;
  readonly color: string;
  readonly severity: Severity;
  readonly streamID?: number;
  readonly ephemeral?: boolean;
}

export interface EngineEvent {
  readonly sequence: number;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly preludeEvent?: { readonly config: Readonly<Record<string, string>> };
  readonly stdoutEvent?: { readonly message: string; readonly color: string };
  readonly diagnosticEvent?: DiagnosticEvent;
  readonly resourcePreEvent?: { readonly metadata: StepMetadata; readonly planning?: boolean };
  readonly resOutputsEvent?: { readonly metadata: StepMetadata; readonly planning?: boolean };
  readonly resOpFailedEvent?: {
    readonly metadata: StepMetadata;
    readonly status: number;
    readonly steps: number;
  };
  readonly cancelEvent?: Record<string, never>;
  readonly summaryEvent?: {
    readonly maybeCorrupt: boolean;
    readonly durationSeconds: number;
    readonly resourceChanges: Partial<Record<Op, number>>;
    readonly PolicyPacks: Readonly<Record<string, string>>;
    readonly isPreview: boolean;
    readonly result: "succeeded" | "failed" | "canceled";
  };
}

export type EventBody = Omit<EngineEvent, "sequence" | "timestamp">;

export function createEmitter(
  onEvent: ((event: EngineEvent) => void) | undefined,
): (body: EventBody) => void {
  if (!onEvent) return () => {};
  let sequence = 0;
  return (body) => onEvent({ sequence: sequence++, timestamp: Math.floor(Date.now() / 1000), ...body });
}

export function stepState(resource: ResourceState): StepState {
  return {
    type: resource.type,
    urn: resource.urn,
    custom: resource.custom,
    ...(resource.delete ? { delete: true } : {}),
    id: resource.id ?? "",
    parent: resource.parent ?? "",
    ...(resource.protect ? { protect: true } : {}),
    ...(resource.external ? { external: true } : {}),
    ...(resource.retainOnDelete ? { retainOnDelete: true } : {}),
    inputs: maskProperties(resource.inputs),
    outputs: maskProperties(resource.outputs),
    provider: resource.provider ?? "",
    ...(resource.initErrors ? { initErrors: resource.initErrors } : {}),
  };
}
