import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const WORKSPACE = fileURLToPath(new URL("../../../../..", import.meta.url));
const BIN = fileURLToPath(new URL("../../../bin/bowline.mjs", import.meta.url));

/** What a finished command left behind. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** With `--json`: the events of stdout. */
  readonly events: readonly Record<string, unknown>[];
}

/** A command that runs on, with what it has written so far. */
export interface Started {
  readonly process: ChildProcess;
  /** Resolves with the first line of either stream that matches. */
  line(pattern: RegExp): Promise<string>;
  readonly finished: Promise<Finished>;
}

export interface AppFolder extends AsyncDisposable {
  readonly dir: string;
  /** Bowline's key and caches for this app. */
  readonly home: string;
  write(files: Readonly<Record<string, string>>): void;
  bowline(...args: string[]): Promise<Finished>;
  start(args: readonly string[], env?: NodeJS.ProcessEnv): Started;
}

/** An app in a folder of its own, worked on with the built command. */
export function appFolder(files: Readonly<Record<string, string>>): AppFolder {
  const base = mkdtempSync(join(tmpdir(), "bowline-app-"));
  const dir = join(base, "app");
  const home = join(base, "home");
  const running = new Set<ChildProcess>();
  mkdirSync(dir);
  symlinkSync(join(WORKSPACE, "node_modules"), join(dir, "node_modules"));
  const app: AppFolder = {
    dir,
    home,
    write(more) {
      for (const [path, content] of Object.entries(more)) {
        mkdirSync(dirname(join(dir, path)), { recursive: true });
        writeFileSync(join(dir, path), content);
      }
    },
    bowline: (...args) => app.start(args).finished,
    start(args, env = {}) {
      const child = spawn(process.execPath, [BIN, ...args], {
        cwd: dir,
        env: { ...process.env, NO_COLOR: "1", XDG_CONFIG_HOME: home, NODE_OPTIONS: "", ...env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      running.add(child);
      child.once("close", () => running.delete(child));
      return follow(child, args.includes("--json"));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(
        [...running].map(
          (child) =>
            new Promise((resolve) => {
              child.once("close", resolve);
              child.kill("SIGKILL");
            }),
        ),
      );
      rmSync(base, { recursive: true, force: true });
    },
  };
  app.write(files);
  return app;
}

function follow(child: ChildProcess, json: boolean): Started {
  const text = { stdout: "", stderr: "" };
  const waiting = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (chunk: string) => {
      text[name] += chunk;
      for (const check of waiting) check();
    });
  }
  const finished = new Promise<Finished>((resolve) => {
    child.once("close", (code) => resolve({ code, ...text, events: json ? parseEvents(text.stdout) : [] }));
  });
  return {
    process: child,
    finished,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const found = `${text.stdout}\n${text.stderr}`
            .split("\n")
            .find((candidate) => pattern.test(candidate));
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found);
        };
        waiting.add(check);
        check();
        void finished.then(() =>
          reject(new Error(`ended without ${pattern}:\n${text.stdout}\n${text.stderr}`)),
        );
      }),
  };
}

function parseEvents(stdout: string): Record<string, unknown>[] {
  return stdout
    .split("\n")
    .flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Record<string, unknown>] : []));
}
