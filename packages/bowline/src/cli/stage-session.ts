import { join } from "node:path";
import type { AuditEvent, CloudEvent } from "@bowline/cloud";
import { type LocalCloud, openCloud } from "../deploy/cloud.ts";
import { type Finished, type Operation, runProgram } from "../deploy/local.ts";
import { grantsOf, type Manifest, readManifest } from "../deploy/manifest.ts";
import { freePorts, keepPort, keptPort } from "../deploy/port.ts";
import { type Denial, explainDenial } from "../dev/denial.ts";
import { BowlineError } from "../error.ts";
import { permissionChanges } from "../link/words.ts";
import { projectKeys } from "../secrets/key.ts";
import { roleEnvironment } from "../workers/aws-role.ts";
import { openStageWorkers, type StageWorkers } from "../workers/stage.ts";
import type { CommandContext } from "./command.ts";
import { engineEvents } from "./engine-events.ts";

/** A stage with its local cloud up. */
export interface StageSession {
  readonly cloud: LocalCloud;
  readonly workers: StageWorkers;
  /** Runs the program; throws what a user can mend, reports everything else. */
  operate(operation: Operation): Promise<Finished>;
  /** As deployed last. */
  manifest(): Manifest | undefined;
  close(): Promise<void>;
}

export async function openSession(
  context: CommandContext,
  options: { readonly onDenial?: (denial: Denial) => void } = {},
): Promise<StageSession> {
  const { reporter, paths, project, stage } = context;
  const keys = projectKeys(project);
  let manifest: Manifest | undefined;
  const onDenial =
    options.onDenial ??
    ((denial) => reporter.report({ type: "warning", message: denial.message, hint: denial.hint }));
  const cloud = await openStageCloud(context, (event) => tell(event));
  const workers = await openStageWorkers({
    root: project.root,
    stageFolder: paths.folder,
    stateKey: keys.state,
    shared: cloud.shared,
    role: roleEnvironment(cloud),
    onLine: ({ worker = "workers", stream, line }) =>
      reporter.report({ type: "log", source: worker, stream, message: line }),
    onWarning: (message) => reporter.report({ type: "warning", message }),
  }).catch(async (cause: unknown) => {
    await cloud.stop();
    throw cause;
  });
  const close = async () => {
    await Promise.all([workers.stop(), cloud.stop()]);
  };
  const refresh = async () => {
    manifest = await readManifest(paths.state, keys.state, stage);
  };
  await refresh().catch(async (cause: unknown) => {
    // A cloud that stays up would keep the command from ending.
    await close();
    throw cause;
  });

  function tell(event: CloudEvent): void {
    if (event.type === "audit" && event.decision === "deny" && concernsApp(event))
      onDenial(explainDenial(event, manifest));
    if (event.type === "function.log") {
      reporter.report({
        type: "log",
        source: functionName(manifest, event.functionName),
        stream: event.stream,
        message: event.line,
      });
    }
    if (event.type === "function.invocation" && event.error && unsaid(event.error)) {
      reporter.report({
        type: "log",
        source: functionName(manifest, event.functionName),
        stream: "stderr",
        message: event.error.errorMessage.replace(/^RequestId: \S* Error: /, ""),
      });
    }
  }

  /** Of what is new, only a plan tells every permission. */
  function tellPermissions({ grants }: Finished, planned: boolean): void {
    const before = grantsOf(manifest);
    const told = grants.filter(
      ({ consumer }) => planned || before.some((known) => known.consumer === consumer),
    );
    for (const { words, ...change } of permissionChanges(before, told)) {
      reporter.report({ type: "permission", ...change, message: words });
    }
  }

  return {
    cloud,
    workers,
    manifest: () => manifest,
    async operate(operation) {
      const events = engineEvents(reporter);
      const finished = await runProgram(
        {
          root: project.root,
          stage,
          operation,
          cloud,
          workers: workers.access,
          stateDir: paths.state,
          signal: context.signal,
        },
        {
          onEvent: events,
          onOutput: (line) =>
            reporter.report({ type: "log", source: "config", stream: "stdout", message: line }),
          onWarning: (message, hint) => reporter.report({ type: "warning", message, hint }),
          onProgress: (message) => reporter.report({ type: "progress", message }),
        },
      );
      if (operation !== "destroy") tellPermissions(finished, operation === "preview");
      await refresh();
      for (const diagnostic of finished.result.diagnostics.filter(({ severity }) => severity === "error")) {
        reporter.report({ type: "error", code: "resource-failed", message: diagnosticText(diagnostic) });
      }
      return finished;
    },
    close,
  };
}

/** The stage keeps its port where it can: another program's is no reason not to work, unless it was asked for. */
async function openStageCloud(
  context: CommandContext,
  onEvent: (event: CloudEvent) => void,
): Promise<LocalCloud> {
  const { paths, reporter } = context;
  const file = join(paths.folder, "port");
  const open = async (port: number) => openCloud({ dir: paths.cloud, port, onEvent });
  const asked = askedPort(context);
  const kept = asked ?? keptPort(file);
  let cloud = kept === undefined ? undefined : await unlessTaken(open(kept), kept !== asked);
  if (cloud === undefined) {
    cloud = await openAnywhere(open);
    if (kept !== undefined) {
      reporter.report({
        type: "warning",
        message: `Port ${kept} is in use by another program: stage "${context.stage}" moves to port ${cloud.port}, and its URLs with it.`,
      });
    }
  }
  keepPort(file, cloud.port);
  return cloud;
}

/** A port that was free a moment ago may be another stage's by now, which starts at the same time: then the next one. */
async function openAnywhere(open: (port: number) => Promise<LocalCloud>): Promise<LocalCloud> {
  for await (const port of freePorts()) {
    const cloud = await unlessTaken(open(port), true);
    if (cloud) return cloud;
  }
  return open(0);
}

async function unlessTaken(opening: Promise<LocalCloud>, excused: boolean): Promise<LocalCloud | undefined> {
  try {
    return await opening;
  } catch (cause) {
    if (excused && cause instanceof BowlineError && cause.code === "port-in-use") return undefined;
    throw cause;
  }
}

/** How an invocation can end of which the function itself says nothing. */
function unsaid({ errorType }: { readonly errorType: string }): boolean {
  return /^(Sandbox|Function)\.|^Runtime\.(ExitError|OutOfMemory)$/.test(errorType);
}

function askedPort(context: CommandContext): number | undefined {
  const { port } = context.options;
  if (port === undefined) return undefined;
  const number = Number(port);
  if (Number.isInteger(number) && number >= 0 && number < 65_536) return number;
  throw new BowlineError("usage", `--port takes a number from 0 to 65535, not "${port}".`);
}

/** Denials of roles concern the app; those of root or strangers do not. */
function concernsApp(event: AuditEvent): boolean {
  return event.principal.includes(":assumed-role/") || event.principal.endsWith(".amazonaws.com");
}

function functionName(manifest: Manifest | undefined, physical: string): string {
  return manifest?.consumers.find((consumer) => consumer.functionName === physical)?.name ?? physical;
}

function diagnosticText(diagnostic: { readonly message: string; readonly urn?: string }): string {
  const name = diagnostic.urn?.split("::")[3];
  return name ? `${name}: ${diagnostic.message}` : diagnostic.message;
}

/** The outputs of a stage for people and programs: secrets stay hidden. */
export function shownOutputs(manifest: Manifest | undefined): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(manifest?.outputs ?? {}).map(([name, value]) => [
      name,
      manifest?.secretOutputs.includes(name) ? "[secret]" : value,
    ]),
  );
}
