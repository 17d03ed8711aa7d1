/** Compares state with what really exists, and takes over what it finds. */

import type { Deployment } from "../deployment.ts";
import { isManaged, type ResourceState, stateKey } from "../state/resource.ts";
import { changedPaths } from "../values/compare.ts";
import { plainProperties } from "../values/plain.ts";
import { carrySecrets, markSecret, unwrapProperties } from "../values/wire.ts";

export async function refreshAll(deployment: Deployment): Promise<void> {
  const gone = new Set<string>();
  const candidates = [...deployment.olds.values(), ...deployment.doomed].filter(
    (resource) =>
      isManaged(resource) && !resource.pendingReplacement && deployment.targets.includes(resource.urn),
  );
  await Promise.all(
    candidates.map((resource) =>
      deployment.gate.run(async () => {
        if (deployment.cancelled) return;
        try {
          if (!(await refreshOne(deployment, resource)) && !resource.delete) gone.add(resource.urn);
        } catch (error) {
          deployment.fail(resource.urn, "refresh", error);
        }
      }),
    ),
  );
  forgetReferences(deployment, gone);
}

/** Whether the resource still exists. */
async function refreshOne(deployment: Deployment, resource: ResourceState): Promise<boolean> {
  const { handler } = deployment.handlers.find(resource.type);
  const report = { op: "refresh", old: resource } as const;
  deployment.announce(report);
  if (!handler.read) {
    deployment.complete({ ...report, op: "same", new: resource, logical: false });
    return true;
  }
  const inputs = unwrapProperties(resource.inputs);
  const outputs = unwrapProperties(resource.outputs);
  const answer = await handler.read(deployment.context(resource), resource.id ?? "", inputs, outputs);
  if (answer.outputs === undefined) {
    deployment.ledger.note({ drop: [stateKey(resource)] });
    deployment.olds.delete(resource.urn);
    deployment.complete({ ...report, op: "delete" });
    return false;
  }
  const actual = plainProperties(answer.outputs, `the outputs ${resource.type} answered`);
  const nowInputs = answer.inputs
    ? plainProperties(answer.inputs, `the inputs ${resource.type} answered`)
    : inputs;
  const diffs = [...new Set([...changedPaths(outputs, actual), ...changedPaths(inputs, nowInputs)])];
  if (diffs.length === 0) {
    deployment.complete({ ...report, op: "same", new: resource, logical: false });
    return true;
  }
  const secretKeys = resource.additionalSecretOutputs ?? [];
  const refreshed: ResourceState = {
    ...resource,
    id: answer.id ?? resource.id ?? "",
    inputs: carrySecrets(nowInputs, resource.inputs),
    outputs: markSecret(carrySecrets(carrySecrets(actual, resource.outputs), resource.inputs), secretKeys),
    modified: new Date().toISOString(),
  };
  deployment.ledger.note({ put: [refreshed] });
  if (!resource.delete) deployment.olds.set(refreshed.urn, refreshed);
  deployment.complete({ ...report, op: "update", new: refreshed, diffs });
  return true;
}

/** Nothing may refer to a resource that is gone. */
function forgetReferences(deployment: Deployment, gone: ReadonlySet<string>): void {
  if (gone.size === 0) return;
  for (const resource of deployment.olds.values()) {
    const dependencies = resource.dependencies?.filter((urn) => !gone.has(urn));
    const propertyDependencies = Object.fromEntries(
      Object.entries(resource.propertyDependencies ?? {})
        .map(([key, urns]) => [key, urns.filter((urn) => !gone.has(urn))] as const)
        .filter(([, urns]) => urns.length > 0),
    );
    const { deletedWith, ...rest } = resource;
    const kept: ResourceState = {
      ...rest,
      ...(deletedWith && !gone.has(deletedWith) ? { deletedWith } : {}),
      ...(dependencies ? { dependencies } : {}),
      ...(resource.propertyDependencies ? { propertyDependencies } : {}),
    };
    if (JSON.stringify(kept) !== JSON.stringify(resource)) deployment.ledger.note({ put: [kept] });
  }
}
