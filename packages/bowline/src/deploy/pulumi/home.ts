/** The home of a stage in a cloud. What is asked of it alone needs neither Pulumi's CLI nor its SDK, which take time. */

import type { AppSettings } from "../../config/app.ts";
import { openAwsHome } from "./aws-home.ts";
import { openCloudflareHome } from "./cloudflare-home.ts";
import { type CloudName, cloudsOf } from "./clouds.ts";
import type { StateHome } from "./state-home.ts";

/** A home that a stage was found in. */
export interface CloudHome {
  readonly state: StateHome;
  /** As another owner of the same app finds it: each has a passphrase of its own. */
  of(stage: string): Promise<StateHome>;
}

export interface StageOptions {
  readonly settings: AppSettings;
  readonly stage: string;
  readonly progress: (message: string) => void;
  /** Whether to make what is missing of its home. Default true: what only looks makes nothing. */
  readonly make?: boolean;
}

export async function openCloudHome(
  { settings, stage, progress, make = true }: StageOptions,
  clouds = cloudsOf(settings),
): Promise<CloudHome> {
  const { name } = settings;
  const of = async (owner: string) =>
    homeOf(settings) === "aws"
      ? openAwsHome(await clouds.aws(), { name, stage: owner }, progress, make)
      : openCloudflareHome(await clouds.cloudflare(), { name, stage: owner, progress, make });
  return { state: await of(stage), of };
}

/** In which cloud a stage is at home. */
export function homeOf({ home }: AppSettings): CloudName {
  if (home === "aws" || home === "cloudflare") return home;
  throw new Error(`a stage at home in ${home} is not in a cloud`);
}
