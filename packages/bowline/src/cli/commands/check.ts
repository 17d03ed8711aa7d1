import type { Command } from "../command.ts";
import { runAside, tellFindings } from "../program-aside.ts";

export const check: Command = {
  summary: "Compare every handler's code with its links, without deploying",
  async run(context) {
    const { findings } = await runAside(context, "check");
    tellFindings(context, findings);
    const warnings = findings.filter(({ severity }) => severity === "warning").length;
    const durationMs = performance.now() - context.started;
    const message =
      warnings === 0
        ? "every link that is read is there"
        : `${warnings} ${warnings === 1 ? "link is" : "links are"} never read`;
    context.reporter.report({ type: "summary", ok: true, exitCode: 0, durationMs, message });
    return 0;
  },
};
