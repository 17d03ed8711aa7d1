/** What a user can ask of the engine. */

import { Deployment, messageOf } from "./deployment.ts";
import type { EngineOptions, Program, Result } from "./options.ts";
import { runProgram } from "./program/run.ts";
import { recover } from "./recover.ts";
import { loadSdk, type Sdk } from "./sdk.ts";
import { type Ledger, openLedger, previewLedger, readStored } from "./state/ledger.ts";
import { acquireLock } from "./state/lock.ts";
import { createSealer } from "./state/sealing.ts";
import { deleteAll } from "./steps/delete.ts";
import { refreshAll } from "./steps/refresh.ts";
import { hasSecret, unwrap } from "./values/wire.ts";

/** Makes what exists equal to what the program declares. */
export function up(options: EngineOptions & { program: Program }): Promise<Result> {
  return withState(options, "up", async (deployment, sdk) => {
    await recover(deployment);
    await runProgram(deployment, sdk(), options.program);
  });
}

/** Tells what `up` would do. Changes nothing, takes no lock. */
export async function preview(options: EngineOptions & { program: Program }): Promise<Result> {
  const started = performance.now();
  const stored = await readStored(options.stateDir, createSealer(options.secretsKey));
  const deployment = new Deployment(options, true, previewLedger(stored), sdkOf(options));
  return conclude(deployment, started, async () => {
    await recover(deployment);
    await runProgram(deployment, loadSdk(deployment.cwd), options.program);
  });
}

/** Deletes all that was deployed. */
export function destroy(options: EngineOptions): Promise<Result> {
  return withState(options, "destroy", async (deployment) => {
    followSignal(deployment);
    await recover(deployment);
    if (deployment.failed) return;
    await deleteAll(deployment, [...deployment.doomed, ...deployment.olds.values()]);
  });
}

/** Brings the state up to date with what really exists, without changing that. */
export function refresh(options: EngineOptions): Promise<Result> {
  return withState(options, "refresh", async (deployment) => {
    followSignal(deployment);
    await recover(deployment);
    await refreshAll(deployment);
  });
}

type Work = (deployment: Deployment, sdk: () => Sdk) => Promise<void>;

async function withState(options: EngineOptions, command: string, work: Work): Promise<Result> {
  const started = performance.now();
  const sealer = createSealer(options.secretsKey);
  const lock = await acquireLock(options.stateDir, options.command ?? command);
  try {
    const ledger: Ledger = await openLedger(options.stateDir, sealer);
    const sdk = sdkOf(options);
    const deployment = new Deployment(options, false, ledger, sdk);
    return await conclude(deployment, started, () => work(deployment, sdk));
  } finally {
    await lock.release();
  }
}

function sdkOf(options: EngineOptions): () => Sdk {
  return () => loadSdk(options.cwd ?? process.cwd());
}

function followSignal(deployment: Deployment): void {
  const { signal } = deployment.options;
  if (signal?.aborted) deployment.cancel();
  else signal?.addEventListener("abort", () => deployment.cancel(), { once: true });
}

async function conclude(deployment: Deployment, started: number, work: () => Promise<void>): Promise<Result> {
  try {
    await work();
  } catch (error) {
    deployment.report("error", messageOf(error));
  }
  await deployment.idle();
  try {
    await deployment.ledger.close();
  } catch (error) {
    deployment.report("error", `the state could not be saved: ${messageOf(error)}`);
  }
  if (deployment.cancelled)
    deployment.report("error", "cancelled: what was in flight has finished, nothing else was started");
  const durationMs = performance.now() - started;
  const ok = !deployment.failed;
  deployment.emit({
    summaryEvent: {
      maybeCorrupt: false,
      durationSeconds: Math.round(durationMs / 1000),
      resourceChanges: { ...deployment.changes },
      PolicyPacks: {},
      isPreview: deployment.preview,
      result: ok ? "succeeded" : deployment.cancelled ? "canceled" : "failed",
    },
  });
  const { diagnostics, changes, steps, stackOutputs } = deployment;
  const outputs = Object.fromEntries(
    Object.entries(stackOutputs).map(([key, value]) => [key, unwrap(value)]),
  );
  const secretOutputs = Object.keys(stackOutputs).filter((key) => hasSecret(stackOutputs[key]));
  return { ok, diagnostics, changes, steps, outputs, secretOutputs, durationMs };
}
