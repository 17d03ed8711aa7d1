import { spawn } from "node:child_process";
import { constants } from "node:os";
import { BowlineError } from "../../error.ts";
import { cloudStage } from "../cloud-stage.ts";
import type { Command, CommandContext } from "../command.ts";
import { cloudEnvironment, localEnvironment } from "../command-environment.ts";
import { requireExecutable } from "../find-command.ts";
import { openSession } from "../stage-session.ts";
import { PORT } from "./deploy.ts";

export const run: Command = {
  summary: "Run a command with the app up and every link in its environment",
  usage: "[--as NAME] -- COMMAND",
  takesWords: true,
  options: {
    ...PORT,
    as: { type: "string", description: "run as this function: its links, its role, its denials" },
  },
  async run(context) {
    requireCommand(context);
    requireExecutable(context.rest[0] ?? "", context.project.root, process.env);
    const cloud = await cloudStage(context);
    // A command is no reason to deploy to an account.
    const exitCode = cloud
      ? await runCommand(context, await cloudEnvironment(context, cloud))
      : await withAppUp(context);
    context.reporter.report({
      type: "summary",
      ok: exitCode === 0,
      exitCode,
      durationMs: performance.now() - context.started,
      message: `${context.rest.join(" ")} exited with ${exitCode}`,
    });
    return exitCode;
  },
};

async function withAppUp(context: CommandContext): Promise<number> {
  const session = await openSession(context);
  session.workers.start();
  try {
    const { result } = await session.operate("up");
    return result.ok ? await runCommand(context, localEnvironment(context, session)) : 1;
  } finally {
    await session.close();
  }
}

function requireCommand({ words, rest }: CommandContext): void {
  if (words.length > 0) {
    throw new BowlineError("usage", "The command stands after --, so that its options stay its own.", {
      hint: `bowline run -- ${[...words, ...rest].join(" ")}`,
    });
  }
  if (rest.length === 0) {
    throw new BowlineError("usage", "No command was given.", { hint: "bowline run -- npm test" });
  }
}

/** The command's exit code, or 128 and its signal, as a shell says it. */
export async function runCommand(context: CommandContext, env: NodeJS.ProcessEnv): Promise<number> {
  const [command = "", ...args] = context.rest;
  const child = spawn(command, args, { stdio: "inherit", env });
  const forward = () => void child.kill("SIGINT");
  context.signal.addEventListener("abort", forward);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once("error", (cause) => reject(notStarted(command, cause)));
      child.once("close", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  } finally {
    context.signal.removeEventListener("abort", forward);
  }
}

function notStarted(command: string, cause: Error): BowlineError {
  const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
  return new BowlineError(
    "no-command",
    missing ? `There is no command "${command}".` : `"${command}" could not be started: ${cause.message}.`,
    {
      hint: "It is looked for on PATH and in the app's node_modules/.bin.",
      exitCode: 1,
      cause,
    },
  );
}
