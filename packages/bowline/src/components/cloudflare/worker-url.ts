import { type Output, output } from "@pulumi/pulumi";
import type { App } from "../../config/app.ts";
import { BowlineError } from "../../error.ts";
import { askCloudflare } from "../../providers/cloudflare/api.ts";
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

/** `https://<script>.<the account's subdomain>.workers.dev`. What is wrong with the account itself is told elsewhere. */
async function publicUrl(account: string, scriptName: string): Promise<string> {
  const token = process.env.CLOUDFLARE_API_TOKEN;
  const answer = token
    ? await askCloudflare(`/accounts/${account}/workers/subdomain`, token).catch(() => undefined)
    : undefined;
  if (answer === undefined || answer.status === 401) return "";
  const { subdomain } = Object(answer.result) as { readonly subdomain?: string };
  if (subdomain) return `https://${scriptName}.${subdomain}.workers.dev`;
  const why = answer.errors.map(({ message }) => message).join(", ");
  throw new BowlineError(
    "no-subdomain",
    `Cloudflare did not say which workers.dev subdomain the account ${account} has${why ? `: ${why}` : ` (${answer.status})`}.`,
    {
      hint: "Choose one in the dashboard under Workers & Pages, let the token edit Workers scripts, or declare the Worker without url.",
      exitCode: 1,
    },
  );
}
