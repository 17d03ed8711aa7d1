/** Pulumi's own engine, behind the interface of ours. */

import { mkdir } from "node:fs/promises";
import type { EngineEvent, OtherEngine, Program, ResourceState, Result, State } from "@bowline/engine";
import {
  type EngineEvent as AutomationEvent,
  LocalWorkspace,
  type PulumiCommand,
  type Stack,
} from "@pulumi/pulumi/automation/index.js";
import { BowlineError } from "../../error.ts";
import type { Locate } from "../../providers/locate.ts";
import { plain } from "../manifest.ts";
import { messageOf } from "./aws-account.ts";
import { cliEnvironment } from "./cli.ts";
import { explainFailure, withoutColours } from "./explain.ts";
import { settleInterrupted } from "./interrupted.ts";
import { type LeftLock, leftLock } from "./left-lock.ts";
import { gather } from "./result.ts";
import { ownGroup, PulumiFailure } from "./runner.ts";
import { isSecretValue } from "./secret-values.ts";
import { shareStore } from "./share-store.ts";
import { type Exported, stateOf } from "./state.ts";
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
  /** Finds what a killed run had begun to create. */
  readonly locate?: Locate;
}

export interface PulumiEngine extends OtherEngine {
  /** The state as it is now, secrets in plain text but marked. */
  resources(): Promise<readonly ResourceState[]>;
}

export async function pulumiEngine(options: PulumiOptions): Promise<PulumiEngine> {
  const lock = leftLock(options.folder);
  const stack = await openStack(options, lock);
  const exported = async () => stateOf((await stack.exportStack()) as Exported);
  let latest: State | undefined;

  /** What an earlier run left that was killed: operations whose end nobody saw. */
  async function settle(tell: Tell): Promise<void> {
    const state = latest ?? (await exported());
    if (state.pending.length === 0) return;
    const locate = options.locate ?? (() => undefined);
    const { adopted, unknown } = await settleInterrupted(stack, state, locate);
    for (const urn of adopted) tell("info", ADOPTED, urn);
    for (const urn of unknown) tell("warning", UNKNOWN, urn);
  }

  /** A lock that a run of ours left when it was killed is in nobody's hands. */
  async function unlocked<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (!(cause instanceof PulumiFailure) || !lock.isOurs(cause.said)) throw cause;
      await stack.cancel();
      return work();
    }
  }

  return {
    async run(operation, { signal, onEvent }) {
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
      const tell: Tell = (severity, message, urn) =>
        listen({
          sequence: 0,
          timestamp: Math.floor(Date.now() / 1000),
          diagnosticEvent: { severity, message, urn, color: "never" },
        });
      try {
        if (operation !== "preview") await unlocked(() => settle(tell));
        latest = undefined;
        if (operation === "preview") {
          await stack.preview({ ...how, program });
          return events.result(true, events.foretold(), []);
        }
        if (operation === "destroy") await unlocked(() => stack.destroy(how));
        if (operation === "refresh") await unlocked(() => stack.refresh(how));
        if (operation === "up") {
          await unlocked(() => stack.up({ ...how, program }));
          latest = await exported();
          return events.result(true, ...outputsOf(latest.resources));
        }
        return events.result(true, {}, []);
      } catch (cause) {
        return failed(cause, options.stage, events.result(false, {}, []), signal);
      }
    },
    async resources() {
      latest ??= await exported();
      return latest.resources;
    },
  };
}

type Tell = (severity: "info" | "warning", message: string, urn: string) => void;

const ADOPTED = "its creation was interrupted; it exists, and is part of the state now";
const UNKNOWN =
  "its creation was interrupted, and Bowline cannot find out whether it exists: look for it, and remove it by hand if it is there twice";

/** The stack's outputs, and which of them are secret. */
function outputsOf(resources: readonly ResourceState[]): [Record<string, unknown>, string[]] {
  const outputs = Object.entries(resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {});
  return [
    Object.fromEntries(outputs.map(([key, value]) => [key, plain(value)])),
    outputs.filter(([, value]) => isSecretValue(value)).map(([key]) => key),
  ];
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

async function openStack(options: PulumiOptions, lock: LeftLock): Promise<Stack> {
  const { project, stage, folder, config } = options;
  await mkdir(folder, { recursive: true });
  const open = () =>
    LocalWorkspace.createOrSelectStack(
      { projectName: project, stackName: stage, program: async () => {} },
      {
        workDir: folder,
        pulumiCommand: ownGroup(options.command, lock),
        // Paths of assets are meant from where the program runs, as its SDK's own default has it.
        projectSettings: { name: project, runtime: "nodejs", main: process.cwd() },
        stackSettings: { [stage]: { config: { ...config } } },
        secretsProvider: "passphrase",
        envVars: cliEnvironment(options.home),
      },
    );
  try {
    // Somebody else may make it between our look at it and our making it.
    return await open().catch((cause) =>
      /already exists/.test(messageOf(cause)) ? open() : Promise.reject(cause),
    );
  } catch (cause) {
    const said = messageOf(cause);
    throw (
      explainFailure(said, stage, options.home.passphraseAt) ??
      new BowlineError(
        "no-state",
        `The state of stage "${stage}" cannot be opened.\n${withoutColours(said).trim()}`,
        { exitCode: 1, cause },
      )
    );
  }
}
