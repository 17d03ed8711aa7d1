/** The entry of the child process in which the user's program runs: config in, engine options out. */

import type { ChildChannel, EngineOptions, Program } from "@bowline/engine";
import { type AppSettings, createApp, inApp } from "../config/app.ts";
import { loadConfig } from "../config/load.ts";
import { findProject, stagePaths } from "../config/project.ts";
import { BowlineError, combineErrors } from "../error.ts";
import { defineLink, type LinkDefinition } from "../link/linkable.ts";
import { cloudflareProvider } from "../providers/cloudflare/index.ts";
import { awsProvider } from "../providers/index.ts";
import { projectKeys } from "../secrets/key.ts";
import { openSecrets } from "../secrets/store.ts";
import { NOT_STARTED, type ProgramData, type ProgramMessage } from "./messages.ts";

/** How long side effects wait for a program that waits for an Output itself. */
const LONGEST_VALIDATION = 5_000;

export default async function program(
  data: ProgramData,
  channel: ChildChannel,
): Promise<EngineOptions & { program: Program }> {
  const send = (message: ProgramMessage) => channel.send(message);
  return reported(send, async () => {
    const project = findProject(data.root);
    const paths = stagePaths(project, data.stage);
    const { config, sources } = await loadConfig(project);
    send({ type: "sources", files: sources });
    const settings = checkSettings(await config.app({ stage: data.stage }));
    const home = settings.home ?? "local";
    send({ type: "app", name: settings.name, home });
    if (home !== "local") {
      throw new BowlineError(
        "home-not-built",
        `This version of Bowline deploys to home "local" only, and stage "${data.stage}" is at home in "${home}".`,
        {
          hint: 'Return home: "local" from app() for this stage.',
        },
      );
    }
    const keys = projectKeys(project);
    const { app, validated } = createApp({
      name: settings.name,
      stage: data.stage,
      home,
      access: settings.access ?? "least",
      python: settings.python?.resources ?? "bowline",
      root: project.root,
      artifacts: project.artifacts,
      payloadKey: keys.payload,
      secrets: new Map([
        ...openSecrets(project.fallbackSecrets, keys.secrets).load(),
        ...openSecrets(paths.secrets, keys.secrets).load(),
      ]),
      purpose: data.purpose,
      planning: data.operation === "preview",
      workers: data.workers,
      progress: (message) => send({ type: "progress", message }),
      warn: (message, hint) => send({ type: "warning", message, hint }),
      found: (findings) => send({ type: "findings", findings }),
      typed: (consumer) => send({ type: "typed", consumer }),
      granted: (consumer) => send({ type: "granted", consumer }),
      built: (build) => send({ type: "built", build }),
    });
    for (const [of, definition] of config.links ?? []) defineLink(of, definition as LinkDefinition<object>);
    const gate = Promise.withResolvers<void>();
    gate.promise.catch(() => undefined);
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
      program: () =>
        reported(send, () =>
          inApp(app, async () => {
            const late = setTimeout(gate.resolve, LONGEST_VALIDATION);
            try {
              const outputs = await config.run();
              const problems = await validated();
              if (problems.length > 0) throw combineErrors(problems);
              gate.resolve();
              return outputs;
            } catch (cause) {
              gate.reject(new Error(NOT_STARTED));
              throw cause;
            } finally {
              clearTimeout(late);
            }
          }),
        ),
    };
  });
}

/** Errors for users cross the process boundary as what they are. */
async function reported<T>(send: (message: ProgramMessage) => void, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof BowlineError) {
      send({
        type: "problem",
        code: cause.code,
        message: cause.message,
        hint: cause.hint,
        exitCode: cause.exitCode,
      });
    }
    throw cause;
  }
}

function checkSettings(settings: unknown): AppSettings {
  const { name, home = "local", access = "least", python } = (settings ?? {}) as Partial<AppSettings>;
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
  if (!["bowline", "stelvio", undefined].includes(python?.resources)) {
    throw new BowlineError(
      "bad-app",
      `app() returned python.resources: ${JSON.stringify(python?.resources)}.`,
      {
        hint: 'Use "bowline" or "stelvio".',
      },
    );
  }
  return { name, home, access, python };
}
