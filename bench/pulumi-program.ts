/** The process in which a program of many resources is deployed, by our engine or by Pulumi's. */

import type { ChildChannel, EngineOptions, OtherEngine, Program } from "@bowline/engine";
import { type BenchData, options } from "./engine-program.ts";
import { type PulumiData, pulumi } from "./pulumi-engine.ts";

export default async function entry(
  data: unknown,
  channel: ChildChannel,
): Promise<(EngineOptions & { program: Program }) | OtherEngine> {
  const { bench, theirs } = data as { readonly bench: BenchData; readonly theirs?: PulumiData };
  const ours = options(bench);
  return theirs ? pulumi(theirs, ours.program, channel) : ours;
}
