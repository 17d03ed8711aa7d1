/** Everything that a stage at home in a cloud needs before its program runs: account, state, keys, CLI. */

import { hkdfSync } from "node:crypto";
import { join } from "node:path";
import type { Program } from "@bowline/engine";
import { cloudflareLocator } from "../../providers/cloudflare/locate.ts";
import { awsProvider } from "../../providers/index.ts";
import { anyOf, locator } from "../../providers/locate.ts";
import { connectionOf } from "./aws-account.ts";
import { type CloudName, cloudsOf, needCloud } from "./clouds.ts";
import { findPulumi } from "./command.ts";
import { type PulumiEngine, pulumiEngine } from "./engine.ts";
import { type CloudHome, homeOf, openCloudHome, type StageOptions } from "./home.ts";
import { awsConfig, awsEnvironment } from "./provider-config.ts";

export interface CloudStage {
  readonly home: CloudHome;
  /** Links' payloads; the same on every machine. */
  readonly payloadKey: Uint8Array;
  /** Rejects where there is no account for what is to be deployed in a cloud. */
  need(cloud: CloudName): Promise<void>;
  engine(program: Program): Promise<PulumiEngine>;
}

export async function openCloudStage(
  options: StageOptions & {
    /** The stage's own folder on this machine. */
    readonly folder: string;
  },
): Promise<CloudStage> {
  const { settings, stage, progress } = options;
  const home = homeOf(settings);
  const clouds = cloudsOf(settings);
  const [found, command, aws] = await Promise.all([
    openCloudHome(options, clouds),
    findPulumi({ progress }),
    // Elsewhere it is needed only if the program says so: what is wrong with it is told then.
    home === "aws" ? clouds.aws() : clouds.aws().catch(() => undefined),
  ]);
  const { state } = found;
  return {
    home: found,
    payloadKey: new Uint8Array(hkdfSync("sha256", state.passphrase, "", "bowline payload", 32)),
    need: (cloud) => needCloud(clouds, cloud, home),
    engine: (program) =>
      pulumiEngine({
        project: settings.name,
        stage,
        folder: join(options.folder, "pulumi"),
        command,
        home: { ...state, env: { ...(aws ? awsEnvironment(aws) : {}), ...state.env } },
        config: aws ? awsConfig(aws, settings, stage) : {},
        program,
        locate: anyOf(
          locator(aws ? [awsProvider(connectionOf(aws))] : []),
          cloudflareLocator(process.env.CLOUDFLARE_API_TOKEN ?? ""),
        ),
      }),
  };
}
