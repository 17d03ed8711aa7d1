import type { Miniflare as MiniflareInstance, MiniflareOptions } from "miniflare";
import { BowlineError } from "../error.ts";
import { type Applied, appliedOf, codeChange } from "./code-change.ts";
import { followLog, type WorkerLine } from "./log.ts";
import { loadMiniflare, type Miniflare } from "./miniflare.ts";
import type { Absent, RuntimeOptions } from "./runtime-options.ts";
import { type Workerd, withWorkerd } from "./workerd.ts";

const PORT_TAKEN = "Address already in use";

/** The process that runs Workers: started when there is one, started anew when they change. */
export interface WorkersRuntime {
  /** Brings it to these options; fails with what the runtime said. */
  apply(options: (absent: Absent) => Promise<RuntimeOptions>): Promise<void>;
  /** The port of a Worker, once it runs what was applied last. */
  port(scriptName: string): Promise<number | undefined>;
  scheduled(scriptName: string, cron: string, time: Date): Promise<void>;
  stop(): Promise<void>;
}

export function workersRuntime(root: string, onLine: (line: WorkerLine) => void): WorkersRuntime {
  let miniflare: Miniflare | undefined;
  let instance: MiniflareInstance | undefined;
  let workerd: Workerd | undefined;
  let applied: Applied | undefined;
  let scripts: ReadonlySet<string> = new Set();
  let current: Promise<void> = Promise.resolve();
  /** What the runtime wrote while it was being started. */
  let said: string[] | undefined;

  const tell = (line: WorkerLine) => {
    said?.push(line.line);
    onLine(line);
  };

  async function change(make: (absent: Absent) => Promise<RuntimeOptions>): Promise<void> {
    miniflare ??= await loadMiniflare(root);
    const { NoOpLog, Response } = miniflare;
    const options = await make(
      (service) => () => new Response(`The Worker ${service} is not deployed.`, { status: 503 }),
    );
    if (options.workers.length === 0) {
      scripts = new Set();
      await instance?.dispose();
      instance = undefined;
      return;
    }
    const next = appliedOf(options);
    if (await changeCode(next)) return;
    const whole = {
      ...options,
      log: new NoOpLog(),
      handleRuntimeStdio(stdout: NodeJS.ReadableStream, stderr: NodeJS.ReadableStream) {
        followLog(stdout as import("node:stream").Readable, "stdout", tell);
        followLog(stderr as import("node:stream").Readable, "stderr", tell);
      },
    };
    try {
      await start(miniflare.Miniflare, whole);
    } catch (cause) {
      // A runtime that is started anew keeps its ports, which another program may have taken in between.
      if (!(cause instanceof RuntimeFailure && cause.words.some((line) => line.includes(PORT_TAKEN))))
        throw cause;
      await start(miniflare.Miniflare, whole);
    }
    applied = next;
    scripts = new Set(options.workers.map(({ name = "" }) => name));
  }

  async function start(Runtime: Miniflare["Miniflare"], whole: MiniflareOptions): Promise<void> {
    said = [];
    try {
      applied = undefined;
      await withWorkerd(
        (started) => {
          workerd = started;
        },
        async () => {
          if (instance) await instance.setOptions(whole);
          else {
            instance = keepSignals(() => new Runtime(whole));
            await instance.ready;
          }
        },
      );
    } catch (cause) {
      const words = said.filter((line) => line.trim() !== "");
      // One that failed does not always recover: the next start is that of another.
      await instance?.dispose().catch(() => undefined);
      instance = undefined;
      scripts = new Set();
      throw new RuntimeFailure(words, cause);
    } finally {
      said = undefined;
    }
  }

  /** Whether nothing has changed but code, and that was all it took. */
  async function changeCode(next: Applied): Promise<boolean> {
    const changes = instance && applied && codeChange(applied, next);
    if (!changes || !workerd) return false;
    if (changes.length === 0) return true;
    said = [];
    try {
      if (!(await workerd.exchange(changes))) return false;
      applied = next;
      return true;
    } catch (cause) {
      throw new RuntimeFailure(
        said.filter((line) => line.trim() !== ""),
        cause,
      );
    } finally {
      said = undefined;
    }
  }

  /** One change after the other. */
  function after<T>(work: () => Promise<T>): Promise<T> {
    const done = current.then(work);
    current = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  return {
    apply: (options) => after(() => change(options)),
    async port(scriptName) {
      await current;
      if (!instance || !scripts.has(scriptName)) return undefined;
      return Number((await instance.unsafeGetDirectURL(scriptName)).port);
    },
    async scheduled(scriptName, cron, time) {
      await current;
      if (!instance || !scripts.has(scriptName)) return;
      const worker = await instance.getWorker(scriptName);
      await worker.scheduled({ cron, scheduledTime: time });
    },
    stop: () =>
      after(async () => {
        const stopped = instance;
        instance = undefined;
        scripts = new Set();
        await stopped?.dispose();
      }),
  };
}

/**
 * miniflare ends the process when it is interrupted. Here the command does, which has more to end; that miniflare ends
 * its own process when this one does stays as it is.
 */
function keepSignals<T>(create: () => T): T {
  const signals = ["SIGINT", "SIGTERM"] as const;
  const before = new Set(signals.flatMap((signal) => process.listeners(signal)));
  const created = create();
  for (const signal of signals) {
    for (const listener of process.listeners(signal))
      if (!before.has(listener)) process.off(signal, listener);
  }
  return created;
}

/** The runtime did not start, and why as far as it said. */
export class RuntimeFailure extends BowlineError {
  readonly words: readonly string[];

  constructor(words: readonly string[], cause: unknown) {
    const first = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
    super("worker-failed", words.length > 0 ? words.join("\n") : first, { exitCode: 1, cause });
    this.words = words;
  }
}
