/** An app in a folder of its own, a local cloud and a host of Workers of its own, and one of the two engines. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { startCloud } from "@bowline/cloud";
import {
  type EngineEvent,
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
import { type ParityData, type ParityMessage, STATE_KEY } from "./entry.ts";
import { faulty } from "./faults.ts";
import { inventoryOf } from "./inventory.ts";
import { killTree } from "./processes.ts";
import { recordingProvider } from "./recording-provider.ts";

export interface Deployed {
  readonly result: Result;
  readonly resources: readonly ResourceState[];
}

export interface RunOptions {
  /** The operation of the AWS provider that fails. */
  readonly failAt?: number;
  onEvent?(event: EngineEvent): void;
  onMessage?(message: unknown): void;
}

/** A run that goes on. */
export interface Running {
  readonly finished: Promise<Deployed>;
  /** Kills everything that deploys, at once; what serves the provider stays. Resolves when nothing is in flight. */
  kill(): Promise<void>;
}

export interface Deployment extends AsyncDisposable {
  run(operation: Operation, changed: boolean, options?: RunOptions): Promise<Deployed>;
  start(operation: Operation, changed: boolean, options?: RunOptions): Running;
  /** Everything its cloud holds. */
  inventory(): Record<string, string[]>;
}

export async function prepare(
  engine: ParityData["engine"],
  files: Readonly<Record<string, string>>,
  { entry = new URL("./entry.ts", import.meta.url) } = {},
): Promise<Deployment> {
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
  const aws = faulty(awsProvider({ ...cloud, cwd: app.dir }));
  const providers = [
    aws.provider,
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

  function start(operation: Operation, changed: boolean, options: RunOptions = {}): Running {
    const { failAt = 0, onEvent, onMessage } = options;
    aws.failAt(failAt);
    let resources: readonly ResourceState[] = [];
    let pid: number | undefined;
    const data: ParityData = {
      root: app.dir,
      engine,
      folder: stateDir,
      cloud: { endpoint, region, accountId, credentials },
      workers: workers.access,
      changed,
      failAt,
    };
    const child = startChild({
      entry,
      data,
      operation,
      cwd: app.dir,
      env,
      onEvent: (event) => onEvent?.(event),
      onMessage: (message) => {
        onMessage?.(message);
        const told = message as ParityMessage;
        pid ??= told.pid;
        resources = told.resources ?? resources;
      },
    });
    return {
      finished: child.result.then(async (result) => {
        if (engine === "bowline") resources = (await readState(stateDir, STATE_KEY)).resources;
        return { result, resources };
      }),
      async kill() {
        if (pid !== undefined) killTree(pid);
        child.kill();
        await child.result;
        await aws.idle();
      },
    };
  }

  return {
    start,
    run: (...args) => start(...args).finished,
    inventory: () => inventoryOf(join(folder, "cloud")),
    async [Symbol.asyncDispose]() {
      for (const plugin of plugins) plugin.close();
      await workers.stop();
      await app[Symbol.asyncDispose]();
      await cloud.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
