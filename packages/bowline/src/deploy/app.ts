/** What an app says of itself for a stage, without running its program. */

import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { type AppSettings, isLocal } from "../config/app.ts";
import type { Project } from "../config/project.ts";

/**
 * The settings of an app for a stage at home in a cloud; undefined for one that lives here. Most configs do not speak
 * of homes at all, and then it is here; the others are asked, which takes a process.
 */
export async function cloudSettings(project: Project, stage: string): Promise<AppSettings | undefined> {
  if (!speaksOfHome(project.configFile)) return undefined;
  let found: AppSettings | undefined;
  const { runProgram } = await import("./local.ts");
  await runProgram(
    { root: project.root, stage, operation: "preview", purpose: "app", stateDir: "" },
    {
      onApp: (settings) => {
        found = settings;
      },
    },
  );
  return found && isLocal(found) ? undefined : found;
}

/** Whether a module, or one of the app's own that it imports, has the word. */
function speaksOfHome(file: string, seen = new Set<string>()): boolean {
  if (seen.has(file)) return false;
  seen.add(file);
  const text = readFileSync(file, "utf8");
  if (/\bhome\b/.test(text)) return true;
  return [...text.matchAll(/["'](\.{1,2}\/[^"'\n]*)["']/g)].some(([, path = ""]) => {
    const module = moduleAt(join(dirname(file), path));
    return module !== undefined && speaksOfHome(module, seen);
  });
}

const ENDINGS = ["", ".ts", ".mts", ".js", ".mjs", ".json", "/index.ts", "/index.js"];

function moduleAt(path: string): string | undefined {
  return ENDINGS.map((ending) => path + ending).find(
    (candidate) => existsSync(candidate) && statSync(candidate).isFile(),
  );
}
