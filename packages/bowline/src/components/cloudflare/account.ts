import { createHash } from "node:crypto";
import type { App } from "../../config/app.ts";
import { BowlineError } from "../../error.ts";

/** The account of the stages on this machine. */
const LOCAL_ACCOUNT = "0".repeat(32);

/** The account everything is made in. */
export function accountId(app: App): string {
  if (app.home === "local") return LOCAL_ACCOUNT;
  const id = process.env.CLOUDFLARE_DEFAULT_ACCOUNT_ID ?? process.env.CLOUDFLARE_ACCOUNT_ID;
  if (id) return id;
  throw new BowlineError("no-account", "It is not said which Cloudflare account to use.", {
    hint: "Set CLOUDFLARE_DEFAULT_ACCOUNT_ID (and CLOUDFLARE_API_TOKEN); the dashboard shows the id on the account's page.",
  });
}

/** The longest name of a bucket, a queue and a Worker, which is a label of a host name as well. */
const LONGEST = 63;

/** What Cloudflare knows a component's resource by: the same in every run, and another in every stage. */
export function physicalName(app: App, name: string): string {
  const whole = `${app.name}-${app.stage}-${name}`.toLowerCase().replaceAll("_", "-");
  if (whole.length <= LONGEST) return whole;
  const hash = createHash("sha256").update(whole).digest("hex").slice(0, 8);
  return `${whole.slice(0, LONGEST - hash.length - 1).replace(/-+$/, "")}-${hash}`;
}
