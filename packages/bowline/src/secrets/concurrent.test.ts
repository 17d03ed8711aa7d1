import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { findProject, stagePaths } from "../config/project.ts";
import { projectKeys } from "./key.ts";
import { openSecrets } from "./store.ts";

const PROCESSES = 8;
const EACH = 15;

test("processes that set secrets at once, in a project that has no key yet, lose none", async () => {
  const base = mkdtempSync(join(tmpdir(), "bowline-secrets-"));
  const home = join(base, "home");
  writeFileSync(join(base, "bowline.config.ts"), "");
  try {
    const children = Array.from({ length: PROCESSES }, (_, index) =>
      spawn(
        process.execPath,
        [
          "--conditions=source",
          fileURLToPath(new URL("./set-secrets.fixture.ts", import.meta.url)),
          base,
          `P${index}x`,
          `${EACH}`,
        ],
        { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, XDG_CONFIG_HOME: home } },
      ),
    );
    const ended = Promise.all(children.map((child) => once(child, "close")));
    await Promise.all(children.map((child) => once(child.stdout, "data")));
    for (const child of children) child.stdin.end("go");
    expect((await ended).map(([code]) => code)).toEqual(children.map(() => 0));

    vi.stubEnv("XDG_CONFIG_HOME", home);
    const project = findProject(base);
    const found = openSecrets(stagePaths(project, "t").secrets, projectKeys(project).secrets).load();
    expect(found.get("Shared")).toMatch(/^from P\dx$/);
    expect(found.size).toBe(PROCESSES * EACH + 1);
    for (const [name, value] of found) if (name !== "Shared") expect(value).toBe(`value ${name}`);
    expect(readdirSync(stagePaths(project, "t").secrets).filter((name) => !name.endsWith(".secret"))).toEqual(
      [],
    );

    const keys = join(home, "bowline", "keys");
    expect(readdirSync(keys)).toHaveLength(1);
    expect(statSync(join(keys, readdirSync(keys)[0] ?? "")).mode & 0o777).toBe(0o600);
    expect(statSync(keys).mode & 0o777).toBe(0o700);
  } finally {
    vi.unstubAllEnvs();
    rmSync(base, { recursive: true, force: true });
  }
});
