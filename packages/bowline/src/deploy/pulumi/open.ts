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

export interface CloudStage {
  readonly account: AwsAccount;
  /** Links' payloads; the same on every machine. */
  readonly payloadKey: Uint8Array;
  engine(program: Program): Promise<PulumiEngine>;
}

export async function openCloudStage(options: {
  readonly settings: AppSettings;
  readonly stage: string;
  /** The stage's own folder on this machine. */
  readonly folder: string;
  readonly progress: (message: string) => void;
}): Promise<CloudStage> {
  const { settings, stage, progress } = options;
  if (settings.home !== "aws") {
    throw new BowlineError("home-not-built", `A stage cannot be at home in "${settings.home}" yet.`, {
      hint: 'Return home: "local" or home: "aws" from app() for this stage.',
    });
  }
  const { name } = settings;
  const [account, command] = await Promise.all([openAccount(settings.aws ?? {}), findPulumi({ progress })]);
  const home = await openAwsHome(account, { name, stage }, progress);
  return {
    account,
    payloadKey: new Uint8Array(hkdfSync("sha256", home.passphrase, "", "bowline payload", 32)),
    engine: (program) =>
      pulumiEngine({
        project: name,
        stage,
        folder: join(options.folder, "pulumi"),
        command,
        home,
        config: awsConfig(account, settings, stage),
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
