import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Remembers the runtime's process, which outlives a command that is killed, and would work on the same data. */
export interface Leftover {
  /** Ends what a killed command left running. */
  end(): void;
  remember(): void;
  forget(): void;
}

export function leftoverRuntime(folder: string): Leftover {
  const file = join(folder, "runtime.pid");
  return {
    end() {
      for (const pid of readPids(file)) if (isRuntime(pid)) process.kill(pid, "SIGKILL");
      rmSync(file, { force: true });
    },
    remember: () => writeFileSync(file, ownRuntimes().join("\n"), { mode: 0o600 }),
    forget: () => rmSync(file, { force: true }),
  };
}

/** miniflare does not tell its process; Node knows it among what keeps this one alive. */
function ownRuntimes(): number[] {
  const { _getActiveHandles: handles } = process as { _getActiveHandles?: () => unknown[] };
  const children = (handles?.() ?? []) as { readonly pid?: number; readonly spawnfile?: string }[];
  return children.flatMap(({ pid, spawnfile }) => (pid && spawnfile?.includes("workerd") ? [pid] : []));
}

function readPids(file: string): number[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .map(Number)
      .filter((pid) => pid > 1);
  } catch {
    return [];
  }
}

/** Numbers of processes are given again: only what is a runtime is ended. */
function isRuntime(pid: number): boolean {
  try {
    return /workerd\S* serve/.test(
      execFileSync("ps", ["-p", String(pid), "-o", "args="], { encoding: "utf8" }),
    );
  } catch {
    return false;
  }
}
