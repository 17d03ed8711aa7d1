/** Which account of Cloudflare an app is for. */

import { BowlineError } from "../error.ts";

export interface CloudflareSettings {
  /** Default: `CLOUDFLARE_DEFAULT_ACCOUNT_ID`, or `CLOUDFLARE_ACCOUNT_ID`. */
  readonly accountId?: string;
}

/** The account that is asked for, or that the environment names. */
export function cloudflareAccountId(
  settings: CloudflareSettings,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  return settings.accountId || env.CLOUDFLARE_DEFAULT_ACCOUNT_ID || env.CLOUDFLARE_ACCOUNT_ID || undefined;
}

export function noCloudflareAccount(): BowlineError {
  return new BowlineError("no-account", "It is not said which Cloudflare account to use.", {
    hint: 'Set CLOUDFLARE_DEFAULT_ACCOUNT_ID, or return cloudflare: { accountId: "…" } from app(); the dashboard shows the id on the account\'s page.',
    exitCode: 2,
  });
}
