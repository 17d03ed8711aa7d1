import { resolve } from "node:path";
import type { Cloud } from "./cloud.ts";
import type { CloudOptions } from "./options.ts";
import { readHolder } from "./store/lock.ts";
import { openCredentials } from "./sts/credentials.ts";

/** A cloud that runs in another process. */
export type ConnectedCloud = Pick<
  Cloud,
  "endpoint" | "port" | "region" | "accountId" | "credentials" | "assumeRole"
>;

/**
 * The cloud another process runs in a folder; its keys are in the folder, for its owner only.
 * Undefined when no process says that it listens.
 *
 * @example
 * const cloud = connectCloud({ dir: ".cloud" }) ?? (await startCloud({ dir: ".cloud" }));
 */
export function connectCloud(
  options: Pick<CloudOptions, "dir" | "region" | "accountId">,
): ConnectedCloud | undefined {
  const { region = "us-east-1", accountId = "000000000000" } = options;
  const dir = resolve(options.dir);
  const port = readHolder(dir)?.port;
  if (port === undefined) return undefined;
  const credentials = openCredentials(dir, accountId);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    region,
    accountId,
    credentials: credentials.root,
    assumeRole: (roleArn, sessionName = "local") =>
      credentials.issue({ roleArn, sessionName, durationSeconds: SESSION_SECONDS }),
  };
}

const SESSION_SECONDS = 12 * 3600;
