/** No-op, create, update and destroy of many resources: in this process, in a child, and on the SDK's stock path. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { destroy, startChild, up } from "@bowline/engine";
import { type BenchData, options } from "./engine-program.ts";
import { median } from "./median.ts";

/** Medians in milliseconds, process start included where there is one; memory is the child's peak. */
export interface EngineFigures {
  readonly resources: number;
  readonly where: "in process" | "child process" | "stock SDK path (child, gRPC)";
  readonly create: number;
  readonly noOp: number;
  readonly update: number;
  readonly destroy: number;
  readonly peakMB?: number;
}

const ENTRY = new URL("./engine-program.ts", import.meta.url);

export async function benchEngine(
  counts: readonly number[] = [10, 100, 1000, 5000],
  rounds = 3,
): Promise<EngineFigures[]> {
  const figures: EngineFigures[] = [];
  for (const resources of counts) {
    const few = resources > 1000 ? 1 : rounds;
    figures.push(await measure(resources, "in process", few, inProcess));
    figures.push(await measure(resources, "child process", few, (data) => inChild(data)));
    figures.push(
      await measure(resources, "stock SDK path (child, gRPC)", Math.min(few, 2), (data) =>
        inChild({ ...data, transport: "grpc" }, { ...process.env, BOWLINE_STOCK_SDK: "1" } as Record<
          string,
          string
        >),
      ),
    );
  }
  return figures;
}

type Runner = (data: BenchData) => Promise<{ peakMB?: number }>;

async function measure(
  resources: number,
  where: EngineFigures["where"],
  rounds: number,
  run: Runner,
): Promise<EngineFigures> {
  const times: Record<"create" | "noOp" | "update" | "destroy", number[]> = {
    create: [],
    noOp: [],
    update: [],
    destroy: [],
  };
  const peaks: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const stateDir = await mkdtemp(join(tmpdir(), "bowline-bench-"));
    const steps = [
      ["create", "up", 1],
      ["noOp", "up", 1],
      ["update", "up", 2],
      ["destroy", "destroy", 2],
    ] as const;
    for (const [name, operation, version] of steps) {
      const start = performance.now();
      const { peakMB } = await run({ stateDir, resources, version, operation });
      times[name].push(performance.now() - start);
      if (peakMB !== undefined) peaks.push(peakMB);
    }
    await rm(stateDir, { recursive: true });
  }
  return {
    resources,
    where,
    create: Math.round(median(times.create)),
    noOp: Math.round(median(times.noOp)),
    update: Math.round(median(times.update)),
    destroy: Math.round(median(times.destroy)),
    ...(peaks.length > 0 ? { peakMB: Math.round(Math.max(...peaks)) } : {}),
  };
}

async function inProcess(data: BenchData) {
  const { program, ...rest } = options(data);
  const { ok, diagnostics } = data.operation === "up" ? await up({ ...rest, program }) : await destroy(rest);
  if (!ok) throw new Error(diagnostics[0]?.message);
  return {};
}

async function inChild(data: BenchData, env?: Record<string, string>) {
  let peakMB: number | undefined;
  const { ok, diagnostics } = await startChild({
    entry: ENTRY,
    data,
    operation: data.operation,
    ...(env ? { env } : {}),
    onMessage: (message) => {
      peakMB = (message as { peakMB: number }).peakMB;
    },
  }).result;
  if (!ok) throw new Error(diagnostics[0]?.message);
  return peakMB === undefined ? {} : { peakMB };
}

if (import.meta.main) {
  const counts = process.argv.slice(2).map(Number);
  console.table(await benchEngine(counts.length > 0 ? counts : undefined));
}
