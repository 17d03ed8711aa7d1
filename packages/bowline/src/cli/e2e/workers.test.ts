import { join } from "node:path";
import { expect, test } from "vitest";
import { filesWith, typeErrors } from "./inspect.ts";
import { example, expectTypes } from "./worker-apps.ts";

const CANARY = "canary-5d20c7aa";

test("answers over HTTP from workerd, with every binding; its types hold; its secret is nowhere", {
  timeout: 300000,
}, async () => {
  await using app = example("cloudflare-worker");
  expect(await app.bowline("secret", "set", "ApiToken", CANARY, "--stage", "t")).toMatchObject({ code: 0 });
  const ran = await app.bowline("run", "--stage", "t", "--json", "--", "node", "check.mjs");
  expect(ran.stdout).toContain("the harbour answers");
  expect(ran.code).toBe(0);
  expect(ran.stdout + ran.stderr).not.toContain(CANARY);
  expect(ran.events).toContainEqual(
    expect.objectContaining({ type: "log", source: "JobsSubscriber", message: "unloading rope" }),
  );
  expect(filesWith(join(app.dir, ".bowline"), CANARY)).toEqual([]);
  expect(filesWith(app.home, CANARY)).toEqual([]);

  await expectTypes(app, "cloudflare-worker");
  app.write({
    "src/wrong.ts": `
      import { type Env, Resource } from "bowline";
      export const unlinked = (env: Env<"Tides">) => env.Photos;
      export const misspelt = (env: Env<"Harbour">) => env.Photos.nam;
      export const other = Resource.for("Tides").Sessions;`,
  });
  expect(typeErrors(app)).toEqual([
    expect.stringContaining("src/wrong.ts(3"),
    expect.stringContaining("src/wrong.ts(4"),
    expect.stringContaining("src/wrong.ts(5"),
  ]);
});
