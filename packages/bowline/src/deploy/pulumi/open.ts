/** Everything that a stage at home in a cloud needs before its program runs: account, state, keys, CLI. */

import { hkdfSync } from "node:crypto";
import { join } from "node:path";
import type { Program } from "@bowline/engine";
import type { AppSettings } from "../../config/app.ts";
import { BowlineError } from "../../error.ts";
import { type AwsAccount, openAccount } from "./aws-account.ts";
import { openAwsHome } from "./aws-home.ts";
import { findPulumi } from "./command.ts";
import { type PulumiEngine, pulumiEngine } from "./engine.ts";
import type { StateHome } from "./state-home.ts";

/** A home that a stage was found in. */
export interface CloudHome {
  readonly account: AwsAccount;
  readonly state: StateHome;
  /** As another owner of the same app finds it: each has a passphrase of its own. */
  of(stage: string): Promise<StateHome>;
}

export interface CloudStage {
  readonly home: CloudHome;
  /** Links' payloads; the same on every machine. */
  readonly payloadKey: Uint8Array;
  engine(program: Program): Promise<PulumiEngine>;
}

interface StageOptions {
  readonly settings: AppSettings;
  readonly stage: string;
  readonly progress: (message: string) => void;
}

/** What is asked of the home alone needs no CLI. */
export async function openCloudHome({ settings, stage, progress }: StageOptions): Promise<CloudHome> {
  if (settings.home !== "aws") {
    throw new BowlineError("home-not-built", `A stage cannot be at home in "${settings.home}" yet.`, {
      hint: 'Return home: "local" or home: "aws" from app() for this stage.',
    });
  }
  const account = await openAccount(settings.aws ?? {});
  const of = (owner: string) => openAwsHome(account, { name: settings.name, stage: owner }, progress);
  return { account, state: await of(stage), of };
}

export async function openCloudStage(
  options: StageOptions & {
    /** The stage's own folder on this machine. */
    readonly folder: string;
  },
): Promise<CloudStage> {
  const { settings, stage, progress } = options;
  const [home, command] = await Promise.all([openCloudHome(options), findPulumi({ progress })]);
  return {
    home,
    payloadKey: new Uint8Array(hkdfSync("sha256", home.state.passphrase, "", "bowline payload", 32)),
    engine: (program) =>
      pulumiEngine({
        project: settings.name,
        stage,
        folder: join(options.folder, "pulumi"),
        command,
        home: home.state,
        config: awsConfig(home.account, settings, stage),
        program,
      }),
  };
}

function awsConfig(account: AwsAccount, settings: AppSettings, stage: string): Record<string, string> {
  const tags = { "bowline:app": settings.name, "bowline:stage": stage, ...settings.aws?.tags };
  return {
    "aws:region": account.region,
    // The CLI may be given other credentials by what it finds; it must not use them on another account.
    "aws:allowedAccountIds": JSON.stringify([account.accountId]),
    "aws:defaultTags": JSON.stringify({ tags }),
  };
}
