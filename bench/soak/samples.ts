/** The cloud's memory, handles and processes over time, and whether they grow. */
import type { Ledger } from "./ledger.ts";
import type { VictimFacts } from "./victim.ts";

interface Sample {
  /** Seconds. */
  readonly at: number;
  readonly epoch: number;
  readonly rssMiB: number;
  readonly heapMiB: number;
  readonly handles: number;
  readonly children: number;
}

type Measure = "rssMiB" | "heapMiB" | "handles" | "children";

/** What a measure may grow by between the second and the last quarter of the time without kills. */
const MAY_GROW: Readonly<
  Record<Exclude<Measure, "rssMiB">, { readonly by: number; readonly share: number }>
> = {
  heapMiB: { by: 4, share: 0.15 },
  handles: { by: 20, share: 0.15 },
  children: { by: 8, share: 0.25 },
};
/** A shorter time says nothing about growth: caches and environments are still filling. */
const TELLING = 120;
const MOST_MEMORY = 700;

export function takeSamples(facts: () => VictimFacts | undefined, epoch: () => number) {
  const samples: Sample[] = [];
  const started = performance.now();
  const timer = setInterval(() => {
    const now = facts();
    if (!now) return;
    const { rssMiB, heapMiB, handles, children } = now;
    const at = (performance.now() - started) / 1000;
    samples.push({ at, epoch: epoch(), rssMiB, heapMiB, handles, children: children.length });
  }, 1000);

  /** The samples of the last process. */
  function lastStretch(): readonly Sample[] {
    const last = samples.at(-1)?.epoch;
    return samples.filter((sample) => sample.epoch === last);
  }

  return {
    stop: () => clearInterval(timer),
    judge(ledger: Ledger): void {
      const stretch = lastStretch();
      const most = Math.max(0, ...samples.map(({ rssMiB }) => rssMiB));
      if (most > MOST_MEMORY) ledger.violation("cloud", `it took ${most.toFixed(0)} MiB of memory`);
      if ((stretch.at(-1)?.at ?? 0) - (stretch[0]?.at ?? 0) < TELLING) return;
      for (const [measure, { by, share }] of Object.entries(MAY_GROW) as [
        keyof typeof MAY_GROW,
        { by: number; share: number },
      ][]) {
        const values = stretch.map((sample) => sample[measure]);
        const quarter = values.length >> 2;
        const before = median(values.slice(quarter, 2 * quarter));
        const after = median(values.slice(-quarter));
        if (after - before > Math.max(by, before * share)) {
          ledger.violation("cloud", `${measure} grew from ${before.toFixed(0)} to ${after.toFixed(0)}`);
        }
      }
    },
    table() {
      // Not on Linux: nothing is known.
      if (samples.length === 0) return [];
      const stretch = lastStretch();
      const settled = stretch.slice(Math.floor(stretch.length / 3));
      const measures: [string, Measure][] = [
        ["memory, MiB", "rssMiB"],
        ["of it kept by JavaScript, MiB", "heapMiB"],
        ["open handles", "handles"],
        ["child processes", "children"],
      ];
      return measures.map(([what, measure]) => ({
        "of the cloud": what,
        start: Math.round(samples[0]?.[measure] ?? Number.NaN),
        median: Math.round(median(samples.map((sample) => sample[measure]))),
        max: Math.round(Math.max(...samples.map((sample) => sample[measure]))),
        [`growth a minute, last ${Math.round((settled.at(-1)?.at ?? 0) - (settled[0]?.at ?? 0))} s`]: slope(
          settled.map((sample) => [sample.at / 60, sample[measure]]),
        ).toFixed(2),
      }));
    },
  };
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Of the straight line that fits best. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const above = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return above / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}
