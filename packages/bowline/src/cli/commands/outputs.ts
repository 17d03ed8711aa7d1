import { manifestOf, readManifest } from "../../deploy/manifest.ts";
import { notDeployed } from "../../deploy/not-deployed.ts";
import { projectKeys } from "../../secrets/key.ts";
import { cloudStage } from "../cloud-stage.ts";
import type { Command } from "../command.ts";
import { shownOutputs } from "../stage-session.ts";

export const outputs: Command = {
  summary: "Print what the program returned when it was deployed last",
  async run(context) {
    const { paths, project, stage, reporter, json, started } = context;
    const cloud = await cloudStage(context);
    const manifest = cloud
      ? manifestOf(await cloud.state.read(), stage)
      : await readManifest(paths.state, projectKeys(project).state, stage);
    if (!manifest) throw notDeployed(stage);
    const shown = shownOutputs(manifest);
    for (const [name, value] of Object.entries(shown)) {
      reporter.print(`${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
    }
    reporter.report({
      type: "summary",
      ok: true,
      exitCode: 0,
      durationMs: performance.now() - started,
      // A person has them already, on stdout.
      ...(json ? { outputs: shown } : {}),
      message: "",
    });
    return 0;
  },
};
