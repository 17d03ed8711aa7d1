import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Front, openFront } from "./front.ts";

/** The URLs of a stage's Workers. A Worker keeps its port, so that its URL stays the same from one start to the next. */
export interface Fronts {
  url(scriptName: string): Promise<string>;
  /** Forgets the Worker's port as well. */
  close(scriptName: string): Promise<void>;
  stop(): Promise<void>;
}

/** Where people look for a Worker. */
const FIRST = 8787;
const LAST = 9786;

export function openFronts(
  folder: string,
  warn: (message: string) => void,
  runtimePort: (scriptName: string) => Promise<number | undefined>,
): Fronts {
  const file = join(folder, "ports.json");
  const kept = readPorts(file);
  const open = new Map<string, Promise<Front>>();

  function keep(): void {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(file, JSON.stringify(kept));
  }

  async function start(scriptName: string): Promise<Front> {
    const wanted = kept[scriptName];
    const own = wanted === undefined ? undefined : await attempt(wanted, scriptName);
    const front = own ?? (await anywhere(scriptName));
    if (wanted !== undefined && own === undefined) {
      warn(
        `Port ${wanted} is in use by another program: the Worker ${scriptName} moves to port ${front.port}, and its URL with it.`,
      );
    }
    if (kept[scriptName] !== front.port) {
      kept[scriptName] = front.port;
      keep();
    }
    return front;
  }

  async function attempt(port: number, scriptName: string): Promise<Front | undefined> {
    try {
      return await openFront(port, () => runtimePort(scriptName));
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === "EADDRINUSE" || code === "EACCES") return undefined;
      throw cause;
    }
  }

  async function anywhere(scriptName: string): Promise<Front> {
    const others = new Set(Object.values(kept));
    for (let port = FIRST; port <= LAST; port++) {
      const front = others.has(port) ? undefined : await attempt(port, scriptName);
      if (front) return front;
    }
    return openFront(0, () => runtimePort(scriptName));
  }

  return {
    async url(scriptName) {
      let front = open.get(scriptName);
      if (!front) {
        front = start(scriptName);
        open.set(scriptName, front);
        front.catch(() => open.delete(scriptName));
      }
      return `http://127.0.0.1:${(await front).port}`;
    },
    async close(scriptName) {
      const front = open.get(scriptName);
      open.delete(scriptName);
      await (await front)?.stop();
      if (kept[scriptName] === undefined) return;
      delete kept[scriptName];
      keep();
    },
    async stop() {
      await Promise.all([...open.values()].map(async (front) => (await front).stop()));
      open.clear();
    },
  };
}

function readPorts(file: string): Record<string, number> {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Record<string, number>;
  } catch {
    return {};
  }
}
