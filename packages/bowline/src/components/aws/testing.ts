/** An app in a folder of its own, deployed by the local engine to a local cloud. */
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Cloud, type CloudEvent, startCloud } from "@bowline/cloud";
import { type Result, up } from "@bowline/engine";
import { createApp, inApp } from "../../config/app.ts";
import { combineErrors } from "../../error.ts";
import { awsProvider } from "../../providers/index.ts";

export interface TestApp extends AsyncDisposable {
  readonly cloud: Cloud;
  /** Deploys what `run` declares; fails with what went wrong. */
  deploy(run: () => Record<string, unknown> | undefined): Promise<Result>;
  /** The first line a function logs that fits. */
  logged(text: string): Promise<string>;
}

export async function startTestApp(files: Readonly<Record<string, string>>): Promise<TestApp> {
  const root = await mkdtemp(join(tmpdir(), "bowline-app-"));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  const events = new Set<CloudEvent>();
  const listeners = new Set<(event: CloudEvent) => void>();
  const cloud = await startCloud({
    dir: join(root, "cloud"),
    onEvent(event) {
      events.add(event);
      for (const listener of listeners) listener(event);
    },
  });
  const secretsKey = randomBytes(32);
  const payloadKey = randomBytes(32);

  return {
    cloud,
    async deploy(run) {
      const { app, validated } = createApp({
        name: "shop",
        stage: "test",
        home: "local",
        access: "least",
        python: "bowline",
        root,
        artifacts: join(root, "artifacts"),
        payloadKey,
        secrets: new Map(),
        purpose: "deploy",
        progress: () => {},
        warn: () => {},
        found: () => {},
        typed: () => {},
        granted: () => {},
        built: () => {},
      });
      const gate = Promise.withResolvers<void>();
      const result = await up({
        project: "shop",
        stack: "test",
        stateDir: join(root, "state"),
        secretsKey,
        providers: [awsProvider(cloud)],
        cwd: import.meta.dirname,
        ready: gate.promise,
        program: () =>
          inApp(app, async () => {
            try {
              const outputs = run();
              const problems = await validated();
              if (problems.length > 0) throw combineErrors(problems);
              gate.resolve();
              return outputs;
            } catch (cause) {
              gate.reject(cause);
              throw cause;
            }
          }),
      });
      if (!result.ok)
        throw new Error(result.diagnostics.map(({ message, urn }) => `${urn}: ${message}`).join("\n"));
      return result;
    },
    logged(text) {
      const lineOf = (event: CloudEvent) =>
        event.type === "function.log" && event.line.includes(text) ? event.line : undefined;
      const found = [...events].map(lineOf).find((line) => line !== undefined);
      if (found !== undefined) return Promise.resolve(found);
      const { promise, resolve } = Promise.withResolvers<string>();
      const listener = (event: CloudEvent) => {
        const line = lineOf(event);
        if (line === undefined) return;
        listeners.delete(listener);
        resolve(line);
      };
      listeners.add(listener);
      return promise;
    },
    async [Symbol.asyncDispose]() {
      await cloud.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}
