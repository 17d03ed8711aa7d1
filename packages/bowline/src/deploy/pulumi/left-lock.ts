/**
 * The lock of a killed run. It names a host and a process, and both may be another's: containers share names of hosts,
 * and count processes anew. So what is started here is written down, with what tells this machine and this process from
 * any other; only a lock that was certainly left by one of ours is taken away unasked.
 */

import { readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

export interface LeftLock {
  /** Writes down the process that is about to take the lock. */
  remember(pid: number | undefined): void;
  forget(): void;
  /** Whether what the CLI says of a lock is about one that a process of ours left when it was killed. */
  isOurs(said: string): boolean;
}

interface Claim {
  readonly pid: number;
  readonly host: string;
  readonly machine: string;
  readonly started: string;
}

/** More runs than this are not killed in a row before one is let through. */
const KEPT = 8;

export function leftLock(folder: string): LeftLock {
  const file = join(folder, "running.json");
  const own: Claim[] = [];
  return {
    remember(pid) {
      if (pid === undefined) return;
      const claim: Claim = { pid, host: hostname(), machine: machine(), started: startOf(pid) };
      own.push(claim);
      // Those of killed runs stay: one of them may have left the lock that is in the way.
      writeFileSync(file, JSON.stringify([...readClaims(file), claim].slice(-KEPT)));
    },
    forget() {
      const others = readClaims(file).filter(({ pid }) => !own.some((claim) => claim.pid === pid));
      if (others.length > 0) writeFileSync(file, JSON.stringify(others));
      else rmSync(file, { force: true });
    },
    isOurs(said) {
      // The CLI says the same in several places.
      const [holder, ...others] = new Set(said.match(/created by \S+@\S+ \(pid \d+\) at /g));
      const [, host, pid] = /@(\S+) \(pid (\d+)\)/.exec(holder ?? "") ?? [];
      const claim = readClaims(file).find((each) => each.pid === Number(pid) && each.host === host);
      return claim !== undefined && others.length === 0 && claim.machine === machine() && !isAlive(claim);
    },
  };
}

function readClaims(file: string): Claim[] {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Claim[];
  } catch {
    return [];
  }
}

/** This start of this machine, and the view of its processes that a container has. */
function machine(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return hostname();
  }
}

function isAlive({ pid, started }: Claim): boolean {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code !== "ESRCH";
  }
  // Its number may be another's by now, and a zombie holds nothing any more.
  return startOf(pid) === started;
}

/** Tells a process from a later one of the same number, where the system offers that. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "ended" : (fields[19] ?? "");
  } catch {
    return "";
  }
}
