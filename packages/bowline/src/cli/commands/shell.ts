import { BowlineError } from "../../error.ts";
import type { Command } from "../command.ts";
import { requireExecutable } from "../find-command.ts";
import { openSession } from "../stage-session.ts";
import { runCommand } from "./run.ts";

export const shell: Command = {
  summary: "Run a command (or your shell) with the links of a stage that is up already",
  usage: "[--as NAME] [-- COMMAND]",
  options: { as: { type: "string", description: "be this function: its links, its role, its denials" } },
  async run(context) {
    const session = await openSession(context);
    try {
      if (!session.cloud.shared) {
        throw new BowlineError("not-up", `Stage "${context.stage}" is not up.`, {
          hint: `Start it in another terminal: bowline dev --stage ${context.stage}`,
          exitCode: 1,
        });
      }
      const command = context.rest.length > 0 ? context.rest : [process.env.SHELL ?? "sh"];
      requireExecutable(command[0] ?? "", context.project.root, process.env);
      return await runCommand({ ...context, rest: command }, session);
    } finally {
      await session.close();
    }
  },
};
