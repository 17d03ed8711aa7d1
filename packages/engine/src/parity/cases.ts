/** Runs cases on both engines, and holds what they did side by side. */

import { expect, test } from "vitest";
import type { Case } from "../semantics/case.ts";
import { createStage } from "../testing/stage.ts";
import { differences } from "./differences.ts";
import { type Observed, observeOurs, observePulumi } from "./observe.ts";
import { createPulumiStage } from "./pulumi-stage.ts";

export function compareCases(cases: readonly Case[]): void {
  test.for(cases)("$name", async ({ name, config, runs }) => {
    const excused = differences.find((difference) => difference.name === name)?.where ?? [];
    await using ours = await createStage(config);
    await using pulumi = await createPulumiStage(config);
    for (const [index, run] of runs.entries()) {
      const expected = await observePulumi(pulumi, run);
      const actual = await observeOurs(ours, run);
      const said = `run ${index + 1}\n-- Pulumi said\n${expected.said}\n-- we said\n${actual.said}\n`;
      expect(without(actual.observed, excused), said).toEqual(without(expected.observed, excused));
    }
  });
}

function without(observed: Observed, excused: readonly (keyof Observed)[]): Partial<Observed> {
  const kept = Object.entries(observed).filter(([key]) => !excused.includes(key as keyof Observed));
  return Object.fromEntries(kept);
}
