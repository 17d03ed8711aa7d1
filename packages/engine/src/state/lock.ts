/**
 * One run at a time on one stage. The lock is a file that says who holds it; it comes into being whole, by a hard
 * link, and the lock of a process that died is taken over by exactly one of those who notice.
 */

import { randomUUID } from "node:crypto";
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly since: string;
  readonly command: string;
}

interface Claim extends LockHolder {
  readonly token: string;
  /** Tells a process from a later one with the same pid, where the system offers that. */
  readonly startTime?: string;
}

export class LockedError extends Error {
  readonly holder: LockHolder;

  constructor(holder: LockHolder) {
    const where =
      holder.host === hostname() ? `process ${holder.pid}` : `process ${holder.pid} on ${holder.host}`;
    super(`another run holds this stage: ${where}, since ${holder.since} (${holder.command})`);
    this.name = "LockedError";
    this.holder = holder;
  }
}

export interface Lock {
  release(): Promise<void>;
}

const LOCK = "lock";

/** Takes the lock of a state folder, or throws `LockedError`. */
export async function acquireLock(stateDir: string, command: string): Promise<Lock> {
  await mkdir(stateDir, { recursive: true });
  const path = join(stateDir, LOCK);
  const claim: Claim = {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    command,
    token: randomUUID(),
    ...(await startTimeOf(process.pid)),
  };
  const draft = join(stateDir, `.${LOCK}-${claim.token}`);
  await writeFile(draft, JSON.stringify(claim));
  try {
    await claimPath(path, draft);
  } finally {
    await rm(draft, { force: true });
  }
  await removeLeftovers(stateDir);
  return {
    async release() {
      const current = await readClaim(path);
      if (current?.token === claim.token) await rm(path, { force: true });
    },
  };
}

/** Who holds the lock of a state folder; `undefined` when nobody does, or when its holder died. */
export async function lockHolder(stateDir: string): Promise<LockHolder | undefined> {
  const claim = await readClaim(join(stateDir, LOCK));
  return claim && (await isAlive(claim)) ? publicPart(claim) : undefined;
}

/** Removes a lock whoever holds it: for a holder on another machine that is known to be gone. */
export async function breakLock(stateDir: string): Promise<LockHolder | undefined> {
  const claim = await readClaim(join(stateDir, LOCK));
  await rm(join(stateDir, LOCK), { force: true });
  return claim && publicPart(claim);
}

/**
 * Makes `draft` the file at `path`. A dead holder is replaced under a second lock, named after the dead claim's
 * token, which works the same way: so even a process that dies while taking over blocks nobody.
 */
async function claimPath(path: string, draft: string): Promise<void> {
  for (;;) {
    try {
      await link(draft, path);
      return;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
    const holder = await readClaim(path);
    if (holder === undefined) continue;
    if (await isAlive(holder)) throw new LockedError(publicPart(holder));
    const takeover = `${path}.${holder.token.slice(0, 8)}`;
    await claimPath(takeover, draft);
    try {
      const current = await readClaim(path);
      if (current?.token !== holder.token) continue;
      const replacement = `${draft}-takeover`;
      await link(draft, replacement);
      await rename(replacement, path);
      return;
    } finally {
      await rm(takeover, { force: true });
    }
  }
}

/** The holder may clear what takeovers that were themselves killed have left. */
async function removeLeftovers(stateDir: string): Promise<void> {
  for (const name of await readdir(stateDir)) {
    if (!name.startsWith(`${LOCK}.`) && !name.startsWith(`.${LOCK}-`)) continue;
    const path = join(stateDir, name);
    const claim = await readClaim(path);
    if (claim && !(await isAlive(claim))) await rm(path, { force: true });
  }
}

async function readClaim(path: string): Promise<Claim | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as Claim;
  } catch {
    const unreadable = { pid: 0, host: "unknown", since: "unknown", command: `unreadable lock file ${path}` };
    return { ...unreadable, token: "unreadable" };
  }
}

async function isAlive(claim: Claim): Promise<boolean> {
  // Of a process elsewhere nothing can be known: it counts as alive until `breakLock`.
  if (claim.host !== hostname() || claim.pid === 0) return true;
  try {
    process.kill(claim.pid, 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return false;
  }
  const now = await startTimeOf(claim.pid);
  return claim.startTime === undefined || now.startTime === undefined || now.startTime === claim.startTime;
}

async function startTimeOf(pid: number): Promise<{ startTime?: string }> {
  if (process.platform !== "linux") return {};
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie holds nothing any more, though its pid still answers.
    if (fields[0] === "Z") return { startTime: "zombie" };
    const startTime = fields[19];
    return startTime === undefined ? {} : { startTime };
  } catch {
    return {};
  }
}

function publicPart({ pid, host, since, command }: Claim): LockHolder {
  return { pid, host, since, command };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
