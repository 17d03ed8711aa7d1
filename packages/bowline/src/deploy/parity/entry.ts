/** The process in which an app is deployed for comparison: by our engine, or by Pulumi's. */

import { setTimeout as delay } from "node:timers/promises";
import type { ChildChannel, EngineOptions, OtherEngine, Program } from "@bowline/engine";
import * as pulumi from "@pulumi/pulumi";
import type { AppSettings } from "../../config/app.ts";
import { loadConfig } from "../../config/load.ts";
import { findProject } from "../../config/project.ts";
import { cloudflareProvider } from "../../providers/cloudflare/index.ts";
import { awsProvider } from "../../providers/index.ts";
import { createGate, declareApp } from "../declare.ts";
import type { ProgramData } from "../messages.ts";

export interface ParityData {
  readonly root: string;
  readonly engine: "bowline" | "pulumi";
  /** State and whatever else the engine keeps. */
  readonly folder: string;
  readonly cloud: NonNullable<ProgramData["cloud"]>;
  readonly workers: NonNullable<ProgramData["workers"]>;
  /** Whether the app is to be a little different from before. */
  readonly changed: boolean;
}

export const STATE_KEY = new Uint8Array(32).fill(5);

export default async function entry(
  given: unknown,
  channel: ChildChannel,
): Promise<(EngineOptions & { program: Program }) | OtherEngine> {
  const { root, engine, folder, cloud, workers, changed } = given as ParityData;
  const project = findProject(root);
  const { config } = await loadConfig(project);
  const settings: AppSettings = { ...(await config.app({ stage: "parity" })), home: "local" };
  const gate = createGate();
  const declared = declareApp({
    project,
    config,
    settings,
    stage: "parity",
    purpose: "deploy",
    planning: false,
    workers,
    payloadKey: new Uint8Array(32).fill(6),
    gate,
    send: () => {},
  });
  const program = () => {
    if (changed) changeSomething();
    return declared();
  };
  if (engine === "bowline") {
    return {
      project: settings.name,
      stack: "parity",
      stateDir: folder,
      secretsKey: STATE_KEY,
      cwd: root,
      providers: [awsProvider({ ...cloud, cwd: root }), cloudflareProvider({ workers, cwd: root })],
      config: { "aws:region": cloud.region },
      unknownTypes: "record",
      program,
    };
  }
  const { pulumiEngine } = await import("../pulumi/engine.ts");
  const { findPulumi } = await import("../pulumi/command.ts");
  const made = await pulumiEngine({
    project: settings.name,
    stage: "parity",
    folder,
    command: await findPulumi({ progress: () => {} }),
    home: { url: `file://${folder}`, passphrase: "parity", env: { PULUMI_HOME: `${folder}/home` } },
    config: { "aws:region": cloud.region },
    program,
  });
  return {
    async run(operation, how) {
      const result = await made.run(operation, how);
      channel.send({ resources: await made.resources() });
      // What is sent has to leave before the process ends.
      await delay(0);
      return result;
    },
  };
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
