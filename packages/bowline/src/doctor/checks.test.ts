import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findProject, stagePaths } from "../config/project.ts";
import { examine, node } from "./checks.ts";

const base = mkdtempSync(join(tmpdir(), "bowline-doctor-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

test("an old Node is wrong, a recent one is fine", () => {
  expect(node("22.17.1")).toMatchObject({ state: "wrong", detail: expect.stringContaining("22.18") });
  expect(node("22.18.0").state).toBe("fine");
  expect(node("24.0.0").state).toBe("fine");
});

test("an app without the Pulumi SDK, and one with a copy of its own, are told what to do", async () => {
  writeFileSync(join(base, "bowline.config.ts"), "");
  const project = findProject(base);
  const sdkOf = async () =>
    (await examine({ project, paths: stagePaths(project, "t"), stage: "t" })).find(
      ({ subject }) => subject === "@pulumi/pulumi",
    );
  expect(await sdkOf()).toMatchObject({ state: "wrong", hint: expect.stringContaining("npm install") });
  const copy = join(base, "node_modules/@pulumi/pulumi");
  mkdirSync(copy, { recursive: true });
  writeFileSync(join(copy, "package.json"), '{"version":"3.250.0"}');
  expect(await sdkOf()).toMatchObject({ state: "wrong", detail: expect.stringContaining("two copies") });
});

test("outside of an app only the machine is looked at", async () => {
  const subjects = (await examine({})).map(({ subject }) => subject);
  expect(subjects).toEqual(["Node", "App", "Python", "miniflare", "Pulumi CLI"]);
});
