/** Runs a user's program against a deployment, and makes sure that it ends, one way or another. */

import { createCallbacks } from "../callbacks.ts";
import { DEFAULT_PARALLEL, type Deployment, messageOf } from "../deployment.ts";
import { createEngineService, createMonitor } from "../monitor.ts";
import type { Program } from "../options.ts";
import type { Sdk, SdkStore } from "../sdk.ts";
import { settleStackOutputs } from "../steps/stack-outputs.ts";
import { directClient } from "../transport/direct.ts";
import { type EngineServer, serveEngine } from "../transport/grpc.ts";
import { explain } from "./explain.ts";
import { describePending } from "./pending.ts";
import { collectRejections } from "./rejections.ts";

export async function runProgram(deployment: Deployment, sdk: Sdk, program: Program): Promise<void> {
  const { project, stack, parallel = DEFAULT_PARALLEL, organization = "organization" } = deployment.options;
  const overGrpc = deployment.options.transport === "grpc";
  await sdk.withStore(async (store) => {
    const callbacks = createCallbacks(sdk, overGrpc ? undefined : store);
    const monitor = createMonitor(deployment, sdk, callbacks);
    const service = createEngineService(deployment, sdk);
    const errors = createErrorReport(deployment);
    const stopCollecting = collectRejections({
      store: () => store,
      current: () => sdk.currentStore(),
      report: errors.report,
    });
    const standstill = watchForStandstill(deployment, sdk, store);
    const cancellation = watchForCancellation(deployment, () => describePending(sdk, store));
    const delay = watchForDelay(deployment, () => describePending(sdk, store));
    let server: EngineServer | undefined;
    try {
      if (overGrpc) server = await serveEngine(deployment, sdk, monitor, service);
      const address = server?.address ?? "direct";
      sdk.settings.resetOptions(project, stack, parallel, address, address, deployment.preview, organization);
      if (!server) {
        store.settings.monitor = directClient(deployment, monitor);
        store.settings.engine = directClient(deployment, service);
      }
      sdk.setConfig({ ...deployment.options.config }, deployment.options.secretConfig ?? []);
      const end = [standstill.reached, cancellation.reached];
      try {
        await Promise.race([sdk.runInStack(async () => program()), ...end]);
        await Promise.race([sdk.settings.waitForRPCs(), ...end]);
        await sdk.settings.signalAndWaitForShutdown();
      } catch (error) {
        errors.report(error);
        // Clients must not be closed under calls that are under way.
        await Promise.race([sdk.settings.waitForRPCs(), ...end]).catch(errors.report);
      }
      await deployment.idle();
      // Rejections that nobody handles are announced a turn later.
      await new Promise((resolve) => setTimeout(resolve, server ? 5 : 0));
      settleStackOutputs(deployment);
    } finally {
      standstill.stop();
      cancellation.stop();
      delay.stop();
      store.callbacks?.shutdown();
      callbacks.close();
      close(store.settings.monitor);
      close(store.settings.engine);
      server?.close();
      stopCollecting();
    }
  });
}

function close(client: unknown): void {
  (client as { close?: () => void } | undefined)?.close?.();
}

class Cancelled extends Error {}

class Standstill extends Error {}

/** Reports each error once, and not those that only repeat what a resource has reported already. */
function createErrorReport(deployment: Deployment): { report: (error: unknown) => void } {
  const seen = new Set<unknown>();
  const told = new Set<string>();
  return {
    report(error) {
      if (seen.has(error)) return;
      seen.add(error);
      const message = messageOf(error);
      if (error instanceof Cancelled) return;
      const echo = deployment.failed || deployment.cancelled;
      if (echo && /failed to (register|read|get)|Resource monitor is terminating/.test(message)) return;
      if (told.has(message)) return;
      told.add(message);
      deployment.report("error", error instanceof Standstill ? message : explain(error));
    },
  };
}

/**
 * A program with nothing left to do that has not ended never will. Node says so by `beforeExit`: in a process of its
 * own, where nothing else keeps the event loop alive.
 */
function watchForStandstill(
  deployment: Deployment,
  sdk: Sdk,
  store: SdkStore,
): { reached: Promise<never>; stop(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const onBeforeExit = () => {
    // A provider is at work, through something that does not keep the process alive by itself.
    if (deployment.busy) {
      setTimeout(() => {}, 50);
      return;
    }
    const pending = describePending(sdk, store);
    reject(
      new Standstill(
        pending === undefined
          ? "the program waits for something that never happens: a promise in it is never resolved"
          : `the program waits for something that never happens:\n${pending}`,
      ),
    );
  };
  process.on("beforeExit", onBeforeExit);
  return { reached: promise, stop: () => process.off("beforeExit", onBeforeExit) };
}

/** After a cancellation the program is not waited for: only what is in flight is. */
function watchForCancellation(
  deployment: Deployment,
  describe: () => string | undefined,
): { reached: Promise<never>; stop(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const { signal } = deployment.options;
  const onAbort = () => {
    deployment.cancel();
    const waiting = deployment.busy ? undefined : describe();
    if (waiting) deployment.report("info", `cancelled while the program was waiting:\n${waiting}`);
    deployment.idle().then(() => reject(new Cancelled("cancelled")));
  };
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  return { reached: promise, stop: () => signal?.removeEventListener("abort", onAbort) };
}

const DELAY_MS = 15_000;

/**
 * Where something else keeps the event loop alive, a standstill cannot be told from a long wait. So the program is not
 * stopped; but it is said, once, what it has been waiting for.
 */
function watchForDelay(deployment: Deployment, describe: () => string | undefined): { stop(): void } {
  let before: string | undefined;
  const timer = setInterval(() => {
    const now = deployment.busy ? undefined : describe();
    if (now !== undefined && now === before) {
      deployment.report("warning", `the program has been waiting for some time:\n${now}`);
      clearInterval(timer);
    }
    before = now;
  }, DELAY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
