/** Every app, deployed by Pulumi's engine and by ours on the same local cloud: the same in every respect. */

import { expect, test } from "vitest";
import { comparedApps } from "./apps.ts";
import { type Deployed, prepare } from "./deployment.ts";
import { normal, normalState } from "./normal.ts";

/** What everybody does with an app. */
const LIFE = [
  ["up", false],
  ["preview", true],
  ["up", true],
  ["destroy", true],
] as const;

/** Besides, with the apps that have each component: a plan of what is not there, and a deployment without changes. */
const WHOLE_LIFE = [["preview", false], ["up", false], ...LIFE] as const;

test.for(comparedApps())("$name", { timeout: 900_000 }, async ({ name, files }) => {
  await using theirs = await prepare("pulumi", files);
  await using ours = await prepare("bowline", files);
  for (const [operation, changed] of name.startsWith("every ") ? WHOLE_LIFE : LIFE) {
    const [expected, actual] = await Promise.all([
      theirs.run(operation, changed).then(observed),
      ours.run(operation, changed).then(observed),
    ]);
    expect(actual, `${operation}${changed ? ", changed" : ""}`).toEqual(expected);
  }
});

function observed({ result, resources }: Deployed) {
  const steps = result.steps.filter(({ type }) => !type.startsWith("pulumi:"));
  return {
    problems: result.diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message),
    ok: result.ok,
    steps: steps.map(({ op, urn }) => `${op} ${urn.split("::").slice(2).join(" ")}`).sort(),
    state: normalState(resources),
    outputs: normal(resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs),
  };
}
