/**
 * A deployment that stops half-way is finished by the next one, on either engine: after an error of the provider, and
 * after everything that deploys was killed. Nothing is made twice, nothing is left behind.
 */

import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { random as seeded } from "../../resource/random.fixture.ts";
import { comparedApps } from "./apps.ts";
import { type Deployed, type Deployment, prepare } from "./deployment.ts";
import type { ParityData } from "./entry.ts";
import { FAULT } from "./faults.ts";
import { normalState } from "./normal.ts";

const KILLS = Number(process.env.BOWLINE_KILLS ?? 6);
const FAULTS = Number(process.env.BOWLINE_FAULTS ?? 3);

/** The largest there is. */
const APP = comparedApps().find(({ name }) => name === "every component");

/** From nothing to the app, to the app a little changed, and to nothing again. */
const STEPS = [
  ["up", false],
  ["up", true],
  ["destroy", true],
] as const;

interface Outcome {
  readonly state: unknown;
  readonly cloud: unknown;
  /** How many events it took, and how many operations. */
  readonly events: number;
  readonly operations: number;
}

const undisturbed = new Map<string, Promise<readonly Outcome[]>>();

async function deployUndisturbed(engine: ParityData["engine"]): Promise<Outcome[]> {
  await using deployment = await prepare(engine, APP?.files ?? {}, { atHomeInAws: true });
  const outcomes: Outcome[] = [];
  for (const [operation, changed] of STEPS) {
    let events = 0;
    const deployed = await deployment.run(operation, changed, { onEvent: () => events++ });
    expect(problems(deployed)).toEqual([]);
    const operations = deployed.result.steps.filter(({ op, type }) => op !== "same" && /^aws:/.test(type));
    outcomes.push({ ...outcomeOf(deployment, deployed), events, operations: operations.length });
  }
  return outcomes;
}

function outcomeOf(deployment: Deployment, { resources }: Deployed) {
  // Of a package of code that was read again Pulumi keeps its hash, and no list of files.
  const known = resources.map(({ outputs: { code: _, ...outputs }, ...rest }) => ({ ...rest, outputs }));
  return { state: normalState(known), cloud: deployment.inventory() };
}

function problems({ result }: Deployed): string[] {
  const told = result.diagnostics.filter(({ severity }) => severity === "error" || severity === "warning");
  return told.map(({ message }) => message);
}

test.for(["bowline", "pulumi"] as const)(
  `%s finishes what was killed (${KILLS} kills)`,
  { timeout: 3_600_000 },
  async (engine) => {
    const expected = await reference(engine);
    await using deployment = await prepare(engine, APP?.files ?? {}, { atHomeInAws: true });
    const random = seeded(20_261_121);
    const counts = { killed: 0, finished: 0, takenOver: 0 };
    for (let kill = 0; kill < KILLS; kill++) {
      const step = kill % STEPS.length;
      const [operation, changed] = STEPS[step] ?? STEPS[0];
      const wanted = expected[step];
      const point = random(wanted?.events ?? 0);
      const { promise: reached, resolve } = Promise.withResolvers<void>();
      let events = 0;
      const running = deployment.start(operation, changed, {
        onEvent: () => events++ === point && resolve(),
      });
      await Promise.race([reached.then(() => delay(random(40))), running.finished]);
      await running.kill();
      counts[(await running.finished).result.ok ? "finished" : "killed"]++;

      const deployed = await deployment.run(operation, changed);
      const what = `kill ${kill + 1} (${operation}${changed ? ", changed" : ""}) at event ${point} of ${wanted?.events}`;
      expect(problems(deployed), what).toEqual([]);
      expect(deployed.result.ok, what).toBe(true);
      const { state, cloud } = outcomeOf(deployment, deployed);
      expect(state, what).toEqual(wanted?.state);
      expect(cloud, what).toEqual(wanted?.cloud);
      counts.takenOver += deployed.result.diagnostics.filter(({ message }) =>
        /it exists, and is part/.test(message),
      ).length;
    }
    console.log(`${engine}, killed half-way: ${JSON.stringify(counts)}`);
  },
);

test.for(["bowline", "pulumi"] as const)(
  `%s finishes what a provider failed at (${FAULTS} faults)`,
  { timeout: 3_600_000 },
  async (engine) => {
    const expected = await reference(engine);
    await using deployment = await prepare(engine, APP?.files ?? {}, { atHomeInAws: true });
    const random = seeded(5);
    for (let fault = 0; fault < FAULTS; fault++) {
      const step = fault % STEPS.length;
      const [operation, changed] = STEPS[step] ?? STEPS[0];
      const wanted = expected[step];
      const failAt = 1 + random(wanted?.operations ?? 1);
      const failed = await deployment.run(operation, changed, { failAt });
      const what = `fault ${fault + 1} (${operation}) at operation ${failAt} of ${wanted?.operations}`;
      expect(failed.result.ok, what).toBe(false);
      expect(problems(failed).join(), what).toContain(FAULT);

      const deployed = await deployment.run(operation, changed);
      expect(problems(deployed), what).toEqual([]);
      const { state, cloud } = outcomeOf(deployment, deployed);
      expect(state, what).toEqual(wanted?.state);
      expect(cloud, what).toEqual(wanted?.cloud);
    }
  },
);

function reference(engine: ParityData["engine"]): Promise<readonly Outcome[]> {
  const known = undisturbed.get(engine) ?? deployUndisturbed(engine);
  undisturbed.set(engine, known);
  return known;
}
