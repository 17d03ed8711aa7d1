/** What Linux tells of processes; elsewhere nothing is known and nothing is claimed. */
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessFacts {
  readonly rssMiB: number;
  readonly handles: number;
  readonly children: readonly ChildProcessId[];
}

/** A pid is used again in time; with its start it names one process. */
export interface ChildProcessId {
  readonly pid: number;
  readonly started: string;
}

interface Stat {
  readonly parent: number;
  readonly state: string;
  readonly started: string;
}

function statOf(pid: number | string): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in brackets, may hold anything.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", parent: Number(fields[1]), started: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}

export function factsOf(pid: number): ProcessFacts | undefined {
  try {
    const rss = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    const children = readdirSync("/proc").flatMap((name) => {
      const stat = /^\d+$/.test(name) ? statOf(name) : undefined;
      return stat?.parent === pid ? [{ pid: Number(name), started: stat.started }] : [];
    });
    return { rssMiB: Number(rss) / 1024, handles: readdirSync(`/proc/${pid}/fd`).length, children };
  } catch {
    return undefined;
  }
}

export function isAlive({ pid, started }: ChildProcessId): boolean {
  const stat = statOf(pid);
  return stat !== undefined && stat.started === started && stat.state !== "Z";
}
