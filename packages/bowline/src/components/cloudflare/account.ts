import { createHash } from "node:crypto";
import type { App } from "../../config/app.ts";
import { noCloudflareAccount } from "../../deploy/account-id.ts";

/** The account of the stages on this machine. */
const LOCAL_ACCOUNT = "0".repeat(32);

/** The account everything is made in. */
export function accountId(app: App): string {
  // What asks for types, or checks the code, deploys nothing, and needs no account.
  if (app.home === "local" || app.purpose !== "deploy") return LOCAL_ACCOUNT;
  if (app.cloudflareAccount) return app.cloudflareAccount;
  throw noCloudflareAccount();
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
