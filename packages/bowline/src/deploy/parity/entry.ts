/** The process in which an app is deployed for comparison: by our engine, or by Pulumi's. */

import { setTimeout as delay } from "node:timers/promises";
import type { ChildChannel, EngineOptions, OtherEngine, Program, ResourceState } from "@bowline/engine";
import * as pulumi from "@pulumi/pulumi";
import type { AppSettings } from "../../config/app.ts";
import { loadConfig } from "../../config/load.ts";
import { findProject } from "../../config/project.ts";
import { cloudflareProvider } from "../../providers/cloudflare/index.ts";
import { awsProvider } from "../../providers/index.ts";
import { locator } from "../../providers/locate.ts";
import { createGate, declareApp } from "../declare.ts";
import type { ProgramData } from "../messages.ts";
import type { pulumiEngine } from "../pulumi/engine.ts";
import { faulty } from "./faults.ts";

export interface ParityData {
  readonly root: string;
  readonly engine: "bowline" | "pulumi";
  /** State and whatever else the engine keeps. */
  readonly folder: string;
  readonly cloud: NonNullable<ProgramData["cloud"]>;
  readonly workers: NonNullable<ProgramData["workers"]>;
  /** Where Pulumi's engine keeps its state as it does for a stage at home in AWS; else it is in the folder. */
  readonly home?: NonNullable<ProgramData["cloud"]>;
  /** Whether the app is to be a little different from before. */
  readonly changed: boolean;
  /** The operation that the provider of AWS is to fail at; 0 for none. Where it is a plugin, it is told otherwise. */
  readonly failAt: number;
}

/** What it tells on its way. */
export interface ParityMessage {
  readonly pid?: number;
  readonly resources?: readonly ResourceState[];
}

export const STATE_KEY = new Uint8Array(32).fill(5);

/** The app, ready to be deployed by our engine. */
export async function openApp(data: ParityData) {
  const { root, folder, cloud, workers, changed, failAt } = data;
  const project = findProject(root);
  const { config } = await loadConfig(project);
  const settings: AppSettings = { ...(await config.app({ stage: "parity" })), home: "local" };
  const declared = declareApp({
    project,
    config,
    settings,
    stage: "parity",
    purpose: "deploy",
    planning: false,
    workers,
    payloadKey: new Uint8Array(32).fill(6),
    gate: createGate(),
    send: () => {},
  });
  const aws = faulty(awsProvider({ ...cloud, cwd: root }));
  aws.failAt(failAt);
  return {
    project: settings.name,
    stack: "parity",
    stateDir: folder,
    secretsKey: STATE_KEY,
    cwd: root,
    providers: [aws.provider, cloudflareProvider({ workers, cwd: root })],
    config: { "aws:region": cloud.region },
    unknownTypes: "record",
    program: () => {
      if (changed) changeSomething();
      return declared();
    },
  } satisfies EngineOptions & { program: Program };
}

export default async function entry(
  given: unknown,
  channel: ChildChannel,
): Promise<(EngineOptions & { program: Program }) | OtherEngine> {
  const data = given as ParityData;
  channel.send({ pid: process.pid } satisfies ParityMessage);
  const app = await openApp(data);
  if (data.engine === "bowline") return app;
  const { folder, home } = data;
  const { pulumiEngine: open } = await import("../pulumi/engine.ts");
  const { findPulumi } = await import("../pulumi/command.ts");
  const made = await open({
    project: app.project,
    stage: app.stack,
    folder,
    command: await findPulumi({ progress: () => {} }),
    home: home ? await homeInAws(home, app.project, folder) : homeIn(folder),
    config: app.config,
    program: app.program,
    locate: locator(app.providers),
  });
  return {
    async run(operation, how) {
      const result = await made.run(operation, how);
      channel.send({ resources: await made.resources() } satisfies ParityMessage);
      // What is sent has to leave before the process ends.
      await delay(0);
      return result;
    },
  };
}

type Home = Parameters<typeof pulumiEngine>[0]["home"];

function homeIn(folder: string): Home {
  return { url: `file://${folder}`, passphrase: "parity", env: { PULUMI_HOME: `${folder}/home` } };
}

async function homeInAws(
  { endpoint, region, credentials }: NonNullable<ParityData["home"]>,
  name: string,
  folder: string,
): Promise<Home> {
  const { openAccount } = await import("../pulumi/aws-account.ts");
  const { openAwsHome } = await import("../pulumi/aws-home.ts");
  const account = await openAccount(
    { region },
    {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
  );
  const home = await openAwsHome(account, { name, stage: "parity" }, () => {});
  return { ...home, env: { ...home.env, PULUMI_HOME: `${folder}/home` } };
}

/** What an afternoon's work on an app comes to: more memory, another waiting time, a tag. */
function changeSomething(): void {
  const changes: Readonly<Record<string, object>> = {
    "aws:lambda/function:Function": { memorySize: 1536 },
    "aws:sqs/queue:Queue": { visibilityTimeoutSeconds: 77 },
    "aws:s3/bucket:Bucket": { tags: { parity: "changed" } },
    "aws:dynamodb/table:Table": { tags: { parity: "changed" } },
    "aws:iam/role:Role": { description: "changed" },
    "cloudflare:index/workersScript:WorkersScript": { compatibilityDate: "2026-06-01" },
    "cloudflare:index/queue:Queue": { settings: { deliveryDelay: 3 } },
    "vercel:index/project:Project": { framework: "astro" },
  };
  pulumi.runtime.registerResourceTransform(({ type, props, opts }) =>
    changes[type] ? { props: { ...props, ...changes[type] }, opts } : undefined,
  );
}
