/** Brings one resource from where it was to where the program wants it. */

import { isDeepStrictEqual } from "node:util";
import type { Deployment, StepReport } from "../deployment.ts";
import { type Goal, stateOf } from "../goal.ts";
import type { Properties } from "../provider.ts";
import { type ResourceState, stateKey } from "../state/resource.ts";
import { isProviderType, packageOf, parseUrn, ROOT_TYPE, type Urn } from "../urn.ts";
import { equal } from "../values/compare.ts";
import { keepOld, parsePath } from "../values/path.ts";
import { plainProperties } from "../values/plain.ts";
import { carrySecrets, hasUnknown, unwrapProperties } from "../values/wire.ts";
import { create } from "./create.ts";
import { diffResource } from "./diff.ts";
import { importResource } from "./import.ts";
import type { Plan } from "./plan.ts";
import { providerReference } from "./provider-resource.ts";
import { replace } from "./replace.ts";
import { update } from "./update.ts";

export async function register(deployment: Deployment, goal: Goal): Promise<ResourceState> {
  // The stack itself comes first: the program does not begin before it is there.
  if (!deployment.preview && goal.type !== ROOT_TYPE) await deployment.options.ready;
  if (deployment.registering.has(goal.urn)) {
    const { type, name } = parseUrn(goal.urn);
    throw new Error(`two resources of type ${type} are named "${name}"; give one of them another name`);
  }
  deployment.registering.add(goal.urn);
  deployment.goals.set(goal.urn, goal);
  const original = findOld(deployment, goal);
  if (original) {
    deployment.claimed.add(original.urn);
    if (original.urn !== goal.urn) deployment.renamed.set(original.urn, goal.urn);
  }
  const state = await settle(deployment, goal, original);
  deployment.news.set(goal.urn, state);
  return state;
}

function findOld(deployment: Deployment, goal: Goal): ResourceState | undefined {
  for (const urn of [goal.urn, ...goal.aliases]) {
    const old = deployment.olds.get(urn);
    if (!old) continue;
    if (!deployment.claimed.has(urn)) return old;
    if (urn === goal.urn) return undefined;
  }
  return undefined;
}

async function settle(
  deployment: Deployment,
  goal: Goal,
  original: ResourceState | undefined,
): Promise<ResourceState> {
  if (goal.type === ROOT_TYPE) deployment.rootUrn = goal.urn;
  if (!goal.custom) return settleComponent(deployment, goal, original);
  const provider = isProviderType(goal.type)
    ? ""
    : await providerReference(deployment, goal.provider, packageOf(goal.type), goal.version);
  const found = deployment.handlers.find(goal.type);
  const draft = stateOf(goal, provider, goal.inputs);
  if (!deployment.targets.includes(goal.urn)) return leaveUntargeted(deployment, draft, original);
  refuseSkippedDependencies(deployment, goal);

  if (goal.importId !== "" && original?.id !== goal.importId && original?.importID !== goal.importId) {
    const imported = await importResource(deployment, { goal, found, old: original, state: draft });
    return settleImported(deployment, { goal, found, old: imported, state: draft }, imported);
  }
  // What was only read belongs to somebody else: it is not changed, a resource of our own takes its place.
  const gone =
    original?.external || deployment.condemned.has(original?.urn ?? "") || original?.pendingReplacement;
  const old = gone ? undefined : original;
  const inputs = old ? withIgnoredChanges(goal, old) : goal.inputs;
  const checked = await check(deployment, { goal, found, old, state: { ...draft, inputs } }, old);
  const plan: Plan = { goal, found, old: original, state: checked };
  if (!original) return create(deployment, plan);
  if (gone) {
    const keys = deployment.condemned.get(original.urn) ?? [];
    return replace(deployment, plan, {
      keys,
      diffs: keys,
      deleteFirst: !original.external,
      alreadyDeleted: !original.external,
    });
  }
  return settleExisting(deployment, plan, original);
}

async function settleExisting(
  deployment: Deployment,
  plan: Plan,
  old: ResourceState,
): Promise<ResourceState> {
  const diff = await diffResource(deployment, plan, old);
  if (diff.replaces) {
    const { goal } = plan;
    const fresh = { ...plan.state, inputs: goal.inputs };
    // Names that were carried over from the old resource belong to the old resource.
    const state = await check(deployment, { ...plan, state: fresh }, undefined, old);
    const deleteFirst = goal.deleteBeforeReplace ?? diff.deleteBeforeReplace;
    return replace(deployment, { ...plan, state }, { keys: diff.replaceKeys, diffs: diff.keys, deleteFirst });
  }
  if (diff.changes) return update(deployment, plan, old, diff.keys);
  return same(deployment, old, keepUnchanged(plan.state, old), plan.found.notEmulated);
}

