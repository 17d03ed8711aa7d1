/** Finishes what an earlier run had begun when it was killed. */

import { type Deployment, messageOf } from "./deployment.ts";
import type { PendingOperation } from "./state/checkpoint.ts";
import type { Changes } from "./state/ledger.ts";
import { type ResourceState, stateKey } from "./state/resource.ts";
import { plainProperties } from "./values/plain.ts";
import { carrySecrets, markSecret, unwrapProperties } from "./values/wire.ts";

export async function recover(deployment: Deployment): Promise<void> {
  for (const pending of deployment.ledger.pending) {
    const { resource, type } = pending;
    try {
      if (type === "creating") await recoverCreation(deployment, pending);
      else if (type === "updating") await recoverUpdate(deployment, pending);
      else await recoverDeletion(deployment, pending);
    } catch (error) {
      deployment.report(
        "error",
        `its interrupted ${nounOf(pending)} could not be finished: ${messageOf(error)}`,
        resource.urn,
      );
    }
  }
}

/**
 * Whether the resource came into being is not known. The provider is asked for what the interrupted creation left
 * behind; it becomes part of the state, and the run that follows keeps, changes or deletes it like any other.
 */
async function recoverCreation(deployment: Deployment, pending: PendingOperation): Promise<void> {
  const { resource, seed } = pending;
  const { handler } = deployment.handlers.find(resource.type);
  if (!handler.recover) {
    // Under the same names, a creation that can be repeated finds what it made, and one that cannot says so.
    if (seed) deployment.resumedSeeds.set(resource.urn, Buffer.from(seed, "base64"));
    deployment.report(
      "warning",
      "its creation was interrupted, and its provider cannot tell whether it exists; if the program still declares it, it is created again under the same name, otherwise look for it and remove it by hand",
      resource.urn,
    );
    if (!deployment.preview) await deployment.ledger.settle(pending, {});
    return;
  }
  if (deployment.preview) {
    deployment.report(
      "info",
      "its creation was interrupted; the next deployment finds out whether it exists",
      resource.urn,
    );
    return;
  }
  const context = {
    ...deployment.context(resource),
    ...(seed ? { randomSeed: Buffer.from(seed, "base64") } : {}),
  };
  const known = [...deployment.olds.values(), ...deployment.doomed];
  const taken = new Set(known.flatMap(({ type, id }) => (type === resource.type && id ? [id] : [])));
  const found = await handler.recover(context, unwrapProperties(resource.inputs), taken);
  if (!found) return deployment.ledger.settle(pending, {});
  const outputs = plainProperties(found.outputs, `the outputs ${resource.type} answered`);
  const now = new Date().toISOString();
  const secretKeys = [...(resource.additionalSecretOutputs ?? []), ...(handler.secretOutputs ?? [])];
  const recovered: ResourceState = {
    ...resource,
    id: found.id,
    outputs: markSecret(carrySecrets(outputs, resource.inputs), secretKeys),
    created: now,
    modified: now,
  };
  const before = deployment.olds.get(resource.urn);
  const changes: { put: ResourceState[]; drop: string[] } = { put: [], drop: [] };
  if (before && before.id !== recovered.id && !before.pendingReplacement) {
    const doomed: ResourceState = { ...before, delete: true };
    deployment.doomed.add(doomed);
    changes.put.push(doomed);
    changes.drop.push(stateKey(before));
  }
  changes.put.push(recovered);
  deployment.olds.set(recovered.urn, recovered);
  deployment.report(
    "info",
    "its creation was interrupted; it exists, and is part of the state now",
    resource.urn,
  );
  await deployment.ledger.settle(pending, changes);
}

/** How far the update got is not known. It is done again when the program asks for the resource. */
async function recoverUpdate(deployment: Deployment, pending: PendingOperation): Promise<void> {
  const { urn } = pending.resource;
  const before = [...deployment.olds.values()].find(
    ({ id, type }) => id === pending.resource.id && type === pending.resource.type,
  );
  deployment.suspect.add(before?.urn ?? urn);
  deployment.report("info", "its update was interrupted, and is done again", urn);
  if (deployment.preview) return;
  // Remembered in state until it has been updated, should this run be interrupted, too.
  const changes: Changes = before ? { put: [{ ...before, initErrors: ["the update was interrupted"] }] } : {};
  if (before) deployment.olds.set(before.urn, { ...before, initErrors: ["the update was interrupted"] });
  await deployment.ledger.settle(pending, changes);
}

/** Deleting what is gone already is no error to a provider, so it is deleted again. */
async function recoverDeletion(deployment: Deployment, pending: PendingOperation): Promise<void> {
  const { resource } = pending;
  const stored = [...deployment.olds.values(), ...deployment.doomed].find(
    (candidate) => stateKey(candidate) === stateKey(resource) && candidate.id === resource.id,
  );
  if (deployment.preview) return;
  if (!stored) return deployment.ledger.settle(pending, {});
  const { handler } = deployment.handlers.find(resource.type);
  const inputs = unwrapProperties(resource.inputs);
  await handler.delete?.(
    deployment.context(resource),
    resource.id ?? "",
    inputs,
    unwrapProperties(resource.outputs),
  );
  deployment.report("info", "its deletion was interrupted, and is finished now", resource.urn);
  deployment.doomed.delete(stored);
  if (deployment.olds.get(stored.urn) === stored) deployment.olds.delete(stored.urn);
  await deployment.ledger.settle(pending, { drop: [stateKey(stored)] });
}

function nounOf({ type }: PendingOperation): string {
  return { creating: "creation", updating: "update", deleting: "deletion" }[type];
}
