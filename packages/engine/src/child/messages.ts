/** What the two processes tell each other. Everything is JSON. */

import type { EngineEvent } from "../events.ts";
import type { Result } from "../options.ts";
import type { LockHolder } from "../state/lock.ts";

export type Operation = "up" | "preview" | "destroy" | "refresh";

export interface StartMessage {
  readonly kind: "start";
  /** URL of the module that makes the options. */
  readonly entry: string;
  readonly data: unknown;
  readonly operation: Operation;
  /** Whether anybody listens to events. */
  readonly events: boolean;
}

export type ToChild =
  | StartMessage
  | { readonly kind: "abort" }
  | { readonly kind: "message"; readonly message: unknown };

export type ToParent =
  | { readonly kind: "event"; readonly event: EngineEvent }
  | { readonly kind: "message"; readonly message: unknown }
  | { readonly kind: "result"; readonly result: Result }
  | { readonly kind: "locked"; readonly holder: LockHolder };

/** The pipe on which a child that is about to exit says so; it is written to synchronously. */
export const EXIT_PIPE = 4;
