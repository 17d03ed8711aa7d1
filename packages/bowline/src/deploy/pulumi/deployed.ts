/** A stage at home in a cloud as it was deployed last: looked at and mended without running its program. */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { AppSettings } from "../../config/app.ts";
import type { AwsAccess } from "../environment.ts";
import type { StageState } from "../stage-state.ts";
import { stageCli } from "./cli.ts";
import { cloudsOf } from "./clouds.ts";
import { findPulumi } from "./command.ts";
import { openCloudHome } from "./home.ts";
import { pulumiState } from "./state.ts";

export interface DeployedStage {
  readonly state: StageState;
  /** With what AWS is reached; undefined where an app at home elsewhere has no credentials for it. */
  aws(): Promise<AwsAccess | undefined>;
  /** Removes the lock that a run left. */
  unlock(): Promise<void>;
}

export async function openDeployed(options: {
  readonly settings: AppSettings;
  readonly stage: string;
  /** The stage's own folder on this machine. */
  readonly folder: string;
  readonly progress: (message: string) => void;
}): Promise<DeployedStage> {
  const { settings, stage, progress } = options;
  const folder = join(options.folder, "pulumi");
  const clouds = cloudsOf(settings);
  const [home, command] = await Promise.all([
    openCloudHome({ ...options, make: false }, clouds),
    findPulumi({ progress }),
    mkdir(folder, { recursive: true }),
  ]);
  const { objects } = home.state;
  const cli = stageCli({ command, home: home.state, project: settings.name, stage });
  return {
    state: pulumiState({ project: settings.name, stage, folder, objects, cli }),
    aws: () => clouds.aws().catch(() => undefined),
    async unlock() {
      await cli("cancel", "--yes");
    },
  };
}
