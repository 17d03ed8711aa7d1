import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const python = spawnSync("python3", ["--version"]);
if (python.error) console.warn(`The Python SDK is not tested: ${python.error.message}.`);

test.skipIf(python.error)("the Python SDK passes its own tests", () => {
  const script = fileURLToPath(new URL("../../../python/tests/test_resource.py", import.meta.url));
  const run = spawnSync("python3", ["-B", script], { encoding: "utf8" });
  expect(run.stderr).toMatch(/^OK$/m);
  expect(run.status).toBe(0);
});
