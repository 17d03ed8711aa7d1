/** Builds the pinned Pulumi CLI into `bin/`, unless it is there. Prints its folder; what it does goes to stderr. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
const bin = join(folder, "bin");
const command = join(bin, "pulumi");
const version = /github\.com\/pulumi\/pulumi\/pkg\/v3 (v\S+)/.exec(
  readFileSync(join(folder, "go.mod"), "utf8"),
)?.[1];

export function buildPulumi() {
  if (!version) throw new Error("tools/pulumi/go.mod names no version of github.com/pulumi/pulumi/pkg/v3.");
  mkdirSync(bin, { recursive: true });
  writePlugin();
  if (installed() === version) return folder;
  console.error(`Building the Pulumi CLI ${version} (once, some minutes) …`);
  const started = performance.now();
  run("go", [
    "build",
    // The Automation API asks the CLI for its version; a plain build would answer none.
    "-ldflags",
    `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`,
    "-o",
    command,
    "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
  ]);
  if (installed() !== version) throw new Error(`${command} was built, but does not say it is ${version}.`);
  console.error(`Built in ${Math.round((performance.now() - started) / 1000)} s.`);
  return folder;
}

/** A released CLI has it at its side; it only starts what the SDK brings. */
function writePlugin() {
  const script = [
    "#!/bin/sh",
    `exec node "$(node -p 'require.resolve("@pulumi/pulumi/cmd/dynamic-provider")')" "$@"`,
    "",
  ].join("\n");
  writeFileSync(join(bin, "pulumi-resource-pulumi-nodejs"), script, { mode: 0o755 });
}

function installed() {
  const { stdout } = spawnSync(command, ["version"], {
    encoding: "utf8",
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  return stdout?.trim();
}

function run(program, args) {
  const { status, error } = spawnSync(program, args, {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (error?.code === "ENOENT") throw new Error("Building the Pulumi CLI needs Go 1.25.11 or later on PATH.");
  if (status !== 0) throw new Error(`${program} ${args[0]} failed: the lines above say where.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(buildPulumi());
