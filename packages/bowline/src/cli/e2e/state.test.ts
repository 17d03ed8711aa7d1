import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { appFolder } from "./app-folder.ts";

const CONFIG = `
  import { aws, defineConfig, Secret } from "bowline/config";
  export default defineConfig({
    app: () => ({ name: "shop" }),
    run() {
      new Secret("Key", "canary-of-the-state");
      return { name: new aws.Bucket("Photos").name };
    },
  });`;

describe("bowline state", { timeout: 90_000 }, () => {
  test("lists, exports without secrets, forgets, restores and mends", async () => {
    await using app = appFolder({ "bowline.config.ts": CONFIG });
    const state = (...args: string[]) => app.bowline("state", ...args, "--stage", "t");
    expect((await app.bowline("deploy", "--stage", "t")).code).toBe(0);

    expect((await state()).stdout).toMatch(/^aws:s3\/bucket:Bucket +Photos/m);
    const file = join(app.dir, "state.json");
    expect((await state("export", file)).code).toBe(0);
    expect(readFileSync(file, "utf8")).not.toContain("canary-of-the-state");
    // What `pulumi stack import` takes.
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      version: 3,
      deployment: { resources: expect.any(Array) },
    });

    const kept = await state("remove", "Photos");
    expect(kept.code).not.toBe(0);
    expect(kept.stderr).not.toContain("fault in Bowline");
    expect(await state("remove", "NoSuchThing")).toMatchObject({ code: 1 });

    expect((await state("import", file)).code).toBe(0);
    expect((await app.bowline("diff", "--stage", "t")).stderr).not.toContain("+ Photos");
    const snapshots = await app.bowline("state", "snapshots", "--stage", "t", "--json");
    const { outputs } = snapshots.events.at(-1) as { outputs: { snapshots: { number: number }[] } };
    const latest = outputs.snapshots[0]?.number;
    expect((await state("restore", String(latest))).code).toBe(0);

    app.write({ ".bowline/stages/t/state/state.json": "{ broken" });
    expect((await state("list")).code).toBe(1);
    expect((await state("repair")).stdout).toContain("went back to snapshot");
    expect((await state()).stdout).toContain("Photos");
    rmSync(file);
  });

  test("says what it takes", async () => {
    await using app = appFolder({ "bowline.config.ts": CONFIG });
    expect(await app.bowline("state", "dance")).toMatchObject({ code: 2 });
    expect(await app.bowline("state", "import")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("needs a file"),
    });
    expect(await app.bowline("state", "import", "none.json")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("none.json"),
    });
  });
});