/** What was imported is then brought to what the program says of it, as long as that can be done in place. */
async function settleImported(
  deployment: Deployment,
  { goal, found, state }: Plan,
  imported: ResourceState,
): Promise<ResourceState> {
  const inputs = withIgnoredChanges(goal, imported);
  const checked = await check(
    deployment,
    { goal, found, old: imported, state: { ...state, inputs } },
    imported,
  );
  const plan: Plan = { goal, found, old: imported, state: { ...checked, importID: goal.importId } };
  const diff = await diffResource(deployment, plan, imported);
  if (diff.replaces) {
    throw new Error(
      `was imported, and would have to be replaced to become what the program says (${diff.replaceKeys.join(", ")}); describe it as it is, or remove "import" from it first`,
    );
  }
  return diff.changes ? update(deployment, plan, imported, diff.keys) : imported;
}

/** A resource as it is: outputs and id stay, what the program says about it (protection, dependencies) may change. */
export function same(
  deployment: Deployment,
  old: ResourceState,
  state: ResourceState,
  notEmulated = false,
): ResourceState {
  const report: StepReport = { op: "same", old, new: state, notEmulated };
  deployment.announce(report);
  if (!isDeepStrictEqual(state, old)) {
    const drop = old.urn === state.urn ? [] : [stateKey(old)];
    deployment.ledger.note({ put: [state], drop });
  }
  deployment.complete(report);
  return state;
}

function keepUnchanged(state: ResourceState, old: ResourceState): ResourceState {
  return {
    ...state,
    inputs: isDeepStrictEqual(state.inputs, old.inputs) ? old.inputs : state.inputs,
    outputs: carrySecrets(old.outputs, state.inputs),
    ...(old.id !== undefined ? { id: old.id } : {}),
    ...(old.created ? { created: old.created } : {}),
    ...(old.modified ? { modified: old.modified } : {}),
    ...(old.importID && !state.importID ? { importID: old.importID } : {}),
    ...secretOutputsOf(state, old),
  };
}

function secretOutputsOf(state: ResourceState, old: ResourceState): Partial<ResourceState> {
  const keys = state.additionalSecretOutputs ?? old.additionalSecretOutputs;
  return keys ? { additionalSecretOutputs: keys } : {};
}

function settleComponent(deployment: Deployment, goal: Goal, old: ResourceState | undefined): ResourceState {
  const draft = stateOf(goal, "", goal.inputs);
  if (!old) {
    const state = { ...draft, created: new Date().toISOString() };
    deployment.announce({ op: "create", new: state });
    deployment.ledger.note({ put: [state] });
    deployment.complete({ op: "create", new: state });
    return state;
  }
  const state = keepUnchanged(draft, old);
  if (equal(old.inputs, draft.inputs)) return same(deployment, old, state);
  const report: StepReport = { op: "update", old, new: state };
  deployment.announce(report);
  deployment.ledger.note({ put: [state], drop: old.urn === state.urn ? [] : [stateKey(old)] });
  deployment.complete(report);
  return state;
}

/** Not a target: what exists stays as it was, what does not exist is not made. */
function leaveUntargeted(
  deployment: Deployment,
  draft: ResourceState,
  old: ResourceState | undefined,
): ResourceState {
  if (!old) {
    deployment.skipped.add(draft.urn);
    deployment.announce({ op: "same", new: draft });
    deployment.complete({ op: "same", new: draft });
    return draft;
  }
  return same(deployment, old, old.urn === draft.urn ? old : { ...old, urn: draft.urn, ...parentOf(draft) });
}

function parentOf({ parent }: ResourceState): Partial<ResourceState> {
  return parent ? { parent } : {};
}

function refuseSkippedDependencies(deployment: Deployment, goal: Goal): void {
  const needed = new Set<Urn>([...goal.dependencies, ...Object.values(goal.propertyDependencies).flat()]);
  for (const urn of needed) {
    if (deployment.skipped.has(urn)) {
      throw new Error(`needs ${urn}, which does not exist yet and is not among the targets; add it to them`);
    }
  }
}

function withIgnoredChanges(goal: Goal, old: ResourceState): Properties {
  return goal.ignoreChanges.reduce(
    (inputs, path) => keepOld(old.inputs, inputs, parsePath(path)),
    goal.inputs,
  );
}

/** Lets the provider complete and validate the inputs. `olds` are given when the resource stays the same one. */
async function check(
  deployment: Deployment,
  plan: Plan,
  olds: ResourceState | undefined,
  replacing?: ResourceState,
): Promise<ResourceState> {
  const { found, state } = plan;
  if (!deployment.preview && hasUnknown(state.inputs)) {
    const key = Object.keys(state.inputs).find((name) => hasUnknown(state.inputs[name]));
    throw new Error(`property ${key} is not known even now, though everything it depends on is done`);
  }
  if (!found.handler.check) return state;
  const context = deployment.context(state, undefined, replacing);
  const answer = await found.handler.check(
    context,
    olds && unwrapProperties(olds.inputs),
    unwrapProperties(state.inputs),
  );
  const failures = answer.failures ?? [];
  if (failures.length > 0) {
    throw new Error(failures.map(({ property, reason }) => `${property}: ${reason}`).join("; "));
  }
  const inputs = plainProperties(answer.inputs, `the inputs ${state.type} answered`);
  return { ...state, inputs: carrySecrets(inputs, state.inputs) };
}
