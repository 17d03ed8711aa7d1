/** The secrets of a stage that lives on this machine. */

import { type Project, stagePaths } from "../config/project.ts";
import { projectKeys } from "./key.ts";
import { openSecrets } from "./store.ts";

/** Its own values, and for the rest those of the fallback. */
export function localSecrets(project: Project, stage: string): Map<string, string> {
  const key = projectKeys(project).secrets;
  return new Map([
    ...openSecrets(project.fallbackSecrets, key).load(),
    ...openSecrets(stagePaths(project, stage).secrets, key).load(),
  ]);
}
