/** From a type token to the handler that makes it real. */

import { randomUUID } from "node:crypto";
import { dynamicHandler } from "./dynamic.ts";
import type { Provider, ResourceHandler } from "./provider.ts";
import type { Sdk } from "./sdk.ts";
import { isProviderType, packageOf } from "./urn.ts";

export interface FoundHandler {
  readonly handler: ResourceHandler;
  /** No provider knows the type: inputs become outputs. */
  readonly notEmulated: boolean;
}

/** A provider's configuration is a resource of its own; it exists nowhere but in state. */
const providerHandler: ResourceHandler = {
  create: (_context, inputs) => ({ id: randomUUID(), outputs: inputs }),
  update: (_context, _id, _oldInputs, _oldOutputs, newInputs) => ({ outputs: newInputs }),
  preview: (_context, inputs) => inputs,
};

/** Stands in for what nobody emulates. */
const recordingHandler: ResourceHandler = {
  create: (context, inputs) => ({ id: context.name, outputs: inputs }),
  update: (_context, _id, _oldInputs, oldOutputs, newInputs) => ({
    outputs: { ...oldOutputs, ...newInputs },
  }),
  read: (_context, id, inputs, outputs) => ({ id, inputs, outputs }),
  preview: (_context, inputs) => inputs,
};

/** A stash keeps the value it was first given, as Pulumi's own engine has it. */
const stashHandler: ResourceHandler = {
  replaceOn: [],
  create: (_context, inputs) => ({
    id: randomUUID(),
    outputs: { input: inputs.input ?? null, output: inputs.input ?? null },
  }),
  update: (_context, _id, _oldInputs, oldOutputs, newInputs) => ({
    outputs: { input: newInputs.input ?? null, output: oldOutputs.output ?? null },
  }),
  preview: (_context, inputs, oldOutputs) => ({
    input: inputs.input ?? null,
    output: oldOutputs?.output ?? inputs.input ?? null,
  }),
};

export interface Handlers {
  find(type: string): FoundHandler;
  provider(name: string): Provider | undefined;
}

export function createHandlers(
  providers: readonly Provider[],
  unknownTypes: "fail" | "record",
  sdk: (() => Sdk) | undefined,
): Handlers {
  const byName = new Map(providers.map((provider) => [provider.name, provider]));
  const found = new Map<string, FoundHandler>();

  function look(type: string): FoundHandler {
    if (isProviderType(type)) {
      const replaceOn = byName.get(type.split(":")[2] ?? "")?.replaceOnConfig;
      return { handler: { ...providerHandler, ...(replaceOn ? { replaceOn } : {}) }, notEmulated: false };
    }
    if (type.startsWith("pulumi-nodejs:dynamic")) {
      if (!sdk) throw new Error(`${type} needs @pulumi/pulumi to run its provider`);
      return { handler: dynamicHandler(sdk()), notEmulated: false };
    }
    if (type === "pulumi:index:Stash") return { handler: stashHandler, notEmulated: false };
    const handler = byName.get(packageOf(type))?.resource(type);
    if (handler) return { handler, notEmulated: false };
    if (unknownTypes === "record") return { handler: recordingHandler, notEmulated: true };
    throw new Error(
      byName.has(packageOf(type))
        ? `the provider "${packageOf(type)}" has no resource type ${type}`
        : `no provider for resource type ${type}; known packages: ${[...byName.keys()].join(", ") || "none"}`,
    );
  }

  return {
    find(type) {
      let handler = found.get(type);
      if (!handler) {
        handler = look(type);
        found.set(type, handler);
      }
      return handler;
    },
    provider: (name) => byName.get(name),
  };
}
