/** A stage of Pulumi's own engine: its CLI, driven through the Automation API, with our provider served as a plugin. */

import { rmSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { EngineEvent as AutomationEvent, Stack } from "@pulumi/pulumi/automation/index.js";
import * as automation from "@pulumi/pulumi/automation/index.js";
import type { EngineEvent } from "../events.ts";
import type { EngineOptions, StackOutputs } from "../options.ts";
import { servePlugin } from "../plugin/serve.ts";
import type { Run } from "../semantics/case.ts";
import { type MemoryProvider, memoryProvider } from "../testing/memory-provider.ts";
import { SECRET, SIGNATURE } from "../values/wire.ts";
import { type Cipher, openCipher } from "./cipher.ts";

const PROJECT = "shop";
const STACK = "test";
const PASSPHRASE = "correct horse battery staple";

/** What one run did, as far as it can be compared. */
export interface PulumiRun {
  readonly ok: boolean;
  /** What it printed, for whoever wants to know why. */
  readonly said: string;
  readonly events: readonly EngineEvent[];
  /** The resources in its state, secrets decrypted but still marked. */
  readonly resources: readonly Record<string, unknown>[];
}

export interface PulumiStage extends AsyncDisposable {
  readonly provider: MemoryProvider;
  run(run: Run): Promise<PulumiRun>;
}

/** Where `tools/pulumi/build.mjs` put the CLI. */
function pulumiRoot(): string {
  const root = process.env.BOWLINE_PULUMI_ROOT;
  if (!root) throw new Error("BOWLINE_PULUMI_ROOT names no folder: start this with npm run test:pulumi");
  return root;
}

function environment(folder: string): Record<string, string> {
  return {
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${join(folder, "backend")}`,
    PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PATH: [join(pulumiRoot(), "bin"), process.env.PATH].join(delimiter),
  };
}

/** An initialised, empty stack: every stage begins as a copy of it, which saves a start of the CLI. */
let template: Promise<string> | undefined;

async function createTemplate(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bowline-pulumi-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const name of ["home", "backend", "work"]) await mkdir(join(folder, name));
  await automation.LocalWorkspace.createStack(
    { projectName: PROJECT, stackName: STACK, program: async () => {} },
    {
      workDir: join(folder, "work"),
      secretsProvider: "passphrase",
      envVars: environment(folder),
      pulumiCommand: await automation.PulumiCommand.get({ root: pulumiRoot() }),
    },
  );
  return folder;
}

export async function createPulumiStage(
  options: Partial<EngineOptions> = {},
  provider: MemoryProvider = memoryProvider(),
): Promise<PulumiStage> {
  template ??= createTemplate();
  const folder = await mkdtemp(join(tmpdir(), "bowline-pulumi-"));
  await cp(await template, folder, { recursive: true });
  const work = join(folder, "work");
  const settings = await readFile(join(work, `Pulumi.${STACK}.yaml`), "utf8");
  const cipher = await openCipher(PASSPHRASE, /encryptionsalt: (\S+)/.exec(settings)?.[1] ?? "");
  await writeFile(join(work, `Pulumi.${STACK}.yaml`), settings + configYaml(options, cipher));
  const stacks = join(folder, "backend", ".pulumi", "stacks", PROJECT);
  const other = await options.stackReference?.("other");
  if (other) await writeOtherStack(join(stacks, "other.json"), join(stacks, `${STACK}.json`), other, cipher);
  const plugin = await servePlugin(provider);
  const stack = await automation.LocalWorkspace.selectStack(
    { projectName: PROJECT, stackName: STACK, program: async () => {} },
    {
      workDir: work,
      envVars: { ...environment(folder), PULUMI_DEBUG_PROVIDERS: `test:${plugin.port}` },
      pulumiCommand: withoutFarewell(await automation.PulumiCommand.get({ root: pulumiRoot() })),
    },
  );
  return {
    provider,
    async run(run) {
      const events: EngineEvent[] = [];
      const said: string[] = [];
      const onEvent = (event: AutomationEvent) => void events.push(event as unknown as EngineEvent);
      const onOutput = (text: string) => void said.push(text);
      const ok = await operate(stack, run, { onEvent, onOutput, onError: onOutput }).then(
        () => true,
        (error: Error) => {
          said.push(error.message);
          return false;
        },
      );
      const checkpoint = JSON.parse(await readFile(join(stacks, `${STACK}.json`), "utf8"));
      const resources = cipher.open(checkpoint.checkpoint.latest?.resources ?? []);
      return { ok, said: said.join(""), events, resources: resources as Record<string, unknown>[] };
    },
    async [Symbol.asyncDispose]() {
      plugin.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Listeners {
  readonly onEvent: (event: AutomationEvent) => void;
  readonly onOutput: (text: string) => void;
  readonly onError: (text: string) => void;
}

function operate(stack: Stack, run: Run, listeners: Listeners): Promise<unknown> {
  const { targets, targetDependents, excludes, replace } = run.with ?? {};
  const chosen = {
    ...(targets ? { target: [...targets] } : {}),
    ...(targetDependents ? { targetDependents } : {}),
    ...(excludes ? { exclude: [...excludes] } : {}),
  };
  const program = async () => (await run.program?.()) as Record<string, unknown> | undefined;
  // As it always is with us: a failure stops what depends on it, and nothing else.
  const continueOnError = true;
  switch (run.do ?? "up") {
    case "up":
      return stack.up({
        ...listeners,
        ...chosen,
        continueOnError,
        program,
        ...(replace ? { replace: [...replace] } : {}),
      });
    case "preview":
      return stack.preview({ ...listeners, ...chosen, program });
    case "destroy":
      return stack.destroy({ ...listeners, ...chosen, continueOnError });
    case "refresh":
      return stack.refresh({ ...listeners, ...chosen });
  }
}

type Runner = { run(args: string[], ...more: unknown[]): Promise<unknown> };

/** After each run the Automation API starts the CLI thrice to ask for outputs and history: what is read from files here. */
function withoutFarewell(command: automation.PulumiCommand): automation.PulumiCommand {
  const runner = command as unknown as Runner;
  const quick: Runner = {
    async run(args, ...more) {
      if (args[0] !== "stack") return runner.run(args, ...more);
      return { stdout: args[1] === "history" ? "[]" : "{}", stderr: "", code: 0 };
    },
  };
  return Object.assign(Object.create(command), quick) as automation.PulumiCommand;
}

function configYaml({ config = {}, secretConfig = [] }: Partial<EngineOptions>, cipher: Cipher): string {
  const entries = Object.entries(config).map(([key, value]) =>
    secretConfig.includes(key)
      ? `  ${key}:\n    secure: ${cipher.encrypt(value)}\n`
      : `  ${key}: ${JSON.stringify(value)}\n`,
  );
  return entries.length > 0 ? `config:\n${entries.join("")}` : "";
}

/** Another stack that can be referred to: its outputs are all there is. */
async function writeOtherStack(
  file: string,
  like: string,
  { outputs, secretOutputs = [] }: StackOutputs,
  cipher: Cipher,
): Promise<void> {
  const document = JSON.parse(await readFile(like, "utf8"));
  const sealed = Object.entries(outputs).map(([key, value]) => [
    key,
    secretOutputs.includes(key)
      ? { [SIGNATURE]: SECRET, ciphertext: cipher.encrypt(JSON.stringify(value)) }
      : value,
  ]);
  const { encryptionsalt: salt } = cipher;
  document.checkpoint.stack = `organization/${PROJECT}/other`;
  document.checkpoint.latest = {
    manifest: { time: new Date().toISOString(), magic: "", version: "" },
    secrets_providers: { type: "passphrase", state: { salt } },
    resources: [
      {
        urn: `urn:pulumi:other::${PROJECT}::pulumi:pulumi:Stack::${PROJECT}-other`,
        custom: false,
        type: "pulumi:pulumi:Stack",
        outputs: Object.fromEntries(sealed),
      },
    ],
  };
  await writeFile(file, JSON.stringify(document));
}
