import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { BowlineError } from "../error.ts";

/**
 * Refuses a command that is not there, before an app is started for it. It is looked for where it will be when it
 * runs: a path from the folder of the shell, a name in the app's `node_modules/.bin` and on PATH.
 */
export function requireExecutable(command: string, root: string, env: NodeJS.ProcessEnv): void {
  // Other endings and rules: there the system says so when it is started.
  if (process.platform === "win32") return;
  const folders = [join(root, "node_modules", ".bin"), ...(env.PATH ?? "").split(delimiter)];
  const candidates = command.includes("/")
    ? [resolve(command)]
    : folders.filter((folder) => folder !== "").map((folder) => join(folder, command));
  if (candidates.some(isExecutable)) return;
  throw new BowlineError("no-command", `There is no command "${command}".`, {
    hint: command.includes("/")
      ? `${resolve(command)} is no file that can be run.`
      : "It is looked for on PATH and in the app's node_modules/.bin.",
  });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
