/** What an app says of itself for a stage, without running its program. */

import { type AppSettings, isLocal } from "../config/app.ts";
import type { Project } from "../config/project.ts";
import { BowlineError } from "../error.ts";
import { speaksOfHome } from "./speaks-of-home.ts";

/**
 * The settings of an app for a stage at home in a cloud; undefined for one that lives here. Most configs do not speak
 * of homes at all, and then it is here; the others are asked, which takes a process.
 */
export async function cloudSettings(project: Project, stage: string): Promise<AppSettings | undefined> {
  if (!speaksOfHome(project.configFile)) return undefined;
  let found: AppSettings | undefined;
  const { runProgram } = await import("./local.ts");
  const { result } = await runProgram(
    { root: project.root, stage, operation: "preview", purpose: "app", stateDir: "" },
    {
      onApp: (settings) => {
        found = settings;
      },
    },
  );
  if (found) return isLocal(found) ? undefined : found;
  // Where a stage lives must not be guessed: its secrets would be set here.
  const problem = result.diagnostics.find(({ severity }) => severity === "error");
  throw new BowlineError("program-failed", problem?.message ?? "app() of the config did not answer.", {
    exitCode: 1,
  });
}
