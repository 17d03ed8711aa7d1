/** Where a stage at home in Cloudflare keeps its state, and the passphrase of its secrets: a bucket of R2. */

import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BowlineError } from "../../error.ts";
import { AwsRequestError, awsClient, type Client, hasCode } from "../../providers/client.ts";
import { notDeployed } from "../not-deployed.ts";
import { type CloudflareAccount, unreachable } from "./cloudflare-account.ts";
import { dataFolder } from "./data-folder.ts";
import { bucketObjects } from "./home-objects.ts";
import { openPassphrase } from "./passphrase.ts";
import type { StateHome } from "./state-home.ts";

const BUCKET = "bowline-state";
const WHERE = `the R2 bucket ${BUCKET}`;
/** R2 has no regions: this one stands for its `auto`, and every tool knows it. */
const REGION = "us-east-1";
/** The profile the CLI takes R2's keys from, so that the environment's can be those of AWS. */
const PROFILE = "bowline-state";
const KEYS_VARIABLE = "BOWLINE_STATE_KEYS";

export interface CloudflareHomeOptions {
  readonly name: string;
  readonly stage: string;
  readonly env?: Environment;
  readonly progress: (message: string) => void;
  /** Default true. Where nothing is to be made, what is missing was never deployed. */
  readonly make?: boolean;
}

/** Makes what is missing of it: one bucket for an account, one passphrase for a stage. */
export async function openCloudflareHome(
  account: CloudflareAccount,
  options: CloudflareHomeOptions,
): Promise<StateHome> {
  const { name, stage, env = process.env, progress, make = true } = options;
  const endpoint = r2Endpoint(account, env);
  const client = r2Client(account, env);
  const refuse = refusal(account.accountId);
  if (!(await exists(client, `/${BUCKET}`, refuse))) {
    if (!make) throw notDeployed(stage);
    progress(`Creating the bucket ${BUCKET} for the state of all stages in this Cloudflare account`);
    await createBucket(client, refuse);
  }
  const objects = bucketObjects({
    client,
    bucket: BUCKET,
    where: WHERE,
    explain: (cause, _action, what) => refuse(cause, what),
  });
  const key = `bowline/passphrase/${name}/${stage}`;
  const passphraseAt = `the object ${key} in ${WHERE}`;
  const passphrase = await openPassphrase(
    {
      where: passphraseAt,
      read: () => objects.read(key),
      create(fresh) {
        if (!make) throw notDeployed(stage);
        return createOnce(client, `/${BUCKET}/${key}`, fresh, refuse);
      },
      hasState: () => exists(client, `/${BUCKET}/.pulumi/stacks/${name}/${stage}.json`, refuse),
    },
    stage,
    env,
  );
  const query = new URLSearchParams({ region: REGION, endpoint, s3ForcePathStyle: "true", profile: PROFILE });
  return {
    url: `s3://${BUCKET}?${query}`,
    passphrase,
    passphraseAt,
    env: await keysFor(account, env),
    objects,
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

function r2Endpoint({ accountId }: CloudflareAccount, env: Environment): string {
  return env.BOWLINE_R2_ENDPOINT || `https://${accountId}.r2.cloudflarestorage.com`;
}

/** R2, through its S3 API. */
export function r2Client(account: CloudflareAccount, env: Environment = process.env): Client {
  return awsClient({ endpoint: r2Endpoint(account, env), region: REGION, credentials: account.keys });
}

type Refusal = (cause: unknown, what: string) => unknown;

/** What R2 answers when it refuses, as a person should read it. */
function refusal(accountId: string): Refusal {
  return (cause, what) => {
    if (!(cause instanceof AwsRequestError)) return unreachable("R2", cause);
    if (/NotEntitled|enable R2/i.test(`${cause.code} ${cause.message}`)) {
      return new BowlineError(
        "no-r2",
        `Cloudflare account ${accountId} has no R2, where the state is kept.`,
        {
          hint: `Enable it once, in the dashboard: https://dash.cloudflare.com/${accountId}/r2`,
          exitCode: 2,
          cause,
        },
      );
    }
    if (![401, 403].includes(cause.status)) return cause;
    return new BowlineError("no-permission", `The token for Cloudflare may not ${what} (${cause.code}).`, {
      hint: `Give it the permission "Workers R2 Storage: Edit" for account ${accountId}, or use another one. Nothing of the app was changed.`,
      exitCode: 2,
      cause,
    });
  };
}

async function exists(client: Client, path: string, refuse: Refusal): Promise<boolean> {
  try {
    await client.s3("Head", "HEAD", path);
    return true;
  } catch (cause) {
    if (cause instanceof AwsRequestError && cause.status === 404) return false;
    throw refuse(cause, `read ${WHERE}`);
  }
}

async function createBucket(client: Client, refuse: Refusal): Promise<void> {
  try {
    await client.s3("CreateBucket", "PUT", `/${BUCKET}`);
  } catch (cause) {
    // Names of buckets are the account's own in R2.
    if (hasCode(cause, "BucketAlreadyOwnedByYou", "BucketAlreadyExists")) return;
    throw refuse(cause, `create ${WHERE}`);
  }
}

/** False when it was there already. */
async function createOnce(client: Client, path: string, body: string, refuse: Refusal): Promise<boolean> {
  try {
    await client.s3("PutObject", "PUT", path, { headers: { "if-none-match": "*" }, body });
    return true;
  } catch (cause) {
    if (cause instanceof AwsRequestError && [409, 412].includes(cause.status)) return false;
    throw refuse(cause, `write to ${WHERE}`);
  }
}

/**
 * The CLI has one environment for its state and its plugins, and that may hold credentials for AWS. R2's are those of a
 * profile, which hands on what is in a variable of our own: the file with the profile holds nothing secret.
 */
async function keysFor({ keys }: CloudflareAccount, env: Environment): Promise<Record<string, string>> {
  const file = join(dataFolder(env), "state-profile");
  const profile = `[${PROFILE}]\ncredential_process = "${process.execPath}" -p process.env.${KEYS_VARIABLE}\n`;
  if ((await readFile(file, "utf8").catch(() => "")) !== profile) {
    await mkdir(dirname(file), { recursive: true });
    const draft = `${file}.${randomUUID()}`;
    await writeFile(draft, profile);
    await rename(draft, file);
  }
  return {
    AWS_SHARED_CREDENTIALS_FILE: file,
    // A profile of the file that is hidden by this would not be found; what it stands for was looked up before.
    AWS_PROFILE: "",
    [KEYS_VARIABLE]: JSON.stringify({
      Version: 1,
      AccessKeyId: keys.accessKeyId,
      SecretAccessKey: keys.secretAccessKey,
    }),
  };
}
