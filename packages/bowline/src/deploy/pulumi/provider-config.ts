/** What Pulumi's AWS provider is told. That of Cloudflare reads its token from the environment, and has no account. */

import type { AppSettings } from "../../config/app.ts";
import type { AwsAccount } from "./aws-account.ts";

export function awsConfig(account: AwsAccount, settings: AppSettings, stage: string): Record<string, string> {
  const tags = { "bowline:app": settings.name, "bowline:stage": stage, ...settings.aws?.tags };
  return {
    "aws:region": account.region,
    // The CLI may be given other credentials by what it finds; it must not use them on another account.
    "aws:allowedAccountIds": JSON.stringify([account.accountId]),
    "aws:defaultTags": JSON.stringify({ tags }),
  };
}

/** The credentials that were found, whatever they were found in. */
export function awsEnvironment({ region, credentials }: AwsAccount): Record<string, string> {
  return {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    // The environment's own would be mixed with them.
    AWS_SESSION_TOKEN: credentials.sessionToken ?? "",
    AWS_PROFILE: "",
  };
}
