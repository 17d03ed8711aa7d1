import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type Cloud, startCloud } from "@bowline/cloud";
import { servePlugin } from "@bowline/engine";
import { awsProvider } from "../../providers/index.ts";

/** An account in "AWS": the local cloud, and our provider as the plugin of Pulumi's engine. */
export interface TestAccount extends AsyncDisposable {
  readonly cloud: Cloud;
  readonly stateBucket: string;
  /** What a machine needs to work on it. */
  readonly env: NodeJS.ProcessEnv;
}

/** A plugin that Pulumi starts itself works in the program's folder, from which paths of assets are meant; ours is told. */
export async function testAccount(cwd?: string): Promise<TestAccount> {
  const folder = mkdtempSync(join(tmpdir(), "bowline-account-"));
  const cloud = await startCloud({ dir: join(folder, "cloud") });
  const plugin = await servePlugin(awsProvider({ ...cloud, ...(cwd ? { cwd } : {}) }));
  return {
    cloud,
    stateBucket: `bowline-state-${cloud.accountId}-${cloud.region}`,
    env: {
      AWS_ENDPOINT_URL: cloud.endpoint,
      AWS_REGION: cloud.region,
      AWS_ACCESS_KEY_ID: cloud.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: cloud.credentials.secretAccessKey,
      AWS_SESSION_TOKEN: "",
      PULUMI_DEBUG_PROVIDERS: `aws:${plugin.port}`,
      PULUMI_HOME: join(folder, "pulumi"),
      PATH: [join(process.env.BOWLINE_PULUMI_ROOT ?? "", "bin"), process.env.PATH].join(delimiter),
    },
    async [Symbol.asyncDispose]() {
      plugin.close();
      await cloud.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
