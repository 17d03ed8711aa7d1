import { describe, expect, test } from "vitest";
import type { Run } from "./semantics/case.ts";
import { cases } from "./semantics.case.ts";
import { brief, createStage, type Stage } from "./testing/stage.ts";

describe.for(["direct", "grpc"] as const)("over %s", (transport) => {
  test.for(cases)("$name", async ({ config, runs }) => {
    await using stage = await createStage({ ...config, transport });
    for (const run of runs) await check(stage, run);
  });
});

async function check(stage: Stage, run: Run): Promise<void> {
  run.before?.(stage.provider);
  stage.provider.log.length = 0;
  const program = run.program ?? (() => {});
  const result =
    run.do === "destroy" || run.do === "refresh"
      ? await stage[run.do](run.with)
      : await stage[run.do ?? "up"](program, run.with);
  const said = result.diagnostics.map(({ message }) => message).join("\n");
  const errors = result.diagnostics.filter(({ severity }) => severity === "error");
  if (run.fails) expect(said).toMatch(run.fails);
  else expect(errors).toEqual([]);
  if (run.says) expect(said).toMatch(run.says);
  const steps = brief(result);
  if (run.ordered) expect(steps).toEqual(run.steps);
  else expect(steps.sort()).toEqual([...run.steps].sort());
  if (run.outputs) expect(result.outputs).toEqual(run.outputs);
  if (run.secretOutputs) expect(result.secretOutputs.sort()).toEqual([...run.secretOutputs].sort());
  if (run.log) expect(stage.provider.log).toEqual(run.log);
}
