/** What the program no longer asks for goes, dependents before what they depend on. */

import type { Deployment } from "../deployment.ts";
import type { HookBinding } from "../goal.ts";
import type { Changes } from "../state/ledger.ts";
import {
  isManaged,
  type ResourceState,
  referencesOf,
  sortByDependency,
  stateKey,
} from "../state/resource.ts";
import { isProviderType, parseUrn, ROOT_TYPE, type Urn } from "../urn.ts";
import { unwrapProperties } from "../values/wire.ts";
import { runHooks, withErrorHooks } from "./hooks.ts";
import { withTimeout } from "./timeout.ts";

/** Deletes a resource, or lets go of it where it is retained, only read, or gone with another one. */
export async function destroyResource(
  deployment: Deployment,
  resource: ResourceState,
  op: "delete" | "delete-replaced",
  changes: Changes,
): Promise<void> {
  const shown = resource.external ? (op === "delete" ? "discard" : "discard-replaced") : op;
  const report = { op: shown, old: resource, logical: op === "delete" } as const;
  deployment.announce(report);
  const spared =
    !isManaged(resource) ||
    resource.retainOnDelete ||
    (resource.deletedWith !== undefined && deployment.deleted.has(resource.deletedWith));
  if (!deployment.preview) {
    if (spared) deployment.ledger.note(changes);
    else await callDelete(deployment, resource, changes);
  }
  deployment.complete(report);
}

async function callDelete(deployment: Deployment, resource: ResourceState, changes: Changes): Promise<void> {
  const hooks = (resource.resourceHooks ?? {}) as HookBinding;
  const { handler } = deployment.handlers.find(resource.type);
  await withErrorHooks(deployment, "delete", hooks, resource, resource, () =>
    deployment.operate({ type: "deleting", resource }, async () => {
      await runHooks(deployment, "BeforeDelete", hooks, resource, resource);
      const inputs = unwrapProperties(resource.inputs);
      const outputs = unwrapProperties(resource.outputs);
      await withTimeout("delete", resource, (signal) =>
        handler.delete?.(deployment.context(resource, signal), resource.id ?? "", inputs, outputs),
      );
      return { value: undefined, changes };
    }),
  );
  await runHooks(deployment, "AfterDelete", hooks, resource, resource);
}

/** The last phase of a run: all that was replaced, and all that the program did not ask for. */
export async function deleteLeftovers(deployment: Deployment): Promise<void> {
  const unclaimed = [...deployment.olds.values()].filter(({ urn }) => !deployment.claimed.has(urn));
  await deleteAll(deployment, [...deployment.doomed, ...unclaimed]);
}

export async function deleteAll(deployment: Deployment, all: readonly ResourceState[]): Promise<void> {
  const list = deployment.targets.constrained ? chooseTargets(deployment, all) : all;
  const chosen = withDependents(deployment, list, all);
  if (!chosen || refuseProtected(deployment, chosen)) return;
  for (const resource of chosen) if (!resource.delete) deployment.deleted.add(resource.urn);
  if (deployment.targets.constrained) tellOfTheRest(deployment, all, chosen);

  const byUrn = new Map<Urn, ResourceState[]>();
  for (const resource of chosen) byUrn.set(resource.urn, [...(byUrn.get(resource.urn) ?? []), resource]);
  const dependents = new Map<ResourceState, ResourceState[]>(chosen.map((resource) => [resource, []]));
  for (const resource of chosen) {
    for (const urn of referencesOf(resource)) {
      for (const needed of byUrn.get(urn) ?? []) dependents.get(needed)?.push(resource);
    }
  }
  const outcomes = new Map<ResourceState, Promise<boolean>>();
  function remove(resource: ResourceState): Promise<boolean> {
    let outcome = outcomes.get(resource);
    if (!outcome) {
      outcome = afterDependents(resource);
      outcomes.set(resource, outcome);
    }
    return outcome;
  }
  async function afterDependents(resource: ResourceState): Promise<boolean> {
    const before = await Promise.all((dependents.get(resource) ?? []).map(remove));
    // What failed to go still needs this one.
    if (deployment.cancelled || before.includes(false)) return false;
    return removeOne(deployment, resource);
  }
  // In reverse order, so that the recursion finds dependents done: chains may be longer than the stack is deep.
  for (const resource of [...chosen].reverse()) remove(resource);
  await Promise.all(outcomes.values());
}

