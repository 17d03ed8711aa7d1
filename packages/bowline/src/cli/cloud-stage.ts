import { cloudSettings } from "../deploy/app.ts";
import type { DeployedStage } from "../deploy/pulumi/deployed.ts";
import type { CommandContext } from "./command.ts";

/** A stage at home in a cloud, as it was deployed last; undefined for one that lives on this machine. */
export async function cloudStage(context: CommandContext): Promise<DeployedStage | undefined> {
  const { project, stage, paths, reporter } = context;
  const settings = await cloudSettings(project, stage);
  if (!settings) return undefined;
  const { openDeployed } = await import("../deploy/pulumi/deployed.ts");
  const progress = (message: string) => reporter.report({ type: "progress", message });
  return openDeployed({ settings, stage, folder: paths.folder, progress });
}
