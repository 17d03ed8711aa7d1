import { join } from "node:path";
import { readState } from "@bowline/engine";
import { expect, test } from "vitest";
import { findProject, stagePaths } from "../../config/project.ts";
import { projectKeys } from "../../secrets/key.ts";
import type { AppFolder } from "./app-folder.ts";
import { filesWith } from "./inspect.ts";
import { example } from "./worker-apps.ts";

const CANARY = "canary-5d20c7aa";

test("an unmodified program of another provider plans here, and gets the variables of its links", {
  timeout: 120000,
}, async () => {
  await using app = example("vercel-env");
  expect(await app.bowline("secret", "set", "CatalogueKey", CANARY, "--stage", "t")).toMatchObject({
    code: 0,
  });
  const deployed = await app.bowline("deploy", "--stage", "t", "--json");
  expect(deployed.code).toBe(0);
  expect(deployed.events.at(-1)).toMatchObject({ outputs: { project: "sailmaker" } });
  for (const type of [
    "vercel:index/project:Project",
    "vercel:index/projectEnvironmentVariables:ProjectEnvironmentVariables",
  ]) {
    expect(deployed.events).toContainEqual(
      expect.objectContaining({
        type: "warning",
        message: expect.stringContaining(`${type} is not emulated`),
      }),
    );
  }
  expect(deployed.stdout + deployed.stderr).not.toContain(CANARY);
  expect(filesWith(join(app.dir, ".bowline"), CANARY)).toEqual([]);
  const variables = await deployedInput(
    app,
    "vercel:index/projectEnvironmentVariables:ProjectEnvironmentVariables",
  );
  expect(variables).toMatch(/SST_RESOURCE_Patterns.*sailmaker-t-patterns/);
  expect(variables).toMatch(new RegExp(`SST_RESOURCE_CatalogueKey.*${CANARY}`));
});

/** What a resource was deployed with, secrets decrypted, as JSON. */
async function deployedInput(app: AppFolder, type: string): Promise<string> {
  const project = findProject(app.dir);
  process.env.XDG_CONFIG_HOME = app.home;
  const { resources } = await readState(stagePaths(project, "t").state, projectKeys(project).state);
  return JSON.stringify(resources.find((resource) => resource.type === type)?.inputs);
}
