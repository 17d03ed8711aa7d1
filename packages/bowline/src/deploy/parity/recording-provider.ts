/** Takes whatever it is given: for a package whose resources exist nowhere but in state, on either engine. */

import type { Provider, ResourceHandler } from "@bowline/engine";

const recording: ResourceHandler = {
  create: (context, inputs) => ({ id: context.name, outputs: inputs }),
  update: (_context, _id, _oldInputs, oldOutputs, newInputs) => ({
    outputs: { ...oldOutputs, ...newInputs },
  }),
  preview: (_context, inputs) => inputs,
};

/** Stands in for a package's own plugin, which cannot be built here. */
export function recordingProvider(name: string): Provider {
  return { name, version: "0.0.0", resource: () => recording };
}
