/**
 * The execution environments of all functions: reused while warm, started on demand, reaped when idle,
 * replaced when a function's code or configuration changes.
 */
import { AwsError } from "../error.ts";
import type { Environment } from "./environment.ts";
import type { Invocation, InvocationResult } from "./invocation.ts";
import type { FunctionVersion } from "./model.ts";

export interface PoolOptions {
  /** Starts an environment; `ended` is to be called when it takes no more work. */
  start(target: FunctionVersion, ended: () => void): Promise<{ environment: Environment; expires?: number }>;
  /** Environments of one version at a time; beyond it invocations wait their turn. */
  readonly largest?: number;
  /** Milliseconds after which an idle environment is ended. */
  readonly idleAfter?: number;
}

export interface Pool {
  /** Runs the invocation; refuses it when the function's reserved concurrency is used up. */
  invoke(
    target: FunctionVersion,
    reserved: number | undefined,
    invocation: Invocation,
  ): Promise<InvocationResult>;
  /** Ends the environments of a function once each has finished what it runs. */
  retire(functionName: string, version?: string): void;
  /** Ends the environments of a function now. */
  remove(functionName: string): Promise<void>;
  stop(): Promise<void>;
}

const LARGEST = 50;
const IDLE_AFTER = 5 * 60_000;

interface Member {
  readonly environment: Environment;
  readonly expires: number;
  lastUsed: number;
}

/** The environments of one version under one configuration. */
interface Group {
  readonly functionName: string;
  readonly version: string;
  readonly revision: string;
  readonly idle: Member[];
  readonly members: Set<Member>;
  readonly queue: (() => void)[];
  starting: number;
  retired: boolean;
}

export function createPool(options: PoolOptions): Pool {
  const largest = options.largest ?? LARGEST;
  const idleAfter = options.idleAfter ?? IDLE_AFTER;
  const groups = new Map<string, Group>();
  const retiring = new Set<Group>();
  const running = new Map<string, number>();
  let stopped = false;
  const reaper = setInterval(reap, Math.max(50, idleAfter / 4));
  reaper.unref();

  function groupOf(target: FunctionVersion): Group {
    const key = `${target.name}:${target.version}`;
    const found = groups.get(key);
    if (found && found.revision === target.revisionId) return found;
    if (found) retireGroup(key, found);
    const group: Group = {
      functionName: target.name,
      version: target.version,
      revision: target.revisionId,
      idle: [],
      members: new Set(),
      queue: [],
      starting: 0,
      retired: false,
    };
    groups.set(key, group);
    return group;
  }

  async function acquire(group: Group, target: FunctionVersion): Promise<Member> {
    for (;;) {
      const member = group.idle.pop();
      if (member) {
        if (usable(member)) return member;
        discard(group, member);
        continue;
      }
      if (group.members.size + group.starting < largest) return grow(group, target);
      await new Promise<void>((ready) => group.queue.push(ready));
    }
  }

  async function grow(group: Group, target: FunctionVersion): Promise<Member> {
    group.starting++;
    try {
      let member: Member | undefined;
      const { environment, expires } = await options.start(target, () => {
        if (member) group.members.delete(member);
        group.queue.shift()?.();
      });
      member = { environment, expires: expires ?? Number.POSITIVE_INFINITY, lastUsed: Date.now() };
      group.members.add(member);
      if (stopped) {
        await environment.stop();
        throw shuttingDown();
      }
      return member;
    } catch (error) {
      group.queue.shift()?.();
      throw error;
    } finally {
      group.starting--;
    }
  }

  function release(group: Group, member: Member): void {
    member.lastUsed = Date.now();
    if (group.retired || stopped || !usable(member)) discard(group, member);
    else {
      group.idle.push(member);
      group.queue.shift()?.();
    }
  }

  function usable(member: Member): boolean {
    return !member.environment.dead && member.expires > Date.now();
  }

  function discard(group: Group, member: Member): void {
    group.members.delete(member);
    const index = group.idle.indexOf(member);
    if (index >= 0) group.idle.splice(index, 1);
    void member.environment.stop();
    group.queue.shift()?.();
    if (group.members.size === 0 && group.starting === 0) retiring.delete(group);
  }

  function retireGroup(key: string, group: Group): void {
    group.retired = true;
    groups.delete(key);
    retiring.add(group);
    for (const member of [...group.idle]) discard(group, member);
    if (group.members.size === 0 && group.starting === 0) retiring.delete(group);
  }

  function reap(): void {
    const before = Date.now() - idleAfter;
    for (const group of groups.values()) {
      for (const member of [...group.idle])
        if (member.lastUsed < before || !usable(member)) discard(group, member);
    }
  }

  function everyGroup(functionName?: string): Group[] {
    return [...groups.values(), ...retiring].filter(
      (group) => functionName === undefined || group.functionName === functionName,
    );
  }

  return {
    async invoke(target, reserved, invocation) {
      if (stopped) throw shuttingDown();
      const count = running.get(target.name) ?? 0;
      if (reserved !== undefined && count >= reserved) throw throttled();
      running.set(target.name, count + 1);
      try {
        for (;;) {
          const group = groupOf(target);
          const member = await acquire(group, target);
          try {
            const result = await member.environment.invoke(invocation);
            if (result) return result;
          } finally {
            release(group, member);
          }
        }
      } finally {
        const left = (running.get(target.name) ?? 1) - 1;
        if (left > 0) running.set(target.name, left);
        else running.delete(target.name);
      }
    },
    retire(functionName, version) {
      for (const [key, group] of [...groups]) {
        if (group.functionName === functionName && (version === undefined || group.version === version)) {
          retireGroup(key, group);
        }
      }
    },
    async remove(functionName) {
      this.retire(functionName);
      await Promise.all(
        everyGroup(functionName).flatMap((group) =>
          [...group.members].map(({ environment }) => environment.stop()),
        ),
      );
    },
    async stop() {
      stopped = true;
      clearInterval(reaper);
      await Promise.all(
        everyGroup().flatMap((group) => [...group.members].map(({ environment }) => environment.stop())),
      );
    },
  };
}

function throttled(): AwsError {
  return new AwsError("TooManyRequestsException", "Rate Exceeded.", 429, {
    Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
    Type: "User",
  });
}

function shuttingDown(): AwsError {
  return new AwsError("ServiceException", "The local cloud is shutting down.", 503);
}
