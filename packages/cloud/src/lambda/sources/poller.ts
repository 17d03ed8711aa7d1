/** What pollers of all sources share: the function they feed, and how they report trouble. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { AwsError } from "../../error.ts";
import type { Principal } from "../../service.ts";
import type { InvocationResult } from "../invocation.ts";
import type { Invoker } from "../invoker.ts";
import type { FunctionVersion } from "../model.ts";
import { rolePrincipal } from "../role-principal.ts";
import { type Room, resolveVersion } from "../room.ts";
import { LATEST } from "../store.ts";
import type { Mapping, MappingStore } from "./mapping.ts";

export interface PollerContext {
  readonly room: Room;
  readonly run: Invoker["run"];
  readonly mappings: MappingStore;
  readonly mapping: Mapping;
  /** Aborted when the mapping is disabled, changed or deleted, or the cloud stops. */
  readonly signal: AbortSignal;
  /** Told what became of the last batch. */
  report(result: string): void;
}

const LONGEST_PAUSE = 5000;
const THROTTLED_PAUSE = 200;

export function targetOf({ room, mapping }: PollerContext): FunctionVersion {
  return resolveVersion(room, { name: mapping.functionName, qualifier: mapping.qualifier });
}

/** A call to the source with the permissions of the function's role. */
export async function callAsFunction<T>(
  context: PollerContext,
  service: string,
  operation: string,
  input: object,
): Promise<T> {
  const as: Principal = rolePrincipal(targetOf(context), context.room.hub.accountId);
  return (await context.room.hub.call({ service, operation, input, as })) as T;
}

/** Runs the function on a batch; one that is throttled is tried again until the poller is told to stop. */
export async function invokeWith(
  context: PollerContext,
  event: object,
): Promise<InvocationResult | undefined> {
  const { mapping, signal } = context;
  const reference = { name: mapping.functionName, qualifier: mapping.qualifier };
  const payload = Buffer.from(JSON.stringify(event));
  while (!signal.aborted) {
    try {
      return await context.run(targetOf(context), { reference, requestId: randomUUID(), payload });
    } catch (error) {
      if (!(error instanceof AwsError) || error.status !== 429) throw error;
      await pause(THROTTLED_PAUSE, signal);
    }
  }
  return undefined;
}

/** Runs a round again and again; after an error it waits, longer each time, and says so once. */
export async function keepPolling(context: PollerContext, round: () => Promise<void>): Promise<void> {
  let failures = 0;
  let said = "";
  while (!context.signal.aborted) {
    try {
      await round();
      failures = 0;
      said = "";
    } catch (error) {
      if (context.signal.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== said) complain(context, reason);
      said = reason;
      failures++;
      await pause(Math.min(100 * 2 ** failures, LONGEST_PAUSE), context.signal);
    }
  }
}

/** Puts a poller's trouble where the developer of the function looks. */
export function complain({ room, mapping, report }: PollerContext, reason: string): void {
  const line = `The event source mapping from ${mapping.sourceArn} has a problem: ${reason}`;
  report(`PROBLEM: ${reason}`);
  const target = room.store.version(mapping.functionName, LATEST);
  if (target) room.logs.write(target, "platform", line);
  room.hub.emit({
    type: "function.log",
    time: Date.now(),
    functionName: mapping.functionName,
    stream: "stderr",
    line,
  });
}

/** Waits, but not beyond the end of the poller. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal, ref: false }).catch(() => {});
}
