/** The program's own functions, called before and after operations. */

import type { Callback } from "@pulumi/pulumi/proto/callback_pb.js";
import type { Callbacks } from "../callbacks.ts";
import { type Deployment, messageOf } from "../deployment.ts";
import type { HookBinding, HookPhase } from "../goal.ts";
import type { Sdk } from "../sdk.ts";
import type { ResourceState } from "../state/resource.ts";
import { parseUrn } from "../urn.ts";
import { encodeStruct } from "../values/struct.ts";

export interface Hook {
  readonly callback: Callback;
  readonly onDryRun: boolean;
  readonly ignoreErrors: boolean;
}

/** The hooks a program has registered, and the way to call them. */
export interface HookRegistry {
  readonly sdk: Sdk;
  readonly callbacks: Callbacks;
  readonly resourceHooks: Map<string, Hook>;
  readonly errorHooks: Map<string, Callback>;
}

const registries = new WeakMap<Deployment, HookRegistry>();

export function attachHooks(deployment: Deployment, registry: HookRegistry): void {
  registries.set(deployment, registry);
}

/**
 * A failing hook fails the resource, unless it was registered to ignore its errors. What an operation did before a hook
 * after it failed is done, and in state.
 */
export async function runHooks(
  deployment: Deployment,
  phase: Exclude<HookPhase, "OnError">,
  binding: HookBinding,
  resource: ResourceState,
  old: ResourceState | undefined,
): Promise<void> {
  for (const name of binding[phase] ?? []) {
    const registry = registries.get(deployment);
    const hook = registry?.resourceHooks.get(name);
    if (!registry || !hook) {
      throw new Error(`its ${phase} hook "${name}" is not there: run the program that registers it`);
    }
    if (deployment.preview && !hook.onDryRun) continue;
    const failure = await callHook(registry, hook, phase, resource, old);
    if (failure === "") continue;
    const message = `${phase} hook "${name}" failed: ${failure}`;
    if (!hook.ignoreErrors) throw new Error(message);
    deployment.report("warning", message, resource.urn);
  }
}

async function callHook(
  { sdk, callbacks }: HookRegistry,
  hook: Hook,
  phase: HookPhase,
  resource: ResourceState,
  old: ResourceState | undefined,
): Promise<string> {
  const request = new sdk.resource.ResourceHookRequest();
  request.setUrn(resource.urn);
  request.setId(resource.id ?? "");
  request.setName(parseUrn(resource.urn).name);
  request.setType(resource.type);
  if (!phase.endsWith("Delete")) request.setNewInputs(encodeStruct(sdk, resource.inputs));
  if (phase === "AfterCreate" || phase === "AfterUpdate")
    request.setNewOutputs(encodeStruct(sdk, resource.outputs));
  if (old && !phase.endsWith("Create")) {
    request.setOldInputs(encodeStruct(sdk, old.inputs));
    request.setOldOutputs(encodeStruct(sdk, old.outputs));
  }
  try {
    const answer = await callbacks.invoke(hook.callback, request);
    return sdk.resource.ResourceHookResponse.deserializeBinary(answer).getError();
  } catch (error) {
    return messageOf(error);
  }
}

const MAX_ATTEMPTS = 100;

/** Runs an operation, again as long as it fails and one of its error hooks says so. */
export async function withErrorHooks<T>(
  deployment: Deployment,
  operation: "create" | "update" | "delete",
  binding: HookBinding,
  resource: ResourceState,
  old: ResourceState | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const names = binding.OnError ?? [];
  if (names.length === 0) return work();
  const errors: string[] = [];
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      errors.unshift(messageOf(error));
      const retry = attempt < MAX_ATTEMPTS && !deployment.cancelled;
      if (!retry || !(await anyRetries(deployment, names, operation, resource, old, errors))) throw error;
    }
  }
}

async function anyRetries(
  deployment: Deployment,
  names: readonly string[],
  operation: string,
  resource: ResourceState,
  old: ResourceState | undefined,
  errors: readonly string[],
): Promise<boolean> {
  const registry = registries.get(deployment);
  let retry = false;
  for (const name of names) {
    const callback = registry?.errorHooks.get(name);
    if (!registry || !callback) throw new Error(`its error hook "${name}" is not there`);
    const { sdk, callbacks } = registry;
    const request = new sdk.resource.ErrorHookRequest();
    request.setUrn(resource.urn);
    request.setId(resource.id ?? "");
    request.setName(parseUrn(resource.urn).name);
    request.setType(resource.type);
    request.setNewInputs(encodeStruct(sdk, resource.inputs));
    if (old) {
      request.setOldInputs(encodeStruct(sdk, old.inputs));
      request.setOldOutputs(encodeStruct(sdk, old.outputs));
    }
    request.setFailedOperation(operation);
    request.setErrorsList([...errors]);
    const answer = sdk.resource.ErrorHookResponse.deserializeBinary(
      await callbacks.invoke(callback, request),
    );
    if (answer.getError() !== "") throw new Error(`error hook "${name}" failed: ${answer.getError()}`);
    retry ||= answer.getRetry();
  }
  return retry;
}
