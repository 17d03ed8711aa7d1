/** What Pulumi's engine tells while it works, gathered into the result that our engine answers with. */

import type { Diagnostic, EngineEvent, Op, Result, Step } from "@bowline/engine";
import { withoutColours } from "./explain.ts";

export interface Gathering {
  /** The event, fit for the renderer: one shape for both engines. Undefined for what was told already. */
  take(event: EngineEvent): EngineEvent | undefined;
  result(ok: boolean, outputs: Record<string, unknown>, secretOutputs: string[]): Result;
  /** The stack's outputs as a preview foretells them. */
  foretold(): Record<string, unknown>;
}

/** Said of the stack after everything else was said of the resource at fault. */
const FAREWELL =
  /^(update|preview|destroy) failed$|^One or more errors occurred|an unhandled error occurred/i;

export function gather(started: number): Gathering {
  const diagnostics: Diagnostic[] = [];
  const steps: Step[] = [];
  const changes: Partial<Record<Op, number>> = {};
  // A component is told of when it is made, and again with its outputs.
  const told = new Set<string>();
  let foretold: Record<string, unknown> = {};

  return {
    take(given) {
      const event = plainText(given);
      const { diagnosticEvent, resOutputsEvent, summaryEvent } = event;
      if (diagnosticEvent && !diagnosticEvent.ephemeral) {
        const { severity, message, urn } = diagnosticEvent;
        const known = severity === "error" || severity === "warning" ? severity : "info";
        if (severity !== "debug" && !FAREWELL.test(message)) {
          diagnostics.push({ severity: known, message, ...(urn ? { urn } : {}) });
        }
      }
      if (summaryEvent) Object.assign(changes, summaryEvent.resourceChanges);
      if (resOutputsEvent) {
        const { op, urn, type, diffs, old, new: now } = resOutputsEvent.metadata;
        const state = now ?? old;
        if (type === "pulumi:pulumi:Stack") foretold = { ...now?.outputs };
        if (state?.custom !== true && told.has(urn)) return undefined;
        told.add(urn);
        const id = state?.id;
        steps.push({ op, urn, type, ...(id ? { id } : {}), ...(diffs?.length ? { keys: diffs } : {}) });
      }
      return event;
    },
    foretold: () => foretold,
    result: (ok, outputs, secretOutputs) => ({
      ok,
      diagnostics,
      changes,
      steps,
      outputs,
      secretOutputs,
      durationMs: performance.now() - started,
    }),
  };
}

function plainText(event: EngineEvent): EngineEvent {
  const { diagnosticEvent } = event;
  if (!diagnosticEvent) return event;
  const message = withoutColours(diagnosticEvent.message);
  return { ...event, diagnosticEvent: { ...diagnosticEvent, message } };
}
