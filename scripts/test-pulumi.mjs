/** Compares our engine and our providers with Pulumi's own engine. Arguments go to Vitest. */
import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { buildPulumi } from "../tools/pulumi/build.mjs";

execFileSync(process.execPath, ["scripts/prepare.mjs"], {
  cwd: fileURLToPath(new URL("..", import.meta.url)),
  stdio: "inherit",
});

let root;
try {
  root = buildPulumi();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const { status } = spawnSync(
  "vitest",
  ["run", "--config", "vitest.pulumi.config.ts", ...process.argv.slice(2)],
  {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    env: { ...process.env, BOWLINE_PULUMI_ROOT: root },
    stdio: "inherit",
  },
);
process.exit(status ?? 1);
