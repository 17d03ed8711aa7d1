/** `Resource.get`: what exists elsewhere is read into the program; it is never changed or deleted. */

import { isDeepStrictEqual } from "node:util";
import type { Deployment } from "../deployment.ts";
import type { Properties } from "../provider.ts";
import { UNKNOWN } from "../provider.ts";
import { type ResourceState, stateKey } from "../state/resource.ts";
import { packageOf, type Urn } from "../urn.ts";
import { plainProperties } from "../values/plain.ts";
import { carrySecrets, hasUnknown, markSecret, unwrapProperties } from "../values/wire.ts";
import { providerReference } from "./provider-resource.ts";

export interface ReadGoal {
  readonly urn: Urn;
  readonly type: string;
  readonly id: string;
  readonly inputs: Properties;
  readonly parent: Urn;
  readonly provider: string;
  readonly version: string;
  readonly dependencies: readonly Urn[];
  readonly additionalSecretOutputs: readonly string[];
}

export async function readExisting(deployment: Deployment, goal: ReadGoal): Promise<ResourceState> {
  if (deployment.registering.has(goal.urn))
    throw new Error(`${goal.urn} is declared twice; give one another name`);
  deployment.registering.add(goal.urn);
  const own = goal.type === "pulumi:pulumi:StackReference";
  const provider = await providerReference(deployment, goal.provider, packageOf(goal.type), goal.version);
  const draft: ResourceState = {
    urn: goal.urn,
    type: goal.type,
    custom: true,
    external: true,
    id: goal.id,
    inputs: goal.inputs,
    outputs: {},
    ...(goal.parent !== "" ? { parent: goal.parent } : {}),
    provider,
    ...(goal.dependencies.length > 0 ? { dependencies: goal.dependencies } : {}),
    ...(goal.additionalSecretOutputs.length > 0
      ? { additionalSecretOutputs: goal.additionalSecretOutputs }
      : {}),
  };
  // In a preview the id may come from what does not exist yet.
  const unknown = goal.id === UNKNOWN || hasUnknown(goal.inputs);
  const outputs = unknown
    ? {}
    : own
      ? await stackOutputs(deployment, goal.id)
      : await readOutputs(deployment, draft);
  const marked = markSecret(carrySecrets(outputs, goal.inputs), goal.additionalSecretOutputs);
  const state: ResourceState = { ...draft, outputs: marked };
  const old = deployment.olds.get(goal.urn);
  if (old) deployment.claimed.add(goal.urn);
  const taken = old !== undefined && !old.external;
  const report = { op: taken ? "read-replacement" : "read", old, new: state } as const;
  deployment.announce(report);
  if (taken) {
    const doomed: ResourceState = { ...old, delete: true };
    deployment.doomed.add(doomed);
    deployment.ledger.note({ put: [doomed, state], drop: [stateKey(old)] });
  } else if (!isDeepStrictEqual(old, state)) {
    deployment.ledger.note({ put: [state] });
  }
  deployment.news.set(goal.urn, state);
  deployment.complete(report);
  return state;
}

async function readOutputs(deployment: Deployment, resource: ResourceState): Promise<Properties> {
  const { handler } = deployment.handlers.find(resource.type);
  if (!handler.read) throw new Error(`${resource.type} cannot be read: its provider has no read`);
  const inputs = unwrapProperties(resource.inputs);
  const answer = await handler.read(deployment.context(resource), resource.id ?? "", inputs, {});
  if (answer.outputs === undefined)
    throw new Error(`there is no ${resource.type} with the id "${resource.id}"`);
  return plainProperties(answer.outputs, `the outputs ${resource.type} answered`);
}

async function stackOutputs(deployment: Deployment, name: string): Promise<Properties> {
  const lookUp = deployment.options.stackReference;
  if (!lookUp) throw new Error(`the stack "${name}" cannot be referred to: no other stacks are known here`);
  const found = await lookUp(name);
  if (!found) throw new Error(`there is no stack "${name}", or it has never been deployed`);
  const secretNames = found.secretOutputs ?? [];
  const outputs = markSecret(plainProperties(found.outputs, `the outputs of stack "${name}"`), secretNames);
  return { name, outputs, secretOutputNames: [...secretNames] };
}
