/** Whose account it is: credentials as AWS's own tools would find them. */

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { BowlineError } from "../../error.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * From the environment, from the profile's entry in `~/.aws`, or, for everything else (SSO, assumed roles, a process,
 * a machine's role), from AWS's own command where it is installed.
 */
export async function findCredentials(
  profile: string | undefined,
  env: Environment = process.env,
): Promise<Credentials> {
  const own = profile === undefined ? fromEnvironment(env) : undefined;
  if (own) return own;
  const name = profile || env.AWS_PROFILE || "default";
  const found = (await fromProfile(name, env)) ?? (await fromAwsCommand(name, env));
  if (found) return found;
  throw new BowlineError(
    "no-credentials",
    `There are no AWS credentials${profile || env.AWS_PROFILE ? ` for the profile "${name}"` : ""}.`,
    {
      hint: "Set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in: aws sso login, aws configure. (Profiles that need more than keys are read through the aws command.)",
      exitCode: 2,
    },
  );
}

function fromEnvironment(env: Environment): Credentials | undefined {
  return env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY
    ? credentials(env.AWS_ACCESS_KEY_ID, env.AWS_SECRET_ACCESS_KEY, env.AWS_SESSION_TOKEN)
    : undefined;
}

async function fromProfile(name: string, env: Environment): Promise<Credentials | undefined> {
  const folder = join(homedir(), ".aws");
  const files = [
    env.AWS_SHARED_CREDENTIALS_FILE ?? join(folder, "credentials"),
    env.AWS_CONFIG_FILE ?? join(folder, "config"),
  ];
  for (const file of files) {
    const entry = section(await readFile(file, "utf8").catch(() => ""), name);
    const { aws_access_key_id: id, aws_secret_access_key: key, aws_session_token: token } = entry;
    if (id && key) return credentials(id, key, token);
  }
  return undefined;
}

/** The region a profile names. */
export async function profileRegion(
  profile: string | undefined,
  env: Environment = process.env,
): Promise<string | undefined> {
  const file = env.AWS_CONFIG_FILE ?? join(homedir(), ".aws", "config");
  return section(await readFile(file, "utf8").catch(() => ""), profile || env.AWS_PROFILE || "default")
    .region;
}

function section(text: string, name: string): Record<string, string> {
  const entries: Record<string, string> = {};
  let inside = false;
  for (const line of text.split(/\r?\n/)) {
    const heading = /^\s*\[\s*(?:profile\s+)?(.+?)\s*\]/.exec(line);
    if (heading) inside = heading[1] === name;
    const entry = /^\s*([a-z_]+)\s*=\s*(.*?)\s*$/.exec(line);
    if (inside && entry?.[1]) entries[entry[1]] = entry[2] ?? "";
  }
  return entries;
}

async function fromAwsCommand(profile: string, env: Environment): Promise<Credentials | undefined> {
  const args = ["configure", "export-credentials", "--profile", profile, "--format", "process"];
  try {
    const { stdout } = await promisify(execFile)("aws", args, { env: { ...env }, timeout: 30_000 });
    const answer = JSON.parse(stdout) as Partial<Record<string, string>>;
    const { AccessKeyId: id, SecretAccessKey: key, SessionToken: token } = answer;
    return id && key ? credentials(id, key, token) : undefined;
  } catch (cause) {
    const { code, stderr } = cause as { code?: unknown; stderr?: string };
    // An aws command of before version 2 does not know how to tell.
    if (
      code === "ENOENT" ||
      /could not be found|Unable to locate credentials|Invalid choice/.test(stderr ?? "")
    )
      return undefined;
    throw new BowlineError("bad-credentials", `aws configure export-credentials: ${stderr?.trim() || code}`, {
      hint: `Sign in again: aws sso login --profile ${profile}`,
      exitCode: 2,
      cause,
    });
  }
}

function credentials(
  accessKeyId: string,
  secretAccessKey: string,
  sessionToken: string | undefined,
): Credentials {
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}
