import { bowlineVersion } from "../../config/project.ts";
import type { Command } from "../command.ts";

export const version: Command = {
  summary: "Print the version",
  inProject: false,
  async run({ reporter, started }) {
    reporter.print(bowlineVersion());
    reporter.report({
      type: "summary",
      ok: true,
      exitCode: 0,
      durationMs: performance.now() - started,
      outputs: { version: bowlineVersion() },
      message: "",
    });
    return 0;
  },
};
