/**
 * The accounts an app may use. That of its home it must have; of the other cloud it must have one if it uses it, which
 * only its program tells: so what is wrong with that account is told when something needs it.
 */

import type { ResourceState } from "@bowline/engine";
import type { AppSettings } from "../../config/app.ts";
import { BowlineError } from "../../error.ts";
import { type AwsAccount, openAccount } from "./aws-account.ts";
import { type CloudflareAccount, openCloudflare } from "./cloudflare-account.ts";

export type CloudName = "aws" | "cloudflare";

const WORDS = { aws: "AWS", cloudflare: "Cloudflare" } as const;

/** Each is looked at once, when it is first asked for. */
export interface Clouds {
  aws(): Promise<AwsAccount>;
  cloudflare(): Promise<CloudflareAccount>;
}

export function cloudsOf(settings: AppSettings): Clouds {
  return {
    aws: once(() => openAccount(settings.aws ?? {})),
    cloudflare: once(() => openCloudflare(settings.cloudflare ?? {})),
  };
}

function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open();
    return opened;
  };
}

/** To be asked before the first resource of a cloud is touched. */
export async function needCloud(clouds: Clouds, needed: CloudName, home: CloudName): Promise<void> {
  try {
    await clouds[needed]();
  } catch (problem) {
    if (needed === home || !(problem instanceof BowlineError)) throw problem;
    const { code, hint, exitCode } = problem;
    throw new BowlineError(
      code,
      `This app is at home in ${WORDS[home]} and has resources in ${WORDS[needed]}. ${problem.message}`,
      { ...(hint === undefined ? {} : { hint }), exitCode, cause: problem },
    );
  }
}

/** The clouds in which a state has something; what has a provider of the program's own is not ours to look after. */
export function cloudsIn(resources: readonly ResourceState[]): CloudName[] {
  const used = new Set(
    resources.flatMap(({ provider = "" }) => {
      const [, name] = /::pulumi:providers:(aws|cloudflare)::default/.exec(provider) ?? [];
      return name === undefined ? [] : [name as CloudName];
    }),
  );
  return [...used];
}
