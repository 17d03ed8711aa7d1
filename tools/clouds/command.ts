/** Runs the built `bowline`, apart from the terminal: Ctrl-C reaches it once, and from us. */

import { spawn } from "node:child_process";
import { join } from "node:path";
import { WORKSPACE } from "./app-copy.ts";

const BIN = join(WORKSPACE, "packages/bowline/bin/bowline.mjs");

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  /** Of `--json`: what its last line says. */
  readonly summary: Readonly<Record<string, unknown>>;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  /** Each line that it says of its progress. */
  readonly onLine?: (line: string) => void;
}

export async function bowline(args: readonly string[], options: RunOptions): Promise<Ran> {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: options.cwd,
    env: { ...options.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32",
  });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    for (const line of text.split("\n")) if (line.trim()) options.onLine?.(line);
  });
  const interrupt = () => child.kill("SIGINT");
  options.signal?.addEventListener("abort", interrupt, { once: true });
  if (options.signal?.aborted) interrupt();
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  options.signal?.removeEventListener("abort", interrupt);
  return { code, stdout, summary: lastObject(stdout) };
}

function lastObject(stdout: string): Record<string, unknown> {
  for (const line of stdout.trim().split("\n").reverse()) {
    try {
      return Object(JSON.parse(line)) as Record<string, unknown>;
    } catch {
      // Not a line of ours.
    }
  }
  return {};
}

/** What went wrong, as the events of `--json` tell it. */
export function problemsOf({ code, stdout }: Ran): string {
  const errors = stdout.split("\n").flatMap((line) => {
    if (!line.startsWith("{")) return [];
    const { type, message } = JSON.parse(line) as { type?: string; message?: string };
    return type === "error" && message ? [message] : [];
  });
  return errors.join("\n") || `it ended with code ${code}`;
}
