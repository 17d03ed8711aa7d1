import { type Output, output } from "@pulumi/pulumi";
import type { App } from "../../config/app.ts";
import { BowlineError } from "../../error.ts";
import { workersClient } from "../../workers/access.ts";
import { accountId } from "./account.ts";

/** Where a Worker answers. It is known before the Worker is there, so that two can be linked to each other. */
export function workerUrl(app: App, scriptName: string): Output<string> {
  const url = whereOf(app, scriptName);
  app.require(url);
  return output(url);
}

async function whereOf(app: App, scriptName: string): Promise<string> {
  // What asks for types, or checks the code, deploys nothing: that it is a text is all that counts.
  if (app.purpose !== "deploy") return "";
  if (app.home !== "local") return publicUrl(accountId(app), scriptName);
  if (!app.workers) throw new Error("the host of the Workers was not started");
  return workersClient(app.workers).url(scriptName);
}

/** `https://<script>.<the account's subdomain>.workers.dev`. */
async function publicUrl(account: string, scriptName: string): Promise<string> {
  const token = process.env.CLOUDFLARE_API_TOKEN;
  if (!token) {
    throw new BowlineError("no-credentials", "There is no token for Cloudflare.", {
      hint: "Set CLOUDFLARE_API_TOKEN to one that may edit Workers: https://dash.cloudflare.com/profile/api-tokens",
    });
  }
  const answer = await fetch(`https://api.cloudflare.com/client/v4/accounts/${account}/workers/subdomain`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const body = (await answer.json().catch(() => undefined)) as
    | { readonly result?: { readonly subdomain?: string }; readonly errors?: readonly { message: string }[] }
    | undefined;
  const subdomain = body?.result?.subdomain;
  if (subdomain) return `https://${scriptName}.${subdomain}.workers.dev`;
  const why = body?.errors?.map(({ message }) => message).join(", ");
  throw new BowlineError(
    "no-subdomain",
    `Cloudflare did not say which workers.dev subdomain the account ${account} has${why ? `: ${why}` : ` (${answer.status})`}.`,
    {
      hint: "Choose one in the dashboard under Workers & Pages, or declare the Worker without url.",
      exitCode: 1,
    },
  );
}
