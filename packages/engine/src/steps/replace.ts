/** A new resource in place of an old one, created before the old one is deleted, or after. */

import { type Deployment, messageOf } from "../deployment.ts";
import { UNKNOWN } from "../provider.ts";
import { type ResourceState, referencesOf, sortByDependency } from "../state/resource.ts";
import { parseProviderRef, type Urn } from "../urn.ts";
import { covers, parsePath } from "../values/path.ts";
import { mapProperties, unwrapProperties } from "../values/wire.ts";
import { make, reportNotEmulated } from "./create.ts";
import { destroyResource } from "./delete.ts";
import { askProvider } from "./diff.ts";
import type { Plan } from "./plan.ts";

export interface Replacement {
  readonly keys: readonly string[];
  readonly diffs: readonly string[];
  readonly deleteFirst: boolean;
  /** Deleted before its turn came, because it depended on another that had to go first. */
  readonly alreadyDeleted?: boolean;
}

export async function replace(deployment: Deployment, plan: Plan, how: Replacement): Promise<ResourceState> {
  const { found, goal } = plan;
  const original = plan.old;
  if (!original) throw new Error(`${goal.urn} replaces nothing`);
  if (original.protect && goal.protect) {
    throw new Error(`cannot be replaced, for it is protected; remove "protect" from it first`);
  }
  if (goal.importId !== "" && !how.alreadyDeleted) {
    throw new Error(
      `was imported and would have to be replaced (${how.keys.join(", ")}); remove "import" from it first`,
    );
  }
  const { keys, diffs } = how;
  const report = { old: original, keys, diffs, notEmulated: found.notEmulated };
  deployment.replaced.add(goal.urn);
  if (found.notEmulated) reportNotEmulated(deployment, plan.state);
  let old = original;
  if (how.deleteFirst && !how.alreadyDeleted) {
    await deleteDependents(deployment, original);
    old = await condemn(deployment, original);
  } else if (how.alreadyDeleted) {
    old = { ...original, pendingReplacement: true };
  }
  deployment.announce({ ...report, op: "create-replacement", new: plan.state, logical: false });
  if (how.deleteFirst) deployment.complete({ ...report, op: "replace", new: plan.state });
  const created = await make(deployment, plan, old);
  deployment.complete({ ...report, op: "create-replacement", new: created, logical: false });
  if (!how.deleteFirst) deployment.complete({ ...report, op: "replace", new: created });
  if (!how.deleteFirst && !original.external) deployment.doomed.add({ ...original, delete: true });
  return created;
}

/** Deletes a resource ahead of its replacement; state remembers that it is to come back. */
async function condemn(deployment: Deployment, resource: ResourceState): Promise<ResourceState> {
  const pending: ResourceState = { ...resource, pendingReplacement: true };
  if (resource.pendingReplacement) return resource;
  deployment.deleted.add(resource.urn);
  await destroyResource(deployment, resource, "delete-replaced", { put: [pending] });
  return pending;
}

/**
 * Before a resource can be deleted, all go that would have to be replaced with it: those with a property that comes
 * from it and may not change. They come back when the program registers them.
 */
async function deleteDependents(deployment: Deployment, root: ResourceState): Promise<void> {
  const dependents = await findDependents(deployment, root);
  for (const { resource, keys } of dependents.reverse()) {
    if (deployment.condemned.has(resource.urn)) continue;
    if (resource.protect) {
      throw new Error(
        `cannot be replaced: ${resource.urn} would have to be replaced with it, and is protected`,
      );
    }
    deployment.condemned.set(resource.urn, keys);
    await condemn(deployment, resource);
  }
}

async function findDependents(
  deployment: Deployment,
  root: ResourceState,
): Promise<{ resource: ResourceState; keys: readonly string[] }[]> {
  const going = new Set<Urn>([root.urn]);
  const found: { resource: ResourceState; keys: readonly string[] }[] = [];
  // Whatever the program has registered already cannot depend on what it is registering now.
  const candidates = sortByDependency([...deployment.olds.values()]).filter(
    ({ urn }) => urn !== root.urn && !deployment.claimed.has(urn),
  );
  for (const resource of candidates) {
    const keys = await mustGoWith(deployment, resource, going);
    if (!keys) continue;
    going.add(resource.urn);
    found.push({ resource, keys });
  }
  return found;
}

/** The properties on account of which a resource has to be replaced with those that are `going`, if it has to. */
async function mustGoWith(
  deployment: Deployment,
  resource: ResourceState,
  going: ReadonlySet<Urn>,
): Promise<readonly string[] | undefined> {
  if (!resource.custom || resource.external) return undefined;
  if (resource.provider && going.has(parseProviderRef(resource.provider).urn)) return [];
  if (resource.deletedWith && going.has(resource.deletedWith)) return [];
  if (resource.replaceWith?.some((urn) => going.has(urn))) return [];
  if (![...referencesOf(resource)].some((urn) => going.has(urn))) return undefined;
  const affected = Object.entries(resource.propertyDependencies ?? {}).filter(([, urns]) =>
    urns.some((urn) => going.has(urn)),
  );
  if (affected.length === 0) return undefined;
  const changing = new Set(affected.map(([key]) => key));
  const inputs = mapProperties(unwrapProperties(resource.inputs), (value, key) =>
    changing.has(key) ? UNKNOWN : value,
  );
  try {
    const found = deployment.handlers.find(resource.type);
    const diff = await askProvider(found, deployment.context(resource), resource, inputs);
    const patterns = (resource.replaceOnChanges ?? []).map(parsePath);
    const forced = (diff.keys ?? []).filter((key) => patterns.some((path) => covers(path, parsePath(key))));
    const keys = [...new Set([...(diff.replaces ?? []), ...forced])];
    return keys.length > 0 ? keys : undefined;
  } catch (error) {
    throw new Error(`whether ${resource.urn} has to be replaced, too, cannot be told: ${messageOf(error)}`);
  }
}
