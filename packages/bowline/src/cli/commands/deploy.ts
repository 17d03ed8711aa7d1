import type { Command, CommandContext } from "../command.ts";
import { keepTypes } from "../program-aside.ts";
import { openSession, shownOutputs } from "../stage-session.ts";

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

/** One operation with the cloud up for as long as it takes. */
async function once(context: CommandContext, operation: "up" | "preview" | "destroy"): Promise<number> {
  const session = await openSession(context);
  try {
    const { result } = await session.operate(operation);
    if (operation === "up" && result.ok) await keepTypes(context);
    const outputs = operation === "up" ? shownOutputs(session.manifest()) : {};
    context.reporter.report({
      type: "summary",
      ok: result.ok,
      exitCode: result.ok ? 0 : 1,
      durationMs: performance.now() - context.started,
      changes: counted(result.changes),
      ...(operation === "up" ? { outputs } : {}),
      ...(operation === "preview" ? { message: planned(counted(result.changes)) } : {}),
    });
    if (!context.json && result.ok && !session.cloud.shared && answersAt(outputs, session.cloud.endpoint)) {
      context.reporter.report({
        type: "warning",
        message: "These URLs answer while the local cloud is up, which ends with this command.",
        hint: `Keep it up: bowline dev --stage ${context.stage}`,
      });
    }
    return result.ok ? 0 : 1;
  } finally {
    await session.close();
  }
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
    : parts.map(([operation, count]) => `${count} to ${operation}`).join(", ");
}
