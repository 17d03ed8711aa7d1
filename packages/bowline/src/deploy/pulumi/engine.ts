/** Pulumi's own engine, behind the interface of ours. */

import { mkdir } from "node:fs/promises";
import type { EngineEvent, OtherEngine, Program, ResourceState, Result } from "@bowline/engine";
import {
  type EngineEvent as AutomationEvent,
  LocalWorkspace,
  type PulumiCommand,
  type Stack,
} from "@pulumi/pulumi/automation/index.js";
import { BowlineError } from "../../error.ts";
import { plain } from "../manifest.ts";
import { explainFailure, withoutColours } from "./explain.ts";
import { gather } from "./result.ts";
import { ownGroup, PulumiFailure } from "./runner.ts";
import { shareStore } from "./share-store.ts";
import type { StateHome } from "./state-home.ts";

export interface PulumiOptions {
  readonly project: string;
  readonly stage: string;
  /** A folder for what the CLI writes beside its state. */
  readonly folder: string;
  readonly command: PulumiCommand;
  readonly home: Omit<StateHome, "objects">;
  readonly config: Readonly<Record<string, string>>;
  readonly program: Program;
}

export interface PulumiEngine extends OtherEngine {
  /** The state as it is now, secrets in plain text but marked. */
  resources(): Promise<readonly ResourceState[]>;
  /** Removes the lock that a run left. */
  unlock(): Promise<void>;
}

export async function pulumiEngine(options: PulumiOptions): Promise<PulumiEngine> {
  const stack = await openStack(options);
  let latest: readonly ResourceState[] | undefined;
  return {
    async run(operation, { signal, onEvent }) {
      latest = undefined;
      const events = gather(performance.now());
      const listen = (event: AutomationEvent) => {
        const told = events.take(event as unknown as EngineEvent);
        if (told) onEvent?.(told);
      };
      const how = { onEvent: listen, signal, color: "never" as const };
      const program = async () => {
        shareStore();
        return (await options.program()) as Record<string, unknown> | undefined;
      };
      try {
        if (operation === "preview") {
          await stack.preview({ ...how, program });
          return events.result(true, events.foretold(), []);
        }
        if (operation === "destroy") await stack.destroy(how);
        if (operation === "refresh") await stack.refresh(how);
        if (operation === "up") {
          await stack.up({ ...how, program });
          latest = await exported(stack);
          return events.result(true, ...outputsOf(latest));
        }
        return events.result(true, {}, []);
      } catch (cause) {
        return failed(cause, options.stage, events.result(false, {}, []), signal);
      }
    },
    async resources() {
      latest ??= await exported(stack);
      return latest;
    },
    unlock: () => stack.cancel(),
  };
}

async function exported(stack: Stack): Promise<readonly ResourceState[]> {
  const { deployment } = (await stack.exportStack()) as { deployment?: { resources?: unknown[] } };
  // Pulumi leaves out what is empty.
  return (deployment?.resources ?? []).map(
    (resource) => ({ inputs: {}, outputs: {}, ...(opened(resource) as object) }) as ResourceState,
  );
}

/** The stack's outputs, and which of them are secret. */
function outputsOf(resources: readonly ResourceState[]): [Record<string, unknown>, string[]] {
  const outputs = Object.entries(resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {});
  const isSecret = (value: unknown) => Object(value)[SIGNATURE] === SECRET;
  return [
    Object.fromEntries(outputs.map(([key, value]) => [key, plain(value)])),
    outputs.filter(([, value]) => isSecret(value)).map(([key]) => key),
  ];
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** A state's JSON with secrets as our engine has them. */
function opened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(opened);
  if (typeof value !== "object" || value === null) return value;
  const { [SIGNATURE]: signature, plaintext } = value as Record<string, unknown>;
  if (signature === SECRET && typeof plaintext === "string") {
    return { [SIGNATURE]: SECRET, value: opened(JSON.parse(plaintext)) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, opened(inner)]));
}

function failed(cause: unknown, stage: string, result: Result, signal: AbortSignal): Result {
  if (!(cause instanceof PulumiFailure)) throw cause;
  const explained = explainFailure(cause.said, stage);
  if (explained) throw explained;
  const told = result.diagnostics.some(({ severity }) => severity === "error");
  const message = signal.aborted
    ? "cancelled: what was in flight has finished, nothing else was started"
    : `${cause.message}\n${withoutColours(cause.said).trim()}`;
  return told && !signal.aborted
    ? result
    : { ...result, diagnostics: [...result.diagnostics, { severity: "error", message }] };
}

async function openStack(options: PulumiOptions): Promise<Stack> {
  const { project, stage, folder, home, config } = options;
  await mkdir(folder, { recursive: true });
  try {
    return await LocalWorkspace.createOrSelectStack(
      { projectName: project, stackName: stage, program: async () => {} },
      {
        workDir: folder,
        pulumiCommand: ownGroup(options.command),
        projectSettings: { name: project, runtime: "nodejs" },
        stackSettings: { [stage]: { config: { ...config } } },
        secretsProvider: "passphrase",
        envVars: {
          ...home.env,
          PULUMI_BACKEND_URL: home.url,
          PULUMI_CONFIG_PASSPHRASE: home.passphrase,
          PULUMI_SKIP_UPDATE_CHECK: "true",
          // The salt of its secrets is in the state, not in a file that is on one machine only.
          PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
          // A plugin that happens to be on PATH is not the one the program's SDK asks for.
          PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
        },
      },
    );
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw (
      explainFailure(said, stage) ??
      new BowlineError(
        "no-state",
        `The state of stage "${stage}" cannot be opened.\n${withoutColours(said).trim()}`,
        {
          exitCode: 1,
          cause,
        },
      )
    );
  }
}
