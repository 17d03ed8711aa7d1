import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import {
  exportState,
  importState,
  listSnapshots,
  removeFromState,
  repairState,
  restoreSnapshot,
} from "../index.ts";
import { createStage } from "../testing/stage.ts";
import { Thing } from "../testing/things.ts";

const URN = "urn:pulumi:test::shop::test:index:Thing::";

const program =
  (value: unknown = 1) =>
  () => {
    const a = new Thing("a", { name: "a", value });
    new Thing("b", { name: "b", value: pulumi.secret(a.arn) });
  };

describe("state", () => {
  test("exported and imported is the same state; secrets stay sealed unless asked for", async () => {
    await using stage = await createStage();
    await stage.up(program());
    const sealed = await exportState(stage.options);
    expect(JSON.stringify(sealed)).not.toContain('"plaintext"');
    const open = await exportState(stage.options, { showSecrets: true });
    expect(JSON.stringify(open)).toContain("arn:test:Thing:a");
    const before = await stage.state();
    await importState(stage.options, open);
    expect((await stage.state()).resources).toEqual(before.resources);
    expect((await stage.up(program())).changes).toEqual({ same: 3 });
  });

  test("that is no state is not imported", async () => {
    await using stage = await createStage();
    await expect(importState(stage.options, { version: 2 })).rejects.toThrow(
      "not a Pulumi deployment of version 3",
    );
    await stage.up(program());
    const { deployment, ...document } = await exportState(stage.options);
    const resources = deployment.resources?.slice(1) ?? [];
    await expect(
      importState(stage.options, { ...document, deployment: { ...deployment, resources } }),
    ).rejects.toThrow("which is not there");
  });

  test("lets go of a resource without touching it", async () => {
    await using stage = await createStage();
    await stage.up(program());
    await expect(removeFromState(stage.options, `${URN}a`)).rejects.toThrow(`${URN}b depends on ${URN}a`);
    await removeFromState(stage.options, `${URN}b`);
    await expect(removeFromState(stage.options, `${URN}b`)).rejects.toThrow("there is no resource");
    expect(stage.provider.things.size).toBe(2);
    expect((await stage.state()).resources.map(({ urn }) => urn)).not.toContain(`${URN}b`);
  });

  test("that cannot be read says so, and is repaired from a snapshot", async () => {
    await using stage = await createStage();
    await stage.up(program(1));
    await stage.up(program(2));
    const path = join(stage.options.stateDir, "state.json");
    await writeFile(path, (await readFile(path, "utf8")).slice(0, 500));
    await expect(stage.up(program(2))).rejects.toThrow(/state\.json is not valid JSON .*snapshots/);
    expect((await repairState(stage.options)).join("\n")).toMatch(/went back to snapshot 1/);
    expect((await stage.up(program(2))).changes).toEqual({ same: 2, update: 1 });
    expect(await repairState(stage.options)).toEqual([]);
  });

  test("goes back to an earlier snapshot", async () => {
    await using stage = await createStage();
    for (let value = 0; value < 25; value++) await stage.up(program(value));
    const snapshots = await listSnapshots(stage.options.stateDir);
    expect(snapshots).toHaveLength(20);
    await restoreSnapshot(stage.options, snapshots.at(-1)?.generation ?? 0);
    const a = (await stage.state()).resources.find(({ urn }) => urn === `${URN}a`);
    expect(a?.inputs.value).toBe(4);
  });

  test("sealed with another key is refused", async () => {
    await using stage = await createStage();
    await stage.up(program());
    await expect(stage.up(program(), { secretsKey: new Uint8Array(32) })).rejects.toThrow(
      "secrets key is not the one",
    );
    await expect(stage.up(program(), { secretsKey: new Uint8Array(16) })).rejects.toThrow("AES-256 needs 32");
  });
});
