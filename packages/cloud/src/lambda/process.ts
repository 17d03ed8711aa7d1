/** The process of an environment: a group of its own that ends as one, its output in lines. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Exit } from "./failure.ts";
import type { Guard } from "./guard.ts";
import { lineSplitter } from "./log-lines.ts";
import type { Launch } from "./runtimes.ts";

export interface ProcessOptions {
  readonly launch: Launch;
  readonly folder: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly guard: Guard;
  line(line: string, stream: "stdout" | "stderr"): void;
  /** It is gone, and what it wrote has been read. */
  gone(exit: Exit | undefined): void;
}

export interface Process {
  readonly pid: number | undefined;
  /** Ends it, and everything it started. */
  kill(): void;
  /** Gives out last lines that have no newline yet. */
  flush(): void;
  /** Resolves once nothing more comes of what was written before. */
  quiet(): Promise<void>;
}

/** How long the pipes of a dead process are waited for: one it started and that left its group may hold them. */
const PIPES_MAY_TAKE = 500;

export function startProcess(options: ProcessOptions): Process {
  const { launch, guard } = options;
  const child: ChildProcess = spawn(launch.command, [...launch.args], {
    cwd: options.folder,
    env: options.variables,
    stdio: ["ignore", "pipe", "pipe"],
    // A process group of its own: what the handler starts ends with it.
    detached: process.platform !== "win32",
  });
  const { pid } = child;
  if (pid) guard.watch(pid);

  let output = 0;
  const splitters = (["stdout", "stderr"] as const).map((stream) => {
    const splitter = lineSplitter((line) => options.line(line, stream));
    child[stream]?.on("data", (chunk: Buffer) => {
      output++;
      splitter.write(chunk);
    });
    child[stream]?.on("end", splitter.flush);
    return splitter;
  });

  let exit: Exit | undefined;
  let told = false;
  const gone = () => {
    if (told) return;
    told = true;
    if (pid) guard.forget(pid);
    options.gone(exit);
  };
  child.once("error", (error) => {
    exit = { code: null, signal: null, reason: error.message };
    gone();
  });
  child.once("exit", (code, signal) => {
    exit = { code, signal };
    killGroup(pid);
    setTimeout(gone, PIPES_MAY_TAKE).unref();
  });
  child.once("close", gone);

  return {
    pid,
    kill() {
      if (!killGroup(pid)) child.kill("SIGKILL");
    },
    flush() {
      for (const splitter of splitters) splitter.flush();
    },
    async quiet() {
      let seen: number;
      do {
        seen = output;
        await turn();
        await turn();
      } while (seen !== output);
    },
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function killGroup(pid: number | undefined): boolean {
  if (pid === undefined || process.platform === "win32") return false;
  try {
    process.kill(-pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}
