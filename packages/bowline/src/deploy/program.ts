/** The entry of the child process in which the user's program runs: config in, engine options out. */

import type { ChildChannel, EngineOptions, Operation, OtherEngine, Program, Result } from "@bowline/engine";
import { type AppSettings, currentApp } from "../config/app.ts";
import { loadConfig } from "../config/load.ts";
import { findProject, stagePaths } from "../config/project.ts";
import { BowlineError } from "../error.ts";
import { cloudflareProvider } from "../providers/cloudflare/index.ts";
import { awsProvider } from "../providers/index.ts";
import { loadHomeSecrets } from "../secrets/home.ts";
import { projectKeys } from "../secrets/key.ts";
import { secretNames } from "../secrets/store.ts";
import { createGate, declareApp, type Gate, reported } from "./declare.ts";
import type { ProgramData, ProgramMessage } from "./messages.ts";
import type { CloudHome } from "./pulumi/home.ts";
import { safeguard } from "./removal.ts";

export default async function program(
  data: ProgramData,
  channel: ChildChannel,
): Promise<(EngineOptions & { program: Program }) | OtherEngine> {
  const send = (message: ProgramMessage) => channel.send(message);
  return reported(send, async () => {
    const project = findProject(data.root);
    const { config, sources } = await loadConfig(project);
    send({ type: "sources", files: sources });
    const settings = checkSettings(await config.app({ stage: data.stage }));
    const home = settings.home ?? "local";
    send({ type: "app", settings });
    if (data.purpose === "app") return NOTHING_TO_DO;
    const { purpose, stage } = data;
    const declared = (payloadKey: Uint8Array, gate: Gate, secrets?: ReadonlyMap<string, string>) =>
      declareApp({
        project,
        config,
        settings,
        stage,
        purpose,
        planning: data.operation === "preview",
        payloadKey,
        secrets,
        workers: data.workers,
        gate,
        send,
      });
    // What is asked of the code alone needs no cloud, wherever the stage lives.
    if (home !== "local" && purpose === "deploy") {
      if (data.cloud) {
        throw new BowlineError(
          "not-local",
          `Stage "${stage}" is at home in "${home}", and this command runs an app on this machine.`,
          { hint: "Choose a stage that is at home here: --stage dev" },
        );
      }
      return {
        run: (operation, how) => reported(send, () => runInCloud(operation, how)),
      };
    }
    if (!data.cloud) throw new Error("the local cloud was not opened");
    const keys = projectKeys(project);
    const gate = createGate();
    return {
      project: settings.name,
      stack: data.stage,
      stateDir: data.stateDir,
      secretsKey: keys.state,
      cwd: project.root,
      providers: [
        awsProvider({ ...data.cloud, cwd: project.root }),
        ...(data.workers ? [cloudflareProvider({ workers: data.workers, cwd: project.root })] : []),
      ],
      config: { "aws:region": data.cloud.region },
      unknownTypes: "record",
      ready: gate.promise,
      program: declared(keys.payload, gate),
    };

    async function runInCloud(operation: Operation, how: Parameters<OtherEngine["run"]>[1]): Promise<Result> {
      // The Automation API takes its time to load, and a local stage has no use for it.
      const [{ openCloudStage }, { tellUses }, { cloudsIn }] = await Promise.all([
        import("./pulumi/open.ts"),
        import("./pulumi/uses.ts"),
        import("./pulumi/clouds.ts"),
      ]);
      const cloud = await openCloudStage({
        settings,
        stage,
        folder: stagePaths(project, stage).folder,
        progress: (message) => send({ type: "progress", message }),
      });
      const gate = createGate();
      const secrets = operation === "destroy" ? new Map() : await secretsAt(cloud.home);
      const program = declared(cloud.payloadKey, gate, secrets);
      const engine = await cloud.engine(() => {
        tellUses((used) => currentApp().require(cloud.need(used)));
        safeguard({
          removal: settings.removal ?? "retain",
          protect: settings.protect ?? false,
          ready: gate.promise,
        });
        return program();
      });
      const before = await engine.resources();
      send({ type: "state", resources: before });
      await Promise.all(cloudsIn(before).map(cloud.need));
      const result = await engine.run(operation, how);
      if (operation !== "preview") send({ type: "state", resources: await engine.resources() });
      return result;
    }

    async function secretsAt(home: CloudHome): Promise<Map<string, string>> {
      const secrets = await loadHomeSecrets(home, { name: settings.name, stage });
      const strays = secretNames(stagePaths(project, stage).secrets).filter((name) => !secrets.has(name));
      if (strays.length > 0) {
        const message = `${strays.join(", ")}: set on this machine only. Stage "${stage}" has its secrets in ${home.state.objects.where}.`;
        send({ type: "warning", message, hint: `bowline secret load --local --stage ${stage}` });
      }
      return secrets;
    }
  });
}

const NOTHING_DONE: Result = {
  ok: true,
  diagnostics: [],
  changes: {},
  steps: [],
  outputs: {},
  secretOutputs: [],
  durationMs: 0,
};

/** The app's settings were all that was asked for. */
const NOTHING_TO_DO: OtherEngine = { run: async () => NOTHING_DONE };

function checkSettings(settings: unknown): AppSettings {
  const given = (settings ?? {}) as Partial<AppSettings>;
  const { name, home = "local", access = "least", removal, protect, aws, cloudflare, python } = given;
  if (typeof name !== "string" || !/^[A-Za-z][A-Za-z0-9-]{0,31}$/.test(name)) {
    throw new BowlineError("bad-app", `app() returned the name ${JSON.stringify(name)}.`, {
      hint: 'Return { name: "shop" }: up to 32 letters, digits and -, beginning with a letter.',
    });
  }
  if (!["local", "aws", "cloudflare"].includes(home)) {
    throw new BowlineError("bad-app", `app() returned home: ${JSON.stringify(home)}.`, {
      hint: 'Use "local", "aws" or "cloudflare".',
    });
  }
  if (!["least", "full"].includes(access)) {
    throw new BowlineError("bad-app", `app() returned access: ${JSON.stringify(access)}.`, {
      hint: 'Use "least" or "full".',
    });
  }
  if (!["retain", "remove", undefined].includes(removal)) {
    throw new BowlineError("bad-app", `app() returned removal: ${JSON.stringify(removal)}.`, {
      hint: 'Use "retain" or "remove".',
    });
  }
  if (!["boolean", "undefined"].includes(typeof protect)) {
    throw new BowlineError("bad-app", `app() returned protect: ${JSON.stringify(protect)}.`, {
      hint: "Use true or false.",
    });
  }
  if (!["bowline", "stelvio", undefined].includes(python?.resources)) {
    throw new BowlineError(
      "bad-app",
      `app() returned python.resources: ${JSON.stringify(python?.resources)}.`,
      {
        hint: 'Use "bowline" or "stelvio".',
      },
    );
  }
  return { name, home, access, removal, protect, aws, cloudflare, python };
}
