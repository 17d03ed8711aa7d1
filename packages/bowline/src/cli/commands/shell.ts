import { BowlineError } from "../../error.ts";
import { cloudStage } from "../cloud-stage.ts";
import type { Command } from "../command.ts";
import { cloudEnvironment, localEnvironment } from "../command-environment.ts";
import { requireExecutable } from "../find-command.ts";
import { openSession } from "../stage-session.ts";
import { runCommand } from "./run.ts";

export const shell: Command = {
  summary: "Run a command (or your shell) with the links of a stage that is up already",
  usage: "[--as NAME] [-- COMMAND]",
  options: { as: { type: "string", description: "be this function: its links, its role, its denials" } },
  async run(context) {
    const command = context.rest.length > 0 ? context.rest : [process.env.SHELL ?? "sh"];
    requireExecutable(command[0] ?? "", context.project.root, process.env);
    const asked = { ...context, rest: command };
    const cloud = await cloudStage(context);
    if (cloud) return runCommand(asked, await cloudEnvironment(context, cloud));
    const session = await openSession(context);
    try {
      if (!session.cloud.shared) {
        throw new BowlineError("not-up", `Stage "${context.stage}" is not up.`, {
          hint: `Start it in another terminal: bowline dev --stage ${context.stage}`,
          exitCode: 1,
        });
      }
      return await runCommand(asked, localEnvironment(context, session));
    } finally {
      await session.close();
    }
  },
};
