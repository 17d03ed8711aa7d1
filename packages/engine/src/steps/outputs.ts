/** From what a handler answered to what state keeps. */

import type { Deployment } from "../deployment.ts";
import { type Properties, UNKNOWN } from "../provider.ts";
import type { ResourceState } from "../state/resource.ts";
import { plainProperties } from "../values/plain.ts";
import { carrySecrets, markSecret, unwrapProperties } from "../values/wire.ts";
import type { Plan } from "./plan.ts";

export function withOutputs(plan: Plan, id: string | undefined, answered: unknown): ResourceState {
  const { state, goal, found } = plan;
  const outputs = plainProperties(answered, `the outputs ${state.type} answered`);
  const secretKeys = [...new Set([...goal.additionalSecretOutputs, ...(found.handler.secretOutputs ?? [])])];
  return {
    ...state,
    ...(id !== undefined ? { id } : {}),
    outputs: markSecret(carrySecrets(outputs, state.inputs), secretKeys),
    ...(secretKeys.length > 0 ? { additionalSecretOutputs: secretKeys } : {}),
  };
}

/**
 * What is known before the operation has run: inputs, what the provider can foretell, and, of an update, what was
 * there before. Whatever is not among it is unknown to the program.
 */
export function foretell(deployment: Deployment, plan: Plan, old: ResourceState | undefined): ResourceState {
  const { found, state } = plan;
  const inputs = unwrapProperties(state.inputs);
  const before = old && unwrapProperties(old.outputs);
  const foretold: Properties = found.handler.preview?.(deployment.context(state), inputs, before) ?? {};
  return withOutputs(plan, old?.id, { ...before, ...inputs, ...foretold });
}

export function requireId(type: string, id: unknown): string {
  if (typeof id === "string" && id !== "" && id !== UNKNOWN) return id;
  throw new Error(`the provider of ${type} answered no id`);
}
