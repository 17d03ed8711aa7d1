import type { Finished, Operation } from "../../deploy/local.ts";
import type { Manifest } from "../../deploy/manifest.ts";
import { cloudSession } from "../cloud-session.ts";
import type { Command, CommandContext } from "../command.ts";
import { beginTypes } from "../program-aside.ts";
import { resources } from "../reporter.ts";
import { openSession, type StageSession, shownOutputs } from "../stage-session.ts";

export const PORT = {
  port: { type: "string", description: "of the local cloud; 0 for any free one" },
} as const;

export const deploy: Command = {
  summary: "Bring a stage to what the config says",
  options: PORT,
  run: (context) => once(context, "up"),
};

export const diff: Command = {
  summary: "Show what deploy would change, and change nothing",
  options: PORT,
  run: (context) => once(context, "preview"),
};

export const remove: Command = {
  summary: "Delete everything a stage has created",
  options: PORT,
  run: (context) => once(context, "destroy"),
};

/** One operation, with the local cloud up for as long as it takes, or in the cloud that the stage lives in. */
async function once(context: CommandContext, operation: Operation): Promise<number> {
  const cloud = await cloudSession(context);
  if (cloud) return conclude(context, operation, await operate(context, cloud, operation), cloud.manifest());
  const session = await openSession(context);
  try {
    const finished = await operate(context, session, operation);
    const exitCode = await conclude(context, operation, finished, session.manifest());
    const outputs = operation === "up" ? shownOutputs(session.manifest()) : {};
    if (
      !context.json &&
      exitCode === 0 &&
      !session.cloud.shared &&
      answersAt(outputs, session.cloud.endpoint)
    ) {
      context.reporter.report({
        type: "warning",
        message: "These URLs answer while the local cloud is up, which ends with this command.",
        hint: `Keep it up: bowline dev --stage ${context.stage}`,
      });
    }
    return exitCode;
  } finally {
    await session.close();
  }
}

/** The types come of a run of their own, which need not wait for this one. */
async function operate(
  context: CommandContext,
  session: Pick<StageSession, "operate">,
  operation: Operation,
): Promise<Finished> {
  if (operation !== "up") return session.operate(operation);
  const writeTypes = beginTypes(context);
  let ok = false;
  try {
    const finished = await session.operate(operation);
    ok = finished.result.ok;
    return finished;
  } finally {
    await writeTypes(ok);
  }
}

async function conclude(
  context: CommandContext,
  operation: Operation,
  { result }: Finished,
  manifest: Manifest | undefined,
): Promise<number> {
  const exitCode = result.ok ? 0 : 1;
  context.reporter.report({
    type: "summary",
    ok: result.ok,
    exitCode,
    durationMs: performance.now() - context.started,
    changes: counted(result.changes),
    ...(operation === "up" ? { outputs: shownOutputs(manifest) } : {}),
    ...(operation === "preview" ? { message: planned(counted(result.changes)) } : {}),
  });
  return exitCode;
}

function answersAt(outputs: Readonly<Record<string, unknown>>, endpoint: string): boolean {
  return Object.values(outputs).some((value) => typeof value === "string" && value.startsWith(endpoint));
}

/** The engine's step counts by what they are to a person. */
export function counted(changes: Readonly<Record<string, number | undefined>>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [operation, count] of Object.entries(changes)) {
    if (operation === "create-replacement" || operation === "delete-replaced" || !count) continue;
    counts[operation] = count;
  }
  return counts;
}

function planned(changes: Record<string, number>): string {
  const parts = Object.entries(changes).filter(([operation]) => operation !== "same");
  return parts.length === 0
    ? "nothing would change"
    : parts.map(([operation, count]) => `${resources(count)} to ${operation}`).join(", ");
}
