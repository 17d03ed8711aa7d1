/** Starts the CLI so that Ctrl-C reaches it once, and from us. */

import { spawn } from "node:child_process";
import type { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import type { LeftLock } from "./left-lock.ts";

/** What the Automation API asks of a command; the method is not in its types. */
export interface Runner {
  run(
    args: string[],
    cwd: string,
    env: Record<string, string>,
    onOutput?: (text: string) => void,
    onError?: (text: string) => void,
    signal?: AbortSignal,
  ): Promise<{ stdout: string; stderr: string; code: number }>;
}

/** An operation that ended badly; what it printed says why. */
export class PulumiFailure extends Error {
  readonly said: string;
  constructor(operation: string, code: number | null, said: string) {
    super(`pulumi ${operation} ended with ${code === null ? "a signal" : `code ${code}`}`);
    this.said = said;
  }
}

const OPERATIONS = new Set(["up", "preview", "destroy", "refresh"]);

/**
 * A terminal sends Ctrl-C to a whole group of processes, and the CLI takes a second one for "at once": so what changes
 * things runs in a group of its own, and an aborted signal tells it, once, to finish what is in flight.
 */
export function ownGroup(command: PulumiCommand, lock: LeftLock): PulumiCommand {
  const stock = command as unknown as Runner;
  const run: Runner["run"] = async (args, cwd, env, onOutput, onError, signal) => {
    const [first = "", second = ""] = args;
    if (OPERATIONS.has(first)) return operate(command.command, args, cwd, env, signal, lock);
    // Asked for after each operation, with a start of the CLI each; the state tells all of it.
    if (first === "stack" && second === "output") return { stdout: "{}", stderr: "", code: 0 };
    if (first === "stack" && second === "history") return { stdout: "[]", stderr: "", code: 0 };
    return stock.run(args, cwd, env, onOutput, onError, signal);
  };
  return Object.assign(Object.create(command), { run }) as PulumiCommand;
}

async function operate(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
  signal: AbortSignal | undefined,
  lock: LeftLock,
): Promise<{ stdout: string; stderr: string; code: number }> {
  const child = spawn(program, [...args, "--non-interactive"], {
    cwd,
    env: { ...process.env, ...env, PULUMI_AUTOMATION_API: "true" },
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32",
  });
  lock.remember(child.pid);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const interrupt = () => void child.kill("SIGINT");
  if (signal?.aborted) interrupt();
  signal?.addEventListener("abort", interrupt, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    if (code !== 0) throw new PulumiFailure(args[0] ?? "", code, `${stdout}\n${stderr}`);
    return { stdout, stderr, code };
  } finally {
    signal?.removeEventListener("abort", interrupt);
    lock.forget();
  }
}
