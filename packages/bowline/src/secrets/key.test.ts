import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { projectKeys } from "./key.ts";

let base: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "bowline-key-"));
  vi.stubEnv("XDG_CONFIG_HOME", join(base, "home"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(base, { recursive: true });
});

const project = () => ({
  root: base,
  configFile: join(base, "bowline.config.ts"),
  folder: join(base, ".bowline"),
  artifacts: join(base, ".bowline", "artifacts"),
  fallbackSecrets: join(base, ".bowline", "fallback-secrets"),
});

describe("an app's keys", () => {
  test("stay the same, and differ by purpose", () => {
    const keys = projectKeys(project());
    expect(projectKeys(project())).toEqual(keys);
    expect(
      new Set([keys.payload, keys.secrets, keys.state].map((key) => Buffer.from(key).toString("hex"))).size,
    ).toBe(3);
  });

  test("lie outside of the project, readable by their owner only", () => {
    projectKeys(project());
    const folder = join(base, "home", "bowline", "keys");
    const [file = "", ...rest] = readdirSync(folder);
    expect(rest).toEqual([]);
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  });

  test("a project with stages whose key is gone says so, and makes no new key over it", () => {
    projectKeys(project());
    mkdirSync(join(base, ".bowline", "stages"), { recursive: true });
    rmSync(join(base, "home"), { recursive: true });
    expect(() => projectKeys(project())).toThrow("is not on this machine");
  });

  test("a damaged id or key is named", () => {
    projectKeys(project());
    writeFileSync(join(base, ".bowline", "id"), "../../etc/passwd");
    expect(() => projectKeys(project())).toThrow("is damaged");
  });
});
