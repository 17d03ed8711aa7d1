/** An app in a folder of its own, a local cloud and a host of Workers of its own, and one of the two engines. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type Cloud, startCloud } from "@bowline/cloud";
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
  options: {
    readonly entry?: URL;
    /** Pulumi's state is where a stage at home in AWS has it: in another cloud than what is deployed. */
    readonly atHomeInAws?: boolean;
  } = {},
): Promise<Deployment> {
  const folder = await mkdtemp(join(tmpdir(), "bowline-parity-"));
  const cloud = await startCloud({ dir: join(folder, "cloud") });
  const home =
    options.atHomeInAws && engine === "pulumi" ? await startCloud({ dir: join(folder, "home") }) : undefined;
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
  const { entry = new URL("./entry.ts", import.meta.url) } = options;

  function start(operation: Operation, changed: boolean, how: RunOptions = {}): Running {
    const { failAt = 0, onEvent, onMessage } = how;
    aws.failAt(failAt);
    let resources: readonly ResourceState[] = [];
    let pid: number | undefined;
    const data: ParityData = {
      root: app.dir,
      engine,
      folder: stateDir,
      cloud: accessTo(cloud),
      workers: workers.access,
      ...(home ? { home: accessTo(home) } : {}),
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
      await Promise.all([cloud.stop(), home?.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What crosses the process boundary. */
function accessTo({ endpoint, region, accountId, credentials }: Cloud): ParityData["cloud"] {
  return { endpoint, region, accountId, credentials };
}
