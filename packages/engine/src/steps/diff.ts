/** Whether a resource has to change, and how. */

import type { Deployment } from "../deployment.ts";
import type { FoundHandler } from "../handlers.ts";
import type { DiffResult, Properties, ResourceContext } from "../provider.ts";
import type { ResourceState } from "../state/resource.ts";
import { packageOf, parseProviderRef } from "../urn.ts";
import { changedPaths, equal } from "../values/compare.ts";
import { covers, parsePath } from "../values/path.ts";
import { hasUnknown, unwrapProperties } from "../values/wire.ts";
import type { Plan } from "./plan.ts";

export interface Difference {
  readonly changes: boolean;
  readonly replaces: boolean;
  readonly replaceKeys: readonly string[];
  readonly keys: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

export async function diffResource(
  deployment: Deployment,
  plan: Plan,
  old: ResourceState,
): Promise<Difference> {
  const { goal, state, found } = plan;
  const asked = await askProvider(found, deployment.context(state), old, unwrapProperties(state.inputs));
  const keys = asked.keys ?? [];
  const replaceKeys = new Set(asked.replaces);
  if (asked.changes || asked.replaces?.length) {
    for (const key of replaceOnChanges(goal.replaceOnChanges, keys)) replaceKeys.add(key);
  }
  const forced =
    providerMoved(deployment, old, state) ||
    triggered(deployment, old, state) ||
    goal.replaceWith.some((urn) => deployment.replaced.has(urn)) ||
    (deployment.forcedReplacements.constrained && deployment.forcedReplacements.includes(state.urn));
  const replaces = forced || replaceKeys.size > 0;
  return {
    // An update that was interrupted may have happened in part; doing it again mends that.
    changes:
      asked.changes || replaces || deployment.suspect.has(old.urn) || (old.initErrors?.length ?? 0) > 0,
    replaces,
    replaceKeys: [...replaceKeys],
    keys,
    deleteBeforeReplace: asked.deleteBeforeReplace ?? found.handler.deleteBeforeReplace ?? false,
  };
}

/** The provider's own opinion, or, without one, the comparison of inputs. */
export async function askProvider(
  { handler }: FoundHandler,
  context: ResourceContext,
  old: ResourceState,
  newInputs: Properties,
): Promise<DiffResult> {
  const oldInputs = unwrapProperties(old.inputs);
  const keys = changedPaths(oldInputs, newInputs);
  if (handler.diff) {
    const answer = await handler.diff(
      context,
      old.id ?? "",
      oldInputs,
      unwrapProperties(old.outputs),
      newInputs,
    );
    return { ...answer, keys: answer.keys ?? keys };
  }
  const replaceOn = handler.replaceOn ?? [];
  const replaces = keys.filter((key) => replaceOn.includes(key) || replaceOn.includes(topLevel(key)));
  return { changes: keys.length > 0, replaces: [...new Set(replaces.map(topLevel))], keys };
}

export function topLevel(path: string): string {
  return String(parsePath(path)[0] ?? path);
}

function replaceOnChanges(patterns: readonly string[], changed: readonly string[]): string[] {
  const paths = patterns.map(parsePath);
  return changed.filter((key) => paths.some((path) => covers(path, parsePath(key))));
}

/**
 * Another provider, or the same one replaced, asks for a new resource only if their configurations differ in what the
 * package says belongs to its resources: an account, a region.
 */
function providerMoved(deployment: Deployment, old: ResourceState, now: ResourceState): boolean {
  if (!old.provider || !now.provider || old.provider === now.provider) return false;
  const before = parseProviderRef(old.provider).urn;
  const after = parseProviderRef(now.provider).urn;
  const decisive = deployment.handlers.provider(packageOf(now.type))?.replaceOnConfig ?? [];
  if (deployment.renamed.get(before) === after || decisive.length === 0) return false;
  const changed = changedPaths(
    unwrapProperties(deployment.olds.get(before)?.inputs ?? {}),
    unwrapProperties(deployment.news.get(after)?.inputs ?? {}),
  );
  return changed.some((path) => decisive.includes(topLevel(path)));
}

function triggered(deployment: Deployment, old: ResourceState, now: ResourceState): boolean {
  const before = old.replacementTrigger;
  const after = now.replacementTrigger;
  if (before === undefined || after === undefined || before === null || after === null) return false;
  if (deployment.preview && hasUnknown(after)) return true;
  return !equal(before, after);
}
