/** The account and region a stage at home in AWS is deployed to, looked at before anything changes. */

import { BowlineError } from "../../error.ts";
import { AwsRequestError, awsClient, type Client } from "../../providers/client.ts";
import { type Credentials, findCredentials, profileRegion } from "./credentials.ts";

export interface AwsSettings {
  /** Default: `AWS_REGION`, or the profile's. */
  readonly region?: string;
  /** A profile of `~/.aws/config`. Default: the environment's credentials, or `AWS_PROFILE`. */
  readonly profile?: string;
  /** Refuse any other account. */
  readonly accountId?: string;
  /** Put on everything that takes tags. */
  readonly tags?: Readonly<Record<string, string>>;
}

export interface AwsAccount {
  readonly accountId: string;
  /** Who we are there. */
  readonly arn: string;
  readonly region: string;
  readonly credentials: Credentials;
  /** Where all services are, instead of AWS: `AWS_ENDPOINT_URL`. */
  readonly endpoint: string | undefined;
  readonly client: Client;
}

export async function openAccount(
  settings: AwsSettings,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<AwsAccount> {
  const region =
    settings.region ||
    env.AWS_REGION ||
    env.AWS_DEFAULT_REGION ||
    (await profileRegion(settings.profile, env));
  if (!region) {
    throw new BowlineError("no-region", "It is not said in which AWS region this stage lives.", {
      hint: 'Set AWS_REGION, or return aws: { region: "eu-central-1" } from app() in bowline.config.ts.',
      exitCode: 2,
    });
  }
  const credentials = await findCredentials(settings.profile, env);
  const endpoint = env.AWS_ENDPOINT_URL || undefined;
  const client = awsClient(connectionOf({ endpoint, region, credentials }));
  const { accountId, arn } = await identify(client, settings.profile);
  if (settings.accountId && settings.accountId !== accountId) {
    throw new BowlineError(
      "wrong-account",
      `The credentials are those of account ${accountId}, and this stage belongs to account ${settings.accountId}.`,
      {
        hint: `Use credentials of ${settings.accountId}: AWS_PROFILE, or aws.profile in app().`,
        exitCode: 2,
      },
    );
  }
  return { accountId, arn, region, credentials, endpoint, client };
}

/** How a client of ours reaches an account. */
export function connectionOf<T extends Pick<AwsAccount, "endpoint" | "region" | "credentials">>(account: T) {
  const { endpoint, region } = account;
  return { ...account, endpoint: endpoint ?? ((service: string) => serviceUrl(service, region)) };
}

function serviceUrl(service: string, region: string): string {
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return `https://${service}.${region}.${suffix}`;
}

async function identify(
  client: Client,
  profile: string | undefined,
): Promise<{ accountId: string; arn: string }> {
  try {
    const answer = await client.query("sts", "GetCallerIdentity", {});
    return { accountId: answer.at("Account").text ?? "", arn: answer.at("Arn").text ?? "" };
  } catch (cause) {
    throw explainIdentity(cause, profile);
  }
}

function explainIdentity(cause: unknown, profile: string | undefined): unknown {
  const signIn = `Sign in again (aws sso login${profile ? ` --profile ${profile}` : ""}), or set new keys.`;
  if (!(cause instanceof AwsRequestError)) {
    return new BowlineError("no-network", `AWS cannot be reached: ${messageOf(cause)}`, {
      hint: "Deploying to AWS needs a network; without one, deploy a stage whose home is local.",
      exitCode: 1,
      cause,
    });
  }
  if (/^(ExpiredToken|RequestExpired|TokenRefreshRequired)/.test(cause.code)) {
    return new BowlineError("expired-credentials", "The AWS credentials have expired.", {
      hint: signIn,
      exitCode: 2,
      cause,
    });
  }
  if (
    /InvalidClientTokenId|SignatureDoesNotMatch|UnrecognizedClient|InvalidAccessKeyId|AuthFailure/.test(
      cause.code,
    )
  ) {
    return new BowlineError("bad-credentials", `AWS does not accept these credentials (${cause.code}).`, {
      hint: signIn,
      exitCode: 2,
      cause,
    });
  }
  return cause;
}

/** A request that the account's owner has to allow first. */
export function explainDenied(cause: unknown, action: string, what: string, arn: string): unknown {
  if (!(cause instanceof AwsRequestError)) return cause;
  if (cause.status !== 403 && !/AccessDenied|NotAuthorized/.test(cause.code)) return cause;
  return new BowlineError("no-permission", `${arn} may not ${what}: ${action} is denied.`, {
    hint: `Let somebody allow it ${action}, or use other credentials. Nothing of the app was changed.`,
    exitCode: 2,
    cause,
  });
}

export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
