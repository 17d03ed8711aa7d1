import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { archiveName, findPulumi, PULUMI_VERSION } from "./command.ts";

let folder: string;
let archive: Buffer;

/** A release as pulumi.com has it, its CLI a script that knows its version. */
beforeEach(() => {
  vi.stubEnv("PATH", "/usr/bin:/bin");
  folder = mkdtempSync(join(tmpdir(), "bowline-cli-"));
  mkdirSync(join(folder, "pulumi"));
  const script = join(folder, "pulumi", "pulumi");
  writeFileSync(script, `#!/bin/sh\necho v${PULUMI_VERSION}\n`);
  chmodSync(script, 0o755);
  execFileSync("tar", ["-czf", join(folder, "release.tar.gz"), "-C", folder, "pulumi"]);
  archive = readFileSync(join(folder, "release.tar.gz"));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

function release(sum: string): typeof fetch {
  return async (url) =>
    String(url).endsWith("checksums.txt")
      ? new Response(`0000  other.tar.gz\n${sum}  ${archiveName()}\n`)
      : new Response(new Uint8Array(archive), { headers: { "content-length": String(archive.length) } });
}

function find(get: typeof fetch, said: string[] = []) {
  return findPulumi({
    env: { XDG_DATA_HOME: folder },
    fetch: get,
    progress: (message) => said.push(message),
  });
}

test("the CLI is fetched once, checked, and kept", async () => {
  const said: string[] = [];
  const sum = createHash("sha256").update(archive).digest("hex");
  const found = await find(release(sum), said);
  expect(String(found.version)).toBe(PULUMI_VERSION);
  expect(found.command).toBe(join(folder, "bowline", "pulumi", PULUMI_VERSION, "bin", "pulumi"));
  expect(said.at(-1)).toContain("100 %");
  const again = await find(() => Promise.reject(new Error("nothing is fetched twice")));
  expect(again.command).toBe(found.command);
});

test("what is not what Pulumi released is not kept", async () => {
  await expect(find(release("f".repeat(64)))).rejects.toThrow(/is not what Pulumi released: its checksum is/);
  expect(existsSync(join(folder, "bowline", "pulumi", PULUMI_VERSION))).toBe(false);
});

test("without a network one message says how to provide it", async () => {
  const failing = find(() => Promise.reject(new TypeError("fetch failed")));
  await expect(failing).rejects.toMatchObject({
    code: "no-pulumi",
    exitCode: 1,
    message: expect.stringContaining("cannot be reached"),
    hint: expect.stringMatching(/^Put pulumi 3\.206\.0 or later on PATH/),
  });
});