async function removeOne(deployment: Deployment, resource: ResourceState): Promise<boolean> {
  const op = resource.delete ? "delete-replaced" : "delete";
  const changes: Changes = { drop: [stateKey(resource)] };
  try {
    if (resource.pendingReplacement && !resource.delete) {
      // Deleted by an earlier run for a replacement that the program no longer asks for.
      deployment.ledger.note(changes);
      deployment.complete({ op: "remove-pending-replace", old: resource, logical: false });
    } else if (deployment.condemned.has(resource.urn) && !resource.delete) {
      // Deleted by this run already, together with what it depended on; it did not come back.
      deployment.ledger.note(changes);
      deployment.complete({ op: "remove-pending-replace", old: resource, logical: false });
    } else {
      await destroyResource(deployment, resource, op, changes);
    }
    return true;
  } catch (error) {
    deployment.fail(resource.urn, op, error);
    return false;
  }
}

/** What is left alone because it is not a target stays the same. */
function tellOfTheRest(
  deployment: Deployment,
  all: readonly ResourceState[],
  chosen: readonly ResourceState[],
): void {
  const going = new Set(chosen);
  for (const resource of all) {
    if (going.has(resource) || resource.delete) continue;
    const report = { op: "same", old: resource, new: resource } as const;
    deployment.announce(report);
    deployment.complete(report);
  }
}

/** Nobody names providers and the stack; and what is excluded keeps what it depends on. */
function chooseTargets(deployment: Deployment, all: readonly ResourceState[]): ResourceState[] {
  const named = all.filter(({ urn, type }) => {
    return !isProviderType(type) && type !== ROOT_TYPE && deployment.targets.includes(urn);
  });
  if (deployment.options.targets?.length) return named;
  const chosen = new Set(named);
  const kept = new Set<Urn>();
  for (const resource of sortByDependency(all).reverse()) {
    if (chosen.has(resource) && !kept.has(resource.urn)) continue;
    chosen.delete(resource);
    for (const urn of referencesOf(resource)) kept.add(urn);
  }
  return [...chosen];
}

/** With targets, what depends on a target has to go, too: an error unless that was asked for. */
function withDependents(
  deployment: Deployment,
  list: readonly ResourceState[],
  all: readonly ResourceState[],
): ResourceState[] | undefined {
  if (!deployment.targets.constrained) return [...list];
  const chosen = new Set(list);
  const urns = new Set(list.filter((resource) => !resource.delete).map(({ urn }) => urn));
  const left = new Set([...deployment.news.values(), ...all].filter((resource) => !chosen.has(resource)));
  for (let grew = true; grew; ) {
    grew = false;
    for (const resource of left) {
      const needs = [...referencesOf(resource)].find((urn) => urns.has(urn));
      if (needs === undefined || deployment.deleted.has(resource.urn)) continue;
      const { type } = parseUrn(resource.urn);
      if (!deployment.options.targetDependents) {
        deployment.fail(
          resource.urn,
          "delete",
          new Error(`depends on ${needs}, which is to be deleted; make this ${type} a target, too`),
        );
        return undefined;
      }
      left.delete(resource);
      chosen.add(resource);
      urns.add(resource.urn);
      grew = true;
    }
  }
  return [...chosen];
}

function refuseProtected(deployment: Deployment, list: readonly ResourceState[]): boolean {
  const kept = list.filter((resource) => resource.protect && !resource.delete);
  for (const { urn } of kept) {
    const error = new Error(`cannot be deleted, for it is protected; deploy it without "protect" first`);
    deployment.fail(urn, "delete", error);
  }
  return kept.length > 0;
}
