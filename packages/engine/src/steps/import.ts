/** Takes over a resource that exists already, as it is. */

import type { Deployment } from "../deployment.ts";
import { UNKNOWN } from "../provider.ts";
import { type ResourceState, stateKey } from "../state/resource.ts";
import { plainProperties } from "../values/plain.ts";
import { withOutputs } from "./outputs.ts";
import type { Plan } from "./plan.ts";

export async function importResource(deployment: Deployment, plan: Plan): Promise<ResourceState> {
  const { goal, found, old, state } = plan;
  const op = old ? "import-replacement" : "import";
  const { handler } = found;
  if (old?.protect && goal.protect) {
    throw new Error(`cannot be replaced by an import, for it is protected; remove "protect" from it first`);
  }
  if (!handler.read) throw new Error(`${goal.type} cannot be imported: its provider has no read`);
  if (goal.importId === UNKNOWN) throw new Error("the id to import is not known yet");
  const context = deployment.context(state);
  const answer = await handler.read(context, goal.importId, {}, {});
  if (answer.outputs === undefined) {
    throw new Error(`there is no ${goal.type} with the id "${goal.importId}" to import`);
  }
  // A provider that does not say which inputs it found leaves only what the program says of them.
  const inputs =
    answer.inputs === undefined
      ? goal.inputs
      : plainProperties(answer.inputs, `the inputs ${goal.type} answered`);
  const now = new Date().toISOString();
  const imported: ResourceState = {
    ...withOutputs({ ...plan, state: { ...state, inputs } }, answer.id ?? goal.importId, answer.outputs),
    importID: goal.importId,
    created: now,
    modified: now,
  };
  const report = { op, old, new: imported } as const;
  deployment.announce(report);
  if (old) {
    deployment.replaced.add(goal.urn);
    const doomed: ResourceState = { ...old, delete: true };
    deployment.doomed.add(doomed);
    deployment.ledger.note({ put: [doomed, imported], drop: [stateKey(old)] });
  } else {
    deployment.ledger.note({ put: [imported] });
  }
  deployment.complete(report);
  return imported;
}
