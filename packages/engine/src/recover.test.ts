import { expect, test } from "vitest";
import type { ResourceState } from "./index.ts";
import { openLedger } from "./state/ledger.ts";
import { createSealer } from "./state/sealing.ts";
import { createStage, type Stage } from "./testing/stage.ts";
import { Thing } from "./testing/things.ts";

const URN = "urn:pulumi:test::shop::test:index:Thing::a";

const program =
  (value = 1) =>
  () =>
    void new Thing("a", { name: "a", value });

/** Leaves the stage as a run does that is killed after it began an operation. */
async function interrupt(
  stage: Stage,
  type: "creating" | "updating" | "deleting",
  change: (resource: ResourceState | undefined) => ResourceState | undefined = (resource) => resource,
): Promise<void> {
  const state = await stage.state();
  const resource = change(state.resources.find(({ urn }) => urn === URN));
  if (!resource) throw new Error("nothing to interrupt");
  const ledger = await openLedger(stage.options.stateDir, createSealer(stage.options.secretsKey));
  await ledger.begin({ type, resource, seed: Buffer.alloc(32).toString("base64") });
  await ledger.close();
}

test("what an interrupted creation left behind is taken over", async () => {
  await using stage = await createStage();
  await stage.up(program());
  const created = (await stage.state()).resources.find(({ urn }) => urn === URN);
  // State forgets it; the thing itself is there.
  const things = new Map(stage.provider.things);
  await stage.up(() => {});
  for (const [id, thing] of things) stage.provider.things.set(id, thing);
  await interrupt(stage, "creating", () => created && { ...created, outputs: {} });
  stage.provider.log.length = 0;
  const result = await stage.up(program());
  expect(result.diagnostics[0]?.message).toMatch(/it exists, and is part of the state now/);
  expect(result.changes).toEqual({ same: 2 });
  expect(stage.provider.log).toEqual([]);
  expect((await stage.state()).pending).toEqual([]);
});

test("a creation whose answer was lost is taken over by the next run", async () => {
  await using stage = await createStage();
  const broken = await stage.up(() => void new Thing("a", { value: 1, fail: "answer" }));
  expect(broken.ok).toBe(false);
  expect((await stage.state()).pending).toMatchObject([{ type: "creating" }]);
  await stage.up(() => void new Thing("a", { value: 1 }));
  expect((await stage.state()).pending).toEqual([]);
  expect(stage.provider.things.size).toBe(1);
});

test("an interrupted creation that made nothing is begun anew", async () => {
  await using stage = await createStage();
  await stage.up(program());
  const created = (await stage.state()).resources.find(({ urn }) => urn === URN);
  await stage.up(() => {});
  await interrupt(stage, "creating", () => created);
  expect((await stage.up(program())).changes).toEqual({ create: 1, same: 1 });
});

test("an interrupted update is done again, though nothing seems to have changed", async () => {
  await using stage = await createStage();
  await stage.up(program());
  await interrupt(stage, "updating");
  expect((await stage.preview(program())).changes).toEqual({ update: 1, same: 1 });
  expect((await stage.up(program())).changes).toEqual({ update: 1, same: 1 });
  expect((await stage.up(program())).changes).toEqual({ same: 2 });
});

test("an interrupted deletion is finished, and the resource made again if it is wanted", async () => {
  await using stage = await createStage();
  await stage.up(program());
  await interrupt(stage, "deleting");
  stage.provider.log.length = 0;
  expect((await stage.up(program())).changes).toEqual({ create: 1, same: 1 });
  expect(stage.provider.log).toEqual(["delete a", "create a"]);
});
