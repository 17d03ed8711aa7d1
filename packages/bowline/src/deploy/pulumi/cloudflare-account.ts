/** The Cloudflare account a stage is deployed to, looked at before anything changes. */

import { BowlineError } from "../../error.ts";
import { askCloudflare, type CloudflareAnswer } from "../../providers/cloudflare/api.ts";
import { r2SecretKey } from "../../providers/cloudflare/r2-secret-key.ts";
import { type CloudflareSettings, cloudflareAccountId, noCloudflareAccount } from "../account-id.ts";
import { messageOf } from "./aws-account.ts";

export interface CloudflareAccount {
  readonly accountId: string;
  /** What R2's S3 API takes instead of the token. */
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

type Environment = Readonly<Record<string, string | undefined>>;

const TOKENS = "https://dash.cloudflare.com/profile/api-tokens";

export async function openCloudflare(
  settings: CloudflareSettings,
  env: Environment = process.env,
): Promise<CloudflareAccount> {
  const token = env.CLOUDFLARE_API_TOKEN;
  if (!token) {
    throw new BowlineError("no-credentials", "There is no token for Cloudflare.", {
      hint: env.CLOUDFLARE_API_KEY
        ? `Set CLOUDFLARE_API_TOKEN: a global API key (CLOUDFLARE_API_KEY) is not enough. ${TOKENS}`
        : `Set CLOUDFLARE_API_TOKEN to one that may edit Workers and R2: ${TOKENS}`,
      exitCode: 2,
    });
  }
  const accountId = cloudflareAccountId(settings, env);
  if (!accountId) throw noCloudflareAccount();
  if (!/^[0-9a-f]{32}$/.test(accountId)) {
    throw new BowlineError("no-account", `"${accountId}" is no id of a Cloudflare account.`, {
      hint: "It has 32 digits, 0 to 9 and a to f: the dashboard shows it on the account's page.",
      exitCode: 2,
    });
  }
  return { accountId, keys: r2Keys(await verify(token, accountId, env), token) };
}

/** As Cloudflare documents it: every token that may use R2 is a pair of keys for its S3 API too. */
function r2Keys(tokenId: string, token: string): CloudflareAccount["keys"] {
  return { accessKeyId: tokenId, secretAccessKey: r2SecretKey(token) };
}

/** Answers the token's id. Tokens belong to a user, or to an account itself, and each is asked for elsewhere. */
async function verify(token: string, accountId: string, env: Environment): Promise<string> {
  const users = await ask("/user/tokens/verify", token, env);
  const answer = users.ok ? users : await ask(`/accounts/${accountId}/tokens/verify`, token, env);
  const { id, status, expires_on } = Object(answer.result) as Partial<Record<string, string>>;
  if (!answer.ok || !id) throw refused(answer);
  if (status !== "active") {
    throw new BowlineError(
      "expired-credentials",
      status === "expired"
        ? `The token for Cloudflare expired${expires_on ? ` on ${expires_on}` : ""}.`
        : `The token for Cloudflare is ${status}.`,
      { hint: `Make another one, and set CLOUDFLARE_API_TOKEN to it: ${TOKENS}`, exitCode: 2 },
    );
  }
  if (users.ok) await checkAccount(token, accountId, env);
  return id;
}

/** A user's token is for some accounts. Not every token may list them: then the first thing that is done tells. */
async function checkAccount(token: string, accountId: string, env: Environment): Promise<void> {
  const answer = await ask("/accounts?per_page=50", token, env);
  const accounts = Array.isArray(answer.result) ? (answer.result as { id: string; name?: string }[]) : [];
  if (!answer.ok || answer.more || accounts.length === 0) return;
  if (accounts.some(({ id }) => id === accountId)) return;
  const known = accounts.map(({ id, name }) => (name ? `${id} (${name})` : id)).join(", ");
  throw new BowlineError(
    "wrong-account",
    `The token for Cloudflare is for account ${known}, and this stage belongs to account ${accountId}.`,
    { hint: `Use a token of ${accountId}, or correct the id of the account.`, exitCode: 2 },
  );
}

async function ask(path: string, token: string, env: Environment): Promise<CloudflareAnswer> {
  let answer: CloudflareAnswer;
  try {
    answer = await askCloudflare(path, token, env);
  } catch (cause) {
    throw unreachable("Cloudflare", cause);
  }
  if (answer.status < 500 && answer.status !== 429) return answer;
  throw new BowlineError("cloud-busy", `Cloudflare answers ${answer.status}${said(answer)}.`, {
    hint: "Try again in a while. Nothing was changed.",
    exitCode: 1,
  });
}

export function unreachable(what: string, cause: unknown): BowlineError {
  return new BowlineError("no-network", `${what} cannot be reached: ${reason(cause)}`, {
    hint: "Deploying to Cloudflare needs a network; without one, deploy a stage whose home is local.",
    exitCode: 1,
    cause,
  });
}

/** `fetch` says only that it failed; why is in what caused it. */
function reason(error: unknown): string {
  const { cause } = Object(error) as { cause?: unknown };
  return messageOf(cause ?? error);
}

function refused(answer: CloudflareAnswer): BowlineError {
  return new BowlineError(
    "bad-credentials",
    `Cloudflare does not accept this token (${answer.status}${said(answer)}).`,
    { hint: `Set CLOUDFLARE_API_TOKEN to one that is valid: ${TOKENS}`, exitCode: 2 },
  );
}

function said({ errors }: CloudflareAnswer): string {
  return errors.length > 0 ? `: ${errors.map(({ message }) => message).join(", ")}` : "";
}
