import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { boto3Folder } from "../build/python-packages.ts";
import { sdkFolder } from "../build/python-sdk.ts";
import { linkVariables } from "../link/payload.ts";
import type { Consumer, Manifest } from "./manifest.ts";

export interface AwsAccess {
  /** Absent for AWS itself. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** The environment of a command that sees every link of the app, as whoever works on its account. */
export function environmentOfApp(
  base: NodeJS.ProcessEnv,
  root: string,
  manifest: Manifest,
  aws: AwsAccess | undefined,
): NodeJS.ProcessEnv {
  return {
    ...cleaned(base, root),
    ...(aws ? awsVariables(aws) : {}),
    ...linkVariables(manifest.app, manifest.linkables),
  };
}

/** The environment of a command that is exactly one function or Worker: its links, its variables, its role if it has one. */
export function environmentOfConsumer(
  base: NodeJS.ProcessEnv,
  root: string,
  manifest: Manifest,
  consumer: Consumer,
  aws: AwsAccess | undefined,
): NodeJS.ProcessEnv {
  return {
    ...cleaned(base, root),
    ...linkVariables(manifest.app, consumer.links),
    ...consumer.environment,
    ...(aws ? awsVariables(aws) : {}),
    ...(consumer.kind === "function" ? { AWS_LAMBDA_FUNCTION_NAME: consumer.functionName } : {}),
  };
}

function awsVariables({ endpoint, region, credentials }: AwsAccess): Record<string, string> {
  return {
    ...(endpoint ? { AWS_ENDPOINT_URL: endpoint } : {}),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...(credentials.sessionToken ? { AWS_SESSION_TOKEN: credentials.sessionToken } : {}),
  };
}

/** Nothing that chooses another account, nor another app's links; the project's tools on PATH. */
function cleaned(base: NodeJS.ProcessEnv, root: string): NodeJS.ProcessEnv {
  const kept = Object.entries(base).filter(([name]) => !FOREIGN.test(name));
  const python = [dirname(sdkFolder()), boto3Folder()].filter((folder) => existsSync(folder));
  return {
    ...Object.fromEntries(kept),
    PATH: [join(root, "node_modules", ".bin"), base.PATH].join(delimiter),
    PYTHONPATH: [...python, base.PYTHONPATH].filter((part) => part).join(delimiter),
  };
}

/** Certificates and the like (`AWS_CA_BUNDLE`) belong to the machine. */
const FOREIGN = /^(SST_|AWS_(?!CA_BUNDLE|SDK_|MAX_ATTEMPTS|RETRY_MODE|CLI_))/;
