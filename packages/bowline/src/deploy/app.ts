/** What an app says of itself for a stage, without running its program. */

import { readFileSync } from "node:fs";
import type { Home } from "../config/app.ts";
import type { Project } from "../config/project.ts";
import { runProgram } from "./local.ts";

/**
 * Where a stage lives. Most configs do not speak of homes at all, and then it is here; the others are asked, which
 * takes a process.
 */
export async function homeOf(project: Project, stage: string): Promise<Home> {
  if (!/\bhome\b/.test(readFileSync(project.configFile, "utf8"))) return "local";
  let home: Home = "local";
  await runProgram(
    { root: project.root, stage, operation: "preview", purpose: "app", stateDir: "" },
    {
      onApp: (app) => {
        home = app.home;
      },
    },
  );
  return home;
}
