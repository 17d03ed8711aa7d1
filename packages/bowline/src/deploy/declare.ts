/** The user's program, made ready to be run by either engine. */

import type { Program } from "@bowline/engine";
import { type AppSettings, createApp, inApp, type Purpose } from "../config/app.ts";
import type { Config } from "../config/define.ts";
import type { Project } from "../config/project.ts";
import { BowlineError, combineErrors, problemsOf } from "../error.ts";
import { defineLink, type LinkDefinition } from "../link/linkable.ts";
import { localSecrets } from "../secrets/local.ts";
import type { WorkersAccess } from "../workers/access.ts";
import { cloudflareAccountId } from "./account-id.ts";
import { tellAwaited } from "./awaited.ts";
import { whenIdle } from "./idle.ts";
import { NOT_STARTED, type ProgramMessage } from "./messages.ts";
import { plainOutputs } from "./plain-outputs.ts";

/** How long a program may do nothing at all before it is taken to wait for an Output, which needs resources. */
const LONGEST_IDLE = 5_000;

export type Gate = PromiseWithResolvers<void>;

type Send = (message: ProgramMessage) => void;

/** Opens once the whole program has been looked at. */
export function createGate(): Gate {
  const gate = Promise.withResolvers<void>();
  gate.promise.catch(() => undefined);
  return gate;
}

export function declareApp(options: {
  readonly project: Project;
  readonly config: Config;
  readonly settings: AppSettings;
  readonly stage: string;
  readonly purpose: Purpose;
  /** Whether nothing is created: what depends on resources is waited for only then, for it is known at once. */
  readonly planning: boolean;
  /** What runs the Workers, on this machine. */
  readonly workers?: WorkersAccess;
  readonly payloadKey: Uint8Array;
  /** Default: those on this machine. */
  readonly secrets?: ReadonlyMap<string, string>;
  /** Nothing may be created before it opens. */
  readonly gate: Gate;
  readonly send: Send;
}): Program {
  const { project, config, settings, stage, purpose, planning, payloadKey, secrets, workers, gate, send } =
    options;
  const { app, validated } = createApp({
    name: settings.name,
    stage,
    home: settings.home ?? "local",
    cloudflareAccount: cloudflareAccountId(settings.cloudflare ?? {}),
    access: settings.access ?? "least",
    python: settings.python?.resources ?? "bowline",
    root: project.root,
    artifacts: project.artifacts,
    payloadKey,
    secrets: secrets ?? localSecrets(project, stage),
    purpose,
    planning,
    workers,
    progress: (message) => send({ type: "progress", message }),
    warn: (message, hint) => send({ type: "warning", message, hint }),
    found: (findings) => send({ type: "findings", findings }),
    typed: (consumer) => send({ type: "typed", consumer }),
    granted: (consumer) => send({ type: "granted", consumer }),
    built: (build) => send({ type: "built", build }),
  });
  for (const [of, definition] of config.links ?? []) defineLink(of, definition as LinkDefinition<object>);
  const awaited = tellAwaited((message) => send({ type: "progress", message }));
  return () =>
    reported(send, () =>
      inApp(app, async () => {
        const standstill = whenIdle(LONGEST_IDLE, gate.resolve);
        try {
          awaited.now("run() of the config");
          const outputs = plainOutputs(await config.run());
          awaited.now(undefined);
          standstill.stop();
          const problems = await validated();
          if (problems.length > 0) throw combineErrors(problems);
          gate.resolve();
          return outputs;
        } catch (cause) {
          gate.reject(new Error(NOT_STARTED));
          throw cause;
        } finally {
          awaited.now(undefined);
          standstill.stop();
        }
      }),
    );
}

/** Errors for users cross the process boundary as what they are. */
export async function reported<T>(send: Send, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof BowlineError) {
      const problems = problemsOf(cause).map(({ code, message, hint, exitCode }) => ({
        code,
        message,
        hint,
        exitCode,
      }));
      send({ type: "problems", problems });
    }
    throw cause;
  }
}
