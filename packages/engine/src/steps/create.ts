import { randomUUID } from "node:crypto";
import type { Deployment } from "../deployment.ts";
import { type ResourceState, stateKey } from "../state/resource.ts";
import { isProviderType } from "../urn.ts";
import { unwrapProperties } from "../values/wire.ts";
import { runHooks, withErrorHooks } from "./hooks.ts";
import { foretell, requireId, withOutputs } from "./outputs.ts";
import type { Plan } from "./plan.ts";
import { withTimeout } from "./timeout.ts";

export async function create(deployment: Deployment, plan: Plan): Promise<ResourceState> {
  const { found, state } = plan;
  deployment.announce({ op: "create", new: state, notEmulated: found.notEmulated });
  if (found.notEmulated) reportNotEmulated(deployment, state);
  const created = await make(deployment, plan, undefined);
  deployment.complete({ op: "create", new: created, notEmulated: found.notEmulated });
  return created;
}

/**
 * Creates the resource; of a replacement, in the stead of `replaced`, which in the same entry of the journal becomes
 * one that is still to be deleted.
 */
export async function make(
  deployment: Deployment,
  plan: Plan,
  replaced: ResourceState | undefined,
): Promise<ResourceState> {
  const { found, state } = plan;
  if (deployment.preview) {
    await runHooks(deployment, "BeforeCreate", plan.goal.hooks, state, replaced);
    // A provider has an id even in a preview, because resources refer to it by that.
    const id = isProviderType(state.type) ? randomUUID() : undefined;
    const foretold = foretell(deployment, { ...plan, state }, undefined);
    const result = id === undefined ? foretold : { ...foretold, id };
    await runHooks(deployment, "AfterCreate", plan.goal.hooks, result, replaced);
    return result;
  }
  const inputs = unwrapProperties(state.inputs);
  const seed = Buffer.from(deployment.seed(state.urn, replaced)).toString("base64");
  const created = await withErrorHooks(deployment, "create", plan.goal.hooks, state, replaced, () =>
    deployment.operate({ type: "creating", resource: state, seed }, async () => {
      await runHooks(deployment, "BeforeCreate", plan.goal.hooks, state, replaced);
      const answer = await withTimeout("create", state, (signal) =>
        found.handler.create(deployment.context(state, signal, replaced), inputs),
      );
      const id = requireId(state.type, answer.id);
      const now = new Date().toISOString();
      const value: ResourceState = { ...withOutputs(plan, id, answer.outputs), created: now, modified: now };
      return { value, changes: succession(value, replaced) };
    }),
  );
  await runHooks(deployment, "AfterCreate", plan.goal.hooks, created, replaced);
  return created;
}

/** What state says once a replacement is there: its predecessor is left to be deleted, or gone already. */
function succession(created: ResourceState, replaced: ResourceState | undefined) {
  if (!replaced) return { put: [created] };
  if (replaced.pendingReplacement || replaced.external) return { put: [created], drop: [stateKey(replaced)] };
  return { put: [{ ...replaced, delete: true }, created], drop: [stateKey(replaced)] };
}

export function reportNotEmulated(deployment: Deployment, { urn, type }: ResourceState): void {
  deployment.report(
    "warning",
    `${type} is not emulated: its inputs are recorded as its outputs, nothing is created`,
    urn,
  );
}
