/** The process in which an app is deployed, by our engine or by Pulumi's, and nothing is compared but time. */

import type { ChildChannel, EngineOptions, OtherEngine, Program } from "@bowline/engine";
import { openApp, type ParityData } from "../packages/bowline/src/deploy/parity/entry.ts";
import { pulumi } from "./pulumi-engine.ts";

export default async function entry(
  given: unknown,
  channel: ChildChannel,
): Promise<(EngineOptions & { program: Program }) | OtherEngine> {
  const data = given as ParityData;
  const app = await openApp(data);
  if (data.engine === "bowline") return app;
  const root = process.env.BOWLINE_PULUMI_ROOT ?? "";
  const theirs = { project: app.project, folder: data.folder, root, config: app.config };
  return pulumi(theirs, app.program, channel);
}
