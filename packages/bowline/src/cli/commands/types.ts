import { BowlineError } from "../../error.ts";
import { outdatedFiles, writeTypeFiles } from "../../types/write.ts";
import type { Command } from "../command.ts";
import { currentTypes, tellFindings } from "../program-aside.ts";

export const types: Command = {
  summary: "Write the types of every link, without deploying",
  options: { check: { type: "boolean", description: "write nothing; fail when a file is not up to date" } },
  async run(context) {
    const { root } = context.project;
    const { files, findings } = await currentTypes(context);
    tellFindings(context, findings);
    const outdated = context.options.check
      ? await outdatedFiles(root, files)
      : await writeTypeFiles(root, files);
    if (context.options.check && outdated.length > 0) {
      throw new BowlineError("types-outdated", `Not up to date: ${outdated.join(", ")}.`, {
        hint: "bowline types",
        exitCode: 1,
      });
    }
    const message = outdated.length > 0 ? `wrote ${outdated.join(", ")}` : "the types are up to date";
    const durationMs = performance.now() - context.started;
    context.reporter.report({ type: "summary", ok: true, exitCode: 0, durationMs, message, outputs: {} });
    return 0;
  },
};
