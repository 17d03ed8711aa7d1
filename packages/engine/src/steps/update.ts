import type { Deployment } from "../deployment.ts";
import { type ResourceState, stateKey } from "../state/resource.ts";
import { unwrapProperties } from "../values/wire.ts";
import { runHooks, withErrorHooks } from "./hooks.ts";
import { foretell, withOutputs } from "./outputs.ts";
import type { Plan } from "./plan.ts";
import { withTimeout } from "./timeout.ts";

export async function update(
  deployment: Deployment,
  plan: Plan,
  old: ResourceState,
  diffs: readonly string[],
): Promise<ResourceState> {
  const { found } = plan;
  const report = { op: "update", old, diffs, notEmulated: found.notEmulated } as const;
  deployment.announce({ ...report, new: plan.state });
  const updated = deployment.preview
    ? await imagine(deployment, plan, old)
    : await change(deployment, plan, old);
  deployment.complete({ ...report, new: updated });
  return updated;
}

async function imagine(deployment: Deployment, plan: Plan, old: ResourceState): Promise<ResourceState> {
  const { hooks } = plan.goal;
  await runHooks(deployment, "BeforeUpdate", hooks, plan.state, old);
  const updated = foretell(deployment, plan, old);
  await runHooks(deployment, "AfterUpdate", hooks, updated, old);
  return updated;
}

async function change(deployment: Deployment, plan: Plan, old: ResourceState): Promise<ResourceState> {
  const { goal, found } = plan;
  const id = old.id ?? "";
  const state = { ...plan.state, id };
  const newInputs = unwrapProperties(state.inputs);
  const updated = await withErrorHooks(deployment, "update", goal.hooks, state, old, () =>
    deployment.operate({ type: "updating", resource: state }, async () => {
      await runHooks(deployment, "BeforeUpdate", goal.hooks, state, old);
      const oldInputs = unwrapProperties(old.inputs);
      const oldOutputs = unwrapProperties(old.outputs);
      const { handler } = found;
      const answer = await withTimeout("update", state, async (signal) => {
        if (!handler.update) throw new Error(`${state.type} cannot be updated: its provider has no update`);
        return handler.update(deployment.context(state, signal), id, oldInputs, oldOutputs, newInputs);
      });
      const value: ResourceState = {
        ...withOutputs({ ...plan, state }, id, answer.outputs),
        ...(old.created ? { created: old.created } : {}),
        modified: new Date().toISOString(),
      };
      return { value, changes: { put: [value], drop: old.urn === value.urn ? [] : [stateKey(old)] } };
    }),
  );
  await runHooks(deployment, "AfterUpdate", goal.hooks, updated, old);
  return updated;
}
