import { hostname } from "node:os";
import { breakLock, lockHolder } from "@bowline/engine";
import { BowlineError } from "../../error.ts";
import { cloudStage } from "../cloud-stage.ts";
import type { Command } from "../command.ts";

export const unlock: Command = {
  summary: "Remove the lock that a command left on a stage",
  options: { force: { type: "boolean", description: "even when its holder is still at work" } },
  async run(context) {
    const { paths, stage, options, reporter, started } = context;
    const cloud = await cloudStage(context);
    if (cloud) {
      await cloud.unlock();
      reporter.report({
        type: "summary",
        ok: true,
        exitCode: 0,
        durationMs: performance.now() - started,
        message: `stage ${stage} is unlocked`,
      });
      return 0;
    }
    const holder = await lockHolder(paths.state);
    if (holder && holder.host === hostname() && !options.force) {
      throw new BowlineError(
        "locked",
        `Process ${holder.pid} holds stage "${stage}" since ${holder.since}, and is still at work.`,
        {
          hint: "Wait for it, or end it first. To remove the lock all the same: bowline unlock --force",
          exitCode: 4,
        },
      );
    }
    const broken = await breakLock(paths.state);
    const message = broken ? `stage ${stage} is unlocked` : `stage ${stage} was not locked`;
    reporter.report({
      type: "summary",
      ok: true,
      exitCode: 0,
      durationMs: performance.now() - started,
      message,
    });
    return 0;
  },
};
