/** A stage at home in a cloud: worked on by Pulumi's engine, told of like any other. */

import type { ResourceState } from "@bowline/engine";
import { cloudSettings } from "../deploy/app.ts";
import { type Finished, type Operation, runProgram } from "../deploy/local.ts";
import { grantsOf, type Manifest, manifestOf } from "../deploy/manifest.ts";
import { permissionChanges } from "../link/words.ts";
import type { CommandContext } from "./command.ts";
import { engineEvents } from "./engine-events.ts";

export interface CloudSession {
  /** Runs the program; throws what a user can mend, reports everything else. */
  operate(operation: Operation): Promise<Finished>;
  /** As deployed last. */
  manifest(): Manifest | undefined;
}

/** Undefined for a stage that lives on this machine. */
export async function cloudSession(context: CommandContext): Promise<CloudSession | undefined> {
  const { project, stage, paths, reporter } = context;
  if (!(await cloudSettings(project, stage))) return undefined;
  let manifest: Manifest | undefined;
  return {
    manifest: () => manifest,
    async operate(operation) {
      const states: (readonly ResourceState[])[] = [];
      const finished = await runProgram(
        { root: project.root, stage, operation, stateDir: paths.state, signal: context.signal },
        {
          onEvent: engineEvents(reporter),
          onOutput: (line) =>
            reporter.report({ type: "log", source: "config", stream: "stdout", message: line }),
          onWarning: (message, hint) => reporter.report({ type: "warning", message, hint }),
          onProgress: (message) => reporter.report({ type: "progress", message }),
          onState: (resources) => states.push(resources),
        },
      );
      const [before = [], after = before] = states;
      if (operation !== "destroy") tellPermissions(finished, before, operation);
      manifest = manifestOf({ resources: after, pending: [] }, stage);
      for (const { severity, message, urn } of finished.result.diagnostics) {
        if (severity !== "error") continue;
        const name = urn?.split("::")[3];
        reporter.report({
          type: "error",
          code: "resource-failed",
          message: name ? `${name}: ${message}` : message,
        });
      }
      return finished;
    },
  };

  /** Of what is new, only a plan tells every permission. */
  function tellPermissions(
    { grants }: Finished,
    resources: readonly ResourceState[],
    operation: "up" | "preview",
  ): void {
    const known = grantsOf(manifestOf({ resources, pending: [] }, stage));
    const told = grants.filter(
      ({ consumer }) => operation === "preview" || known.some((before) => before.consumer === consumer),
    );
    for (const { words, ...change } of permissionChanges(known, told)) {
      reporter.report({ type: "permission", ...change, message: words });
    }
  }
}
