/** What the engine's bench deploys: resources of ten properties, every tenth the start of a chain. */

import type { ChildChannel, EngineOptions, Program, Provider, ResourceHandler } from "@bowline/engine";
import * as pulumi from "@pulumi/pulumi";

export interface BenchData {
  readonly stateDir: string;
  readonly resources: number;
  readonly version: number;
  readonly operation: "up" | "destroy";
  readonly transport?: "direct" | "grpc";
}

class Part extends pulumi.CustomResource {
  declare readonly arn: pulumi.Output<string>;
  constructor(name: string, args: Record<string, unknown>) {
    super("bench:index:Part", name, { ...args, arn: undefined });
  }
}

const handler: ResourceHandler = {
  create: (context, inputs) => ({
    id: context.name,
    outputs: { ...inputs, arn: `arn:bench:${context.name}` },
  }),
  update: (_context, id, _oldInputs, _oldOutputs, news) => ({ outputs: { ...news, arn: `arn:bench:${id}` } }),
  delete: () => {},
};

export const provider: Provider = { name: "bench", version: "1.0.0", resource: () => handler };

export function options(data: BenchData): EngineOptions & { program: Program } {
  return {
    project: "bench",
    stack: "bench",
    stateDir: data.stateDir,
    secretsKey: new Uint8Array(32),
    providers: [provider],
    ...(data.transport ? { transport: data.transport } : {}),
    program: () => {
      let previous: Part | undefined;
      for (let index = 0; index < data.resources; index++) {
        previous = new Part(`part-${index}`, {
          version: data.version,
          upstream: index % 10 === 0 ? "none" : previous?.arn,
          tags: { app: "bench", index: String(index) },
          a: 1,
          b: "two",
          c: [3, 4],
          d: true,
          e: { deep: { er: "value" } },
          f: null,
          g: "more",
        });
      }
      return { resources: data.resources };
    },
  };
}

export default function entry(data: unknown, channel: ChildChannel): EngineOptions & { program: Program } {
  return {
    ...options(data as BenchData),
    onEvent: (event) => {
      if (event.summaryEvent) channel.send({ peakMB: process.resourceUsage().maxRSS / 1024 });
    },
  };
}
