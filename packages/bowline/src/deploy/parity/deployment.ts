/** An app in a folder of its own, a local cloud and a host of Workers of its own, and one of the two engines. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { startCloud } from "@bowline/cloud";
import {
  type Operation,
  type ResourceState,
  type Result,
  readState,
  servePlugin,
  startChild,
} from "@bowline/engine";
import { appFolder } from "../../cli/e2e/app-folder.ts";
import { cloudflareProvider } from "../../providers/cloudflare/index.ts";
import { awsProvider } from "../../providers/index.ts";
import { roleEnvironment } from "../../workers/aws-role.ts";
import { startWorkersHost } from "../../workers/host.ts";
import { type ParityData, STATE_KEY } from "./entry.ts";
import { recordingProvider } from "./recording-provider.ts";

export interface Deployed {
  readonly result: Result;
  readonly resources: readonly ResourceState[];
}

export type Run = (operation: Operation, changed: boolean) => Promise<Deployed>;

export async function prepare(
  engine: ParityData["engine"],
  files: Readonly<Record<string, string>>,
): Promise<AsyncDisposable & { run: Run }> {
  const folder = await mkdtemp(join(tmpdir(), "bowline-parity-"));
  const cloud = await startCloud({ dir: join(folder, "cloud") });
  const app = appFolder(files);
  const workers = await startWorkersHost({
    root: app.dir,
    folder: join(folder, "workers"),
    key: new Uint8Array(32).fill(4),
    role: roleEnvironment(cloud),
    onLine: () => {},
    onWarning: () => {},
  });
  const providers = [
    awsProvider({ ...cloud, cwd: app.dir }),
    cloudflareProvider({ workers: workers.access, cwd: app.dir }),
    recordingProvider("vercel"),
  ];
  const plugins = await Promise.all(
    providers.map(async (provider) => ({ name: provider.name, ...(await servePlugin(provider)) })),
  );
  const stateDir = await mkdtemp(join(folder, "state-"));
  const env = {
    ...(process.env as Record<string, string>),
    XDG_CONFIG_HOME: app.home,
    PATH: [join(process.env.BOWLINE_PULUMI_ROOT ?? "", "bin"), process.env.PATH].join(delimiter),
    PULUMI_DEBUG_PROVIDERS: plugins.map(({ name, port }) => `${name}:${port}`).join(),
  };
  const { endpoint, region, accountId, credentials } = cloud;
  return {
    async run(operation, changed) {
      let resources: readonly ResourceState[] = [];
      const data: ParityData = {
        root: app.dir,
        engine,
        folder: stateDir,
        cloud: { endpoint, region, accountId, credentials },
        workers: workers.access,
        changed,
      };
      const child = startChild({
        entry: new URL("./entry.ts", import.meta.url),
        data,
        operation,
        cwd: app.dir,
        env,
        onMessage: (message) => {
          resources = (message as { resources: readonly ResourceState[] }).resources;
        },
      });
      const result = await child.result;
      if (engine === "bowline") resources = (await readState(stateDir, STATE_KEY)).resources;
      return { result, resources };
    },
    async [Symbol.asyncDispose]() {
      for (const plugin of plugins) plugin.close();
      await workers.stop();
      await app[Symbol.asyncDispose]();
      await cloud.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
