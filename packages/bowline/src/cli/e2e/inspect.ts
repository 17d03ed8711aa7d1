/** What commands and their apps left behind. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AppFolder } from "./app-folder.ts";

/** The files under a folder that hold a text. */
export function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}

/** Processes that still mention the app's folder. */
export function processesIn(dir: string): string[] {
  return execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(dir));
}

/** What TypeScript has against the app's own code, an error a line. */
export function typeErrors(app: AppFolder): string[] {
  try {
    execFileSync(process.execPath, [join(app.dir, "node_modules/typescript/bin/tsc"), "-p", app.dir], {
      cwd: app.dir,
    });
    return [];
  } catch (error) {
    return String((error as { stdout: Buffer }).stdout)
      .split("\n")
      .filter((line) => /^\S+\(\d/.test(line));
  }
}
