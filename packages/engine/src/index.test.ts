import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { isUnknown, outputs } from "./index.ts";
import { brief, createStage } from "./testing/stage.ts";
import { Stranger, Thing } from "./testing/things.ts";

describe("an unmodified Pulumi program", () => {
  test("is created, found the same, updated, replaced and destroyed", async () => {
    await using stage = await createStage();
    const program =
      (value: string, zone = "a") =>
      () => {
        const base = new Thing("base", { value, zone });
        const user = new Thing("user", { value: pulumi.interpolate`uses ${base.arn}` });
        return { arn: base.arn, user: user.value };
      };
    const first = await stage.up(program("one"));
    expect(first.diagnostics).toEqual([]);
    expect(first.ok).toBe(true);
    expect(brief(first)).toEqual(["create base", "create user"]);
    expect(first.outputs.user).toBe(`uses ${String(first.outputs.arn)}`);
    expect(stage.provider.things.size).toBe(2);

    const again = await stage.up(program("one"));
    expect(brief(again)).toEqual(["same base", "same user"]);
    expect(again.changes).toEqual({ same: 3 });

    const updated = await stage.up(program("two"));
    expect(brief(updated)).toEqual(["update base", "same user"]);
    expect(updated.steps.find(({ op }) => op === "update")?.keys).toEqual(["value"]);

    const replaced = await stage.up(program("two", "b"));
    expect(brief(replaced)).toEqual([
      "create-replacement base",
      "replace base",
      "update user",
      "delete-replaced base",
    ]);
    expect(replaced.changes).toMatchObject({ replace: 1, update: 1 });
    expect(replaced.outputs.arn).not.toBe(first.outputs.arn);
    expect(stage.provider.things.size).toBe(2);

    const state = await stage.state();
    expect(outputs(state)).toEqual(replaced.outputs);

    const destroyed = await stage.destroy();
    expect(destroyed.ok).toBe(true);
    expect(brief(destroyed)).toEqual(["delete user", "delete base"]);
    expect(stage.provider.things.size).toBe(0);
    expect((await stage.state()).resources).toEqual([]);
  });

  test("is previewed with unknowns, and changes nothing", async () => {
    await using stage = await createStage();
    const program = () => {
      const base = new Thing("base", { value: 1 });
      const user = new Thing("user", { value: base.size });
      return { arn: base.arn, size: base.size, value: user.value };
    };
    const planned = await stage.preview(program);
    expect(planned.diagnostics).toEqual([]);
    expect(brief(planned)).toEqual(["create base", "create user"]);
    expect(isUnknown(planned.outputs.size)).toBe(true);
    expect(isUnknown(planned.outputs.value)).toBe(true);
    expect(stage.provider.things.size).toBe(0);
    expect((await stage.state()).resources).toEqual([]);
    // Generated names are the same in a preview and in the run that follows.
    expect((await stage.up(program)).outputs.arn).toBe(planned.outputs.arn);
  });

  test("keeps secrets secret: in outputs, events and state", async () => {
    await using stage = await createStage({
      config: { "shop:token": "c0nfig-s3cret" },
      secretConfig: ["shop:token"],
    });
    const result = await stage.up(() => {
      const token = new pulumi.Config("shop").requireSecret("token");
      const thing = new Thing("thing", { value: { nested: pulumi.secret("s3cret-value") }, zone: token });
      return { value: thing.value, zone: thing.zone, plain: "visible" };
    });
    expect(result.diagnostics).toEqual([]);
    expect(result.outputs).toEqual({
      value: { nested: "s3cret-value" },
      zone: "c0nfig-s3cret",
      plain: "visible",
    });
    expect(result.secretOutputs.sort()).toEqual(["value", "zone"]);
    const written =
      JSON.stringify(stage.events) + (await readFile(join(stage.options.stateDir, "state.json"), "utf8"));
    expect(written).not.toContain("s3cret");
    expect(JSON.stringify(stage.events)).toContain("[secret]");
    expect(stage.provider.things.size).toBe(1);
  });

  test("that fails in one resource goes on with those that do not depend on it", async () => {
    await using stage = await createStage();
    const result = await stage.up(() => {
      const bad = new Thing("bad", { fail: "create" });
      new Thing("dependent", { value: bad.arn });
      new Thing("independent");
    });
    expect(result.ok).toBe(false);
    expect(result.diagnostics.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^creating bad-\w+ failed, as asked$/),
    ]);
    expect(result.diagnostics[0]?.urn).toBe("urn:pulumi:test::shop::test:index:Thing::bad");
    expect(brief(result)).toEqual(["create independent"]);
    expect((await stage.state()).resources.map(({ urn }) => urn.split("::")[3])).toContain("independent");
  });

  test("that throws is reported with the place, and what it declared before is kept", async () => {
    await using stage = await createStage();
    const result = await stage.up(async () => {
      const thing = new Thing("thing");
      await new Promise((resolve) => thing.arn.apply(resolve));
      throw new Error("the program has a bug");
    });
    expect(result.ok).toBe(false);
    expect(result.diagnostics[0]?.message).toMatch(/the program has a bug\n.*index\.test\.ts/s);
    expect(stage.provider.things.size).toBe(1);
    expect((await stage.state()).resources.length).toBeGreaterThan(1);
  });

  test("that fails keeps the outputs it had", async () => {
    await using stage = await createStage();
    await stage.up(() => ({ kept: 1, changed: "before" }));
    const failed = await stage.up(() => {
      new Thing("bad", { fail: "create" });
      return { changed: "after" };
    });
    expect(failed.ok).toBe(false);
    expect(outputs(await stage.state())).toEqual({ kept: 1, changed: "after" });
    await stage.up(() => ({ changed: "after" }));
    expect(outputs(await stage.state())).toEqual({ changed: "after" });
  });

  test("stops at a signal: what is in flight finishes, nothing else starts", async () => {
    const controller = new AbortController();
    await using stage = await createStage({ parallel: 1, signal: controller.signal });
    const result = await stage.up(async () => {
      const first = new Thing("first", { name: "first" });
      first.arn.apply(() => controller.abort());
      new Thing("second", { value: first.arn });
    });
    expect(result.ok).toBe(false);
    expect(stage.provider.log).toEqual(["create first"]);
    expect(result.diagnostics.at(-1)?.message).toMatch(/^cancelled/);
  });

  test("runs beside others in one process, each with its own", async () => {
    const stages = await Promise.all(
      Array.from({ length: 5 }, (_, index) => createStage({ stack: `s${index}` })),
    );
    const results = await Promise.all(
      stages.map((stage, index) =>
        stage.up(async () => {
          const thing = new Thing("thing", { name: `thing-${index}` });
          if (index === 3) throw new Error("only the fourth fails");
          return { stack: pulumi.getStack(), arn: thing.arn };
        }),
      ),
    );
    expect(results.map(({ ok }) => ok)).toEqual([true, true, true, false, true]);
    expect(results[4]?.outputs).toEqual({ stack: "s4", arn: "arn:test:Thing:thing-4" });
    await Promise.all(stages.map((stage) => stage[Symbol.asyncDispose]()));
  });

  test("records a type nobody emulates, and says so", async () => {
    await using stage = await createStage({ unknownTypes: "record" });
    const result = await stage.up(() => ({ color: new Stranger("it", "green").color }));
    expect(result.ok).toBe(true);
    expect(result.outputs).toEqual({ color: "green" });
    expect(result.diagnostics[0]?.message).toMatch(/strange:index:Stranger is not emulated/);
    expect(result.steps.find(({ type }) => type.startsWith("strange"))?.notEmulated).toBe(true);
    const event = stage.events.find((e) => e.resOutputsEvent?.metadata.type === "strange:index:Stranger");
    expect(event?.resOutputsEvent?.metadata.notEmulated).toBe(true);
  });

  test("refuses a type nobody emulates when it is told to", async () => {
    await using stage = await createStage();
    const result = await stage.up(() => {
      new Stranger("it", "green");
    });
    expect(result.ok).toBe(false);
    expect(result.diagnostics[0]?.message).toBe(
      "no provider for resource type strange:index:Stranger; known packages: test",
    );
  });
});
