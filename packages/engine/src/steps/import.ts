/** Takes over a resource that exists already, as it is; the program has to describe it the way it is. */

import type { Deployment } from "../deployment.ts";
import { UNKNOWN } from "../provider.ts";
import { type ResourceState, stateKey } from "../state/resource.ts";
import { changedPaths } from "../values/compare.ts";
import { keepOld, parsePath } from "../values/path.ts";
import { plainProperties } from "../values/plain.ts";
import { hasUnknown, unwrapProperties } from "../values/wire.ts";
import { withOutputs } from "./outputs.ts";
import type { Plan } from "./register.ts";

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
  const actual = plainProperties(answer.inputs ?? {}, `the inputs ${goal.type} answered`);
  let inputs = goal.inputs;
  for (const path of goal.ignoreChanges) inputs = keepOld(actual, inputs, parsePath(path));
  if (handler.check) {
    const checked = await handler.check(context, actual, unwrapProperties(inputs));
    if (checked.failures?.length) {
      throw new Error(checked.failures.map(({ property, reason }) => `${property}: ${reason}`).join("; "));
    }
    inputs = { ...plainProperties(checked.inputs, `the inputs ${goal.type} answered`), ...inputs };
  }
  if (answer.inputs !== undefined && !hasUnknown(inputs)) {
    const differing = changedPaths(actual, unwrapProperties(inputs));
    if (differing.length > 0) {
      throw new Error(
        `the inputs do not match the existing resource (${differing.join(", ")}); describe it as it is to import it, change it afterwards`,
      );
    }
  }
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
