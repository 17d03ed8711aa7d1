/** Our engine beside Pulumi's own, with the same provider: whole runs, from starting the process to its end. */

import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Operation, servePlugin, startChild } from "@bowline/engine";
import { comparedApps } from "../packages/bowline/src/deploy/parity/apps.ts";
import { prepare } from "../packages/bowline/src/deploy/parity/deployment.ts";
import { provider } from "./engine-program.ts";
import { median } from "./median.ts";
import type { Besides, PulumiData } from "./pulumi-engine.ts";

type Side = "bowline" | "pulumi";

export interface PulumiFigures {
  readonly program: string;
  readonly run: string;
  readonly bowline: number;
  readonly pulumi: number;
  readonly ratio: number;
}

/** Answers how long it took, in milliseconds. */
type Run = (operation: Operation) => Promise<number>;

interface Bench {
  readonly program: string;
  readonly rounds: number;
  prepare(side: Side): Promise<AsyncDisposable & { readonly run: Run }>;
}

const RUNS = [
  ["create", "up"],
  ["no-op", "up"],
  ["no-op", "up"],
  ["no-op", "up"],
  ["destroy", "destroy"],
] as const;

const BUILD = fileURLToPath(new URL("../tools/pulumi/build.mjs", import.meta.url));

export async function benchPulumi(): Promise<PulumiFigures[]> {
  process.env.BOWLINE_PULUMI_ROOT = execFileSync(process.execPath, [BUILD], { encoding: "utf8" }).trim();
  const figures: PulumiFigures[] = [];
  for (const bench of [largestApp(), manyParts(1000)]) {
    const times = new Map<string, number[]>();
    for (let round = 0; round < bench.rounds; round++) {
      for (const side of ["bowline", "pulumi"] as const) {
        await using prepared = await bench.prepare(side);
        for (const [name, operation] of RUNS) {
          const known = times.get(`${side} ${name}`) ?? [];
          times.set(`${side} ${name}`, [...known, await prepared.run(operation)]);
        }
      }
    }
    for (const run of new Set(RUNS.map(([name]) => name))) {
      const bowline = median(times.get(`bowline ${run}`) ?? []);
      const pulumi = median(times.get(`pulumi ${run}`) ?? []);
      const { program } = bench;
      figures.push({
        program,
        run,
        bowline: Math.round(bowline),
        pulumi: Math.round(pulumi),
        ratio: bowline / pulumi,
      });
    }
  }
  return figures;
}

function largestApp(): Bench {
  const app = comparedApps().find(({ name }) => name === "every component");
  return {
    program: "every component of AWS",
    rounds: 3,
    async prepare(side) {
      const entry = new URL("./pulumi-app.ts", import.meta.url);
      const deployment = await prepare(side, app?.files ?? {}, { entry });
      return {
        run: (operation) =>
          timed(async (onMessage) => (await deployment.run(operation, false, { onMessage })).result),
        [Symbol.asyncDispose]: () => deployment[Symbol.asyncDispose](),
      };
    },
  };
}

function manyParts(resources: number): Bench {
  return {
    program: `${resources} resources`,
    // Pulumi writes its whole state after each operation: that is minutes.
    rounds: 1,
    async prepare(side) {
      const folder = await mkdtemp(join(tmpdir(), "bowline-bench-"));
      const plugin = await servePlugin(provider);
      const env = {
        ...(process.env as Record<string, string>),
        PULUMI_DEBUG_PROVIDERS: `bench:${plugin.port}`,
      };
      const root = process.env.BOWLINE_PULUMI_ROOT ?? "";
      const theirs: PulumiData = { project: "bench", folder, root, config: {} };
      return {
        run: (operation) =>
          timed((onMessage) => {
            const up = operation === "up" ? "up" : "destroy";
            const bench = { stateDir: folder, resources, version: 1, operation: up };
            const data = { bench, ...(side === "pulumi" ? { theirs } : {}) };
            const entry = new URL("./pulumi-program.ts", import.meta.url);
            return startChild({ entry, data, operation, env, onMessage }).result;
          }),
        async [Symbol.asyncDispose]() {
          plugin.close();
          await rm(folder, { recursive: true, force: true });
        },
      };
    },
  };
}

async function timed(
  work: (onMessage: (message: unknown) => void) => Promise<{
    readonly ok: boolean;
    readonly diagnostics: readonly { readonly message: string }[];
  }>,
): Promise<number> {
  let besides = 0;
  const started = performance.now();
  const { ok, diagnostics } = await work((message) => {
    besides += (message as Partial<Besides>).besidesMs ?? 0;
  });
  if (!ok) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return performance.now() - started - besides;
}
