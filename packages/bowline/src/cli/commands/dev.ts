import type { FinishedBuild } from "../../config/app.ts";
import type { Finished } from "../../deploy/local.ts";
import { affectedBuilds, rebuild, replaceCode } from "../../dev/hot.ts";
import { watchSources } from "../../dev/watch.ts";
import { BowlineError } from "../../error.ts";
import type { Command, CommandContext } from "../command.ts";
import { reportProblem } from "../problem.ts";
import { keepTypes } from "../program-aside.ts";
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
    session.workers.start();
    try {
      await follow(context, session, await deployFirst(context, session));
      const durationMs = performance.now() - context.started;
      context.reporter.report({ type: "summary", ok: true, exitCode: 0, durationMs, message: "stopped" });
      return 0;
    } finally {
      await session.close();
    }
  },
};

/** What the running app was made of. */
interface Made {
  readonly sources: ReadonlySet<string>;
  readonly builds: ReadonlyMap<string, FinishedBuild>;
}

/** The first deployment must succeed: there is nothing to fall back on. */
async function deployFirst(context: CommandContext, session: StageSession): Promise<Made> {
  const finished = await session.operate("up");
  if (!finished.result.ok)
    throw new BowlineError("deploy-failed", "The app could not be started.", { exitCode: 1 });
  tellOutputs(context, session, finished);
  return finished;
}

/** Until Ctrl-C: every change of a file the app was made from becomes part of the running app. */
async function follow(context: CommandContext, session: StageSession, first: Made): Promise<void> {
  let made = first;
  const watcher = watchSources(context.project.root, filesOf(made));
  context.signal.addEventListener("abort", () => watcher.stop(), { once: true });
  if (context.signal.aborted) watcher.stop();
  context.reporter.report({
    type: "progress",
    message: `Up at ${session.cloud.endpoint}; watching for changes, Ctrl-C ends`,
  });
  const types = keepTypes(context);
  for await (const changed of watcher.changes) {
    try {
      made = await update(context, session, made, changed);
      watcher.follow(filesOf(made));
    } catch (cause) {
      // What was up stays up.
      reportProblem(context.reporter, cause);
    }
  }
  await types;
}

async function update(
  context: CommandContext,
  session: StageSession,
  made: Made,
  changed: ReadonlySet<string>,
): Promise<Made> {
  const affected = affectedBuilds(changed, made.sources, made.builds);
  if (affected.length === 0) {
    const finished = await session.operate("up");
    tellOutputs(context, session, finished);
    if (finished.result.ok) await keepTypes(context);
    return finished.result.ok ? finished : made;
  }
  return { ...made, builds: new Map([...made.builds, ...(await replaceAll(context, session, affected))]) };
}

/** Replaces the code of all of them at once, because Workers share a runtime; of several, those that can be go on. */
async function replaceAll(
  context: CommandContext,
  session: StageSession,
  affected: readonly FinishedBuild[],
): Promise<(readonly [string, FinishedBuild])[]> {
  const started = performance.now();
  const rebuilt = succeeded(
    context,
    await Promise.allSettled(affected.map((build) => rebuild(context.project, build))),
  );
  const consumers = session.manifest()?.consumers ?? [];
  const replaced = succeeded(
    context,
    await Promise.allSettled(
      rebuilt.map(async ({ build, artifact }) => {
        const name = build.request.consumer;
        const consumer = consumers.find((candidate) => candidate.name === name);
        if (consumer) await replaceCode(session, artifact, consumer);
        return name;
      }),
    ),
  );
  if (replaced.length > 0) {
    context.reporter.report({
      type: "summary",
      ok: true,
      exitCode: 0,
      durationMs: performance.now() - started,
      message: `new code for ${replaced.join(", ")}`,
    });
  }
  return rebuilt.map(({ build }) => [build.request.consumer, build]);
}

/** What was up stays up where something failed. */
function succeeded<T>({ reporter }: CommandContext, results: readonly PromiseSettledResult<T>[]): T[] {
  for (const result of results) if (result.status === "rejected") reportProblem(reporter, result.reason);
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}

function filesOf({ sources, builds }: Made): ReadonlySet<string> {
  return new Set([...sources, ...[...builds.values()].flatMap((build) => build.sources)]);
}

function tellOutputs(context: CommandContext, session: StageSession, { result }: Finished): void {
  context.reporter.report({
    type: "summary",
    ok: result.ok,
    exitCode: result.ok ? 0 : 1,
    durationMs: result.durationMs,
    changes: counted(result.changes),
    outputs: shownOutputs(session.manifest()),
  });
}
