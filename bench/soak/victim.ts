/** The cloud in a process of its own: started, killed, started again on the same folder and port. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Ledger } from "./ledger.ts";
import { type ChildProcessId, factsOf, isAlive, type ProcessFacts } from "./process-facts.ts";

const SERVER = fileURLToPath(new URL("./server.ts", import.meta.url));
const ORPHANS_MAY_TAKE = 5000;

export interface Greeting {
  readonly port: number;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface VictimFacts extends ProcessFacts {
  /** What its garbage collector could not free. */
  readonly heapMiB: number;
}

export interface Victim {
  readonly greeting: Greeting;
  /** Grows when the cloud is killed, and again before it is started. */
  readonly epoch: number;
  /** Resolves at once while the cloud runs, else when it runs again. */
  up(): Promise<void>;
  readonly down: boolean;
  /** Known from the first seconds of a process on. */
  facts(): VictimFacts | undefined;
  /** Kills the cloud as `kill -9` does, and starts it again. */
  killAndRestart(): Promise<void>;
  /** Milliseconds from spawning the process to its first answer; the first start is the first. */
  readonly starts: readonly number[];
  /** Milliseconds until the last process of a function was gone, by kill. */
  readonly lingered: readonly number[];
  end(): Promise<void>;
}

export async function startVictim(dir: string, ledger: Ledger): Promise<Victim> {
  const starts: number[] = [];
  const lingered: number[] = [];
  let child: ChildProcess;
  let epoch = 0;
  let heapMiB: number | undefined;
  let ending = false;
  let ready: Promise<void> | undefined;

  async function start(port: number): Promise<Greeting> {
    const began = performance.now();
    child = spawn(process.execPath, ["--conditions=source", "--expose-gc", SERVER, dir, String(port)], {
      // The cloud ends when its standard input does, which is when this process is no more.
      stdio: ["pipe", "pipe", "pipe"],
    });
    let said = "";
    child.stderr?.on("data", (chunk) => {
      said = `${said}${chunk}`.slice(-4000);
    });
    const mine = child;
    child.once("exit", (code, signal) => {
      if (child === mine && ready === undefined && !ending) {
        ledger.violation("cloud", `it ended by itself with ${code ?? signal}: ${said}`);
      }
    });
    const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> });
    const line = await Promise.race([
      once(lines, "line").then(([text]) => String(text)),
      once(child, "exit").then(() => Promise.reject(new Error(`The cloud did not start: ${said}`))),
    ]);
    const greeting = JSON.parse(line) as Greeting;
    heapMiB = undefined;
    lines.on("line", (text) => {
      if (child === mine) heapMiB = Number(text);
    });
    await (await fetch(`http://127.0.0.1:${greeting.port}/`)).arrayBuffer();
    starts.push(performance.now() - began);
    return greeting;
  }

  async function kill(): Promise<void> {
    const orphans = child.pid === undefined ? [] : (factsOf(child.pid)?.children ?? []);
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    await watchOrphans(orphans);
  }

  /** Functions must end by themselves. The next cloud waits for it, so that what they tell is never taken for its doing. */
  async function watchOrphans(orphans: readonly ChildProcessId[]): Promise<void> {
    ledger.count("cloud", "processes of functions at a kill", orphans.length);
    const began = performance.now();
    while (orphans.some(isAlive)) {
      if (performance.now() > began + ORPHANS_MAY_TAKE) {
        const left = orphans.filter(isAlive).map(({ pid }) => pid);
        ledger.violation("cloud", `processes outlived it: ${left.join(", ")}`);
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    lingered.push(performance.now() - began);
  }

  const greeting = await start(0);
  return {
    greeting,
    get epoch() {
      return epoch;
    },
    get down() {
      return ready !== undefined;
    },
    up: () => ready ?? Promise.resolve(),
    facts() {
      const facts = child.pid === undefined || ready ? undefined : factsOf(child.pid);
      return facts && heapMiB !== undefined ? { ...facts, heapMiB } : undefined;
    },
    async killAndRestart() {
      epoch++;
      ready = kill()
        .then(() => {
          epoch++;
          return start(greeting.port);
        })
        .then(() => {
          ready = undefined;
        });
      await ready;
    },
    starts,
    lingered,
    async end() {
      ending = true;
      if (child.exitCode === null && child.signalCode === null) await kill();
    },
  };
}
