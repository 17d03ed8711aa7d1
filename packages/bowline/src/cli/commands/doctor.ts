import { chooseStage, findProject, type Project, stagePaths } from "../../config/project.ts";
import { examine, type Finding } from "../../doctor/checks.ts";
import { BowlineError } from "../../error.ts";
import type { Command } from "../command.ts";

const marks: Readonly<Record<Finding["state"], string>> = { fine: "✓", note: "-", wrong: "✗" };

export const doctor: Command = {
  summary: "Look at what this machine and this app need",
  inProject: false,
  async run({ options, reporter, json, started }) {
    const project = projectHere();
    const stage = chooseStage(typeof options.stage === "string" ? options.stage : undefined);
    const findings = await examine(project ? { project, paths: stagePaths(project, stage), stage } : {});
    const width = Math.max(...findings.map(({ subject }) => subject.length));
    for (const { subject, state, detail, hint } of findings) {
      const indent = " ".repeat(width + 4);
      reporter.print(`${marks[state]} ${subject.padEnd(width)}  ${detail.replaceAll("\n", `\n${indent}`)}`);
      if (hint) reporter.print(`${indent}${hint}`);
    }
    const ok = findings.every(({ state }) => state !== "wrong");
    reporter.report({
      type: "summary",
      ok,
      exitCode: ok ? 0 : 1,
      durationMs: performance.now() - started,
      ...(json ? { outputs: { findings } } : {}),
      message: "",
    });
    return ok ? 0 : 1;
  },
};

/** The doctor sees people without an app, too. */
function projectHere(): Project | undefined {
  try {
    return findProject(process.cwd());
  } catch (error) {
    if (error instanceof BowlineError) return undefined;
    throw error;
  }
}
