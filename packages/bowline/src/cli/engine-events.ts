import type { EngineEvent } from "@bowline/engine";
import type { Reporter } from "./reporter.ts";

/** Turns the engine's events (ours or Pulumi's: one shape) into what a person or program is told. */
export function engineEvents(reporter: Reporter): (event: EngineEvent) => void {
  return (event) => {
    const finished =
      event.resOutputsEvent?.metadata ?? (event.resourcePreEvent?.planning ? undefined : undefined);
    if (finished && worthTelling(finished.op, finished.type)) {
      reporter.report({
        type: "resource",
        operation: operationOf(finished.op),
        resourceType: finished.type,
        name: nameOf(finished.urn),
        urn: finished.urn,
        status: event.resOutputsEvent?.planning ? "planned" : "done",
        ...(finished.diffs?.length ? { changed: finished.diffs } : {}),
      });
    }
    const diagnostic = event.diagnosticEvent;
    if (diagnostic?.severity === "warning")
      reporter.report({ type: "warning", message: diagnostic.message.trim() });
    if (diagnostic?.severity === "info") {
      reporter.report({
        type: "log",
        source: "program",
        stream: "stdout",
        message: diagnostic.message.trim(),
      });
    }
  };
}

function worthTelling(op: string, type: string): boolean {
  return (
    op !== "same" && op !== "delete-replaced" && op !== "create-replacement" && !type.startsWith("pulumi:")
  );
}

function operationOf(op: string): string {
  return op === "read" || op === "refresh" ? op : op.replace(/-.*/, "");
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
