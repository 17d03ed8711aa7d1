import type { EngineEvent, StepMetadata } from "@bowline/engine";
import type { Reporter } from "./reporter.ts";

/** Turns the engine's events (ours or Pulumi's: one shape) into what a person or program is told. */
export function engineEvents(reporter: Reporter): (event: EngineEvent) => void {
  return (event) => {
    const finished = event.resOutputsEvent;
    if (finished && worthTelling(finished.metadata)) {
      const { op, type, urn, diffs } = finished.metadata;
      const component = componentOf(finished.metadata);
      reporter.report({
        type: "resource",
        operation: operationOf(op),
        resourceType: type,
        name: nameOf(urn),
        urn,
        status: finished.planning ? "planned" : "done",
        ...(component ? { component } : {}),
        ...(diffs?.length ? { changed: diffs } : {}),
      });
    }
    const diagnostic = event.diagnosticEvent;
    if (diagnostic?.severity === "warning")
      reporter.report({
        type: "warning",
        message: `${diagnostic.urn ? `${nameOf(diagnostic.urn)}: ` : ""}${diagnostic.message.trim()}`,
      });
    if (diagnostic?.severity === "info") {
      reporter.report({
        type: "log",
        source: diagnostic.urn ? nameOf(diagnostic.urn) : "program",
        stream: "stdout",
        message: diagnostic.message.trim(),
      });
    }
  };
}

function worthTelling({ op, type }: StepMetadata): boolean {
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

/** The component of ours that a resource is part of. */
function componentOf(metadata: StepMetadata): string | undefined {
  const parent = (metadata.new ?? metadata.old)?.parent;
  return parent?.split("::")[2]?.startsWith("bowline:") ? nameOf(parent) : undefined;
}
