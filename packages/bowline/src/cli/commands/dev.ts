import { watchSources } from "../../dev/watch.ts";
import { BowlineError } from "../../error.ts";
import type { Command, CommandContext } from "../command.ts";
import { reportProblem } from "../problem.ts";
import { openSession, type StageSession, shownOutputs } from "../stage-session.ts";
import { counted, PORT } from "./deploy.ts";

export const dev: Command = {
  summary: "Run the app on this machine, and follow every change",
  options: PORT,
  async run(context) {
    const session = await openSession(context);
    if (session.cloud.shared) {
      throw new BowlineError(
        "already-up",
        `Stage "${context.stage}" is already up at ${session.cloud.endpoint}.`,
        {
          hint: "Use that one, or start another stage beside it: bowline dev --stage other",
          exitCode: 4,
        },
      );
    }
    try {
      const first = await deployOnce(context, session);
      const watcher = watchSources(context.project.root, first);
      const ended = new Promise<void>((resolve) =>
        context.signal.addEventListener("abort", () => resolve(), { once: true }),
      );
      const follow = async () => {
        for await (const _ of watcher.changes) {
          const sources = await deployAgain(context, session);
          if (sources) watcher.follow(sources);
        }
      };
      context.reporter.report({
        type: "progress",
        message: `Up at ${session.cloud.endpoint}; watching for changes, Ctrl-C ends`,
      });
      await Promise.race([ended, follow()]);
      watcher.stop();
      context.reporter.report({
        type: "summary",
        ok: true,
        exitCode: 0,
        durationMs: performance.now() - context.started,
        message: "stopped",
      });
      return 0;
    } finally {
      await session.close();
    }
  },
};

/** The first deployment must succeed: there is nothing to fall back on. */
async function deployOnce(context: CommandContext, session: StageSession): Promise<ReadonlySet<string>> {
  const { result, sources } = await session.operate("up");
  if (!result.ok) throw new BowlineError("deploy-failed", "The app could not be started.", { exitCode: 1 });
  tellOutputs(context, session, result);
  return sources;
}

/** Later ones may fail: what was up stays up. */
async function deployAgain(
  context: CommandContext,
  session: StageSession,
): Promise<ReadonlySet<string> | undefined> {
  try {
    const { result, sources } = await session.operate("up");
    tellOutputs(context, session, result);
    return sources;
  } catch (cause) {
    reportProblem(context.reporter, cause);
    return undefined;
  }
}

function tellOutputs(
  context: CommandContext,
  session: StageSession,
  result: { ok: boolean; changes: Readonly<Record<string, number | undefined>>; durationMs: number },
): void {
  context.reporter.report({
    type: "summary",
    ok: result.ok,
    exitCode: result.ok ? 0 : 1,
    durationMs: result.durationMs,
    changes: counted(result.changes),
    outputs: shownOutputs(session.manifest()),
  });
}
