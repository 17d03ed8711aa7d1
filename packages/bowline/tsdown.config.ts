import { cp } from "node:fs/promises";
import { defineConfig } from "tsdown";

export default defineConfig({
  entry: {
    resource: "src/resource/index.ts",
    "resource-browser": "src/resource/browser.ts",
    "resource-workerd": "src/resource/workerd.ts",
    config: "src/config/index.ts",
    "r2-s3": "src/workers/r2-s3/index.ts",
    testing: "src/testing/index.ts",
    cli: "src/cli/index.ts",
    program: "src/deploy/program.ts",
  },
  platform: "node",
  deps: { neverBundle: ["cloudflare:workers"] },
  format: "esm",
  // Declarations for what users import; the command and the program are run, not imported.
  dts: { entry: ["src/{resource,config,testing}/index.ts"] },
  // The Python SDK travels with the package, so that local Python functions have it; so does what reads their source.
  onSuccess: async () => {
    await cp("src/build/check/python-reads", "dist/python-reads", {
      recursive: true,
      filter: (path) => !path.includes("__pycache__"),
    });
    await cp("../python/src/bowline", "dist/python/bowline", {
      recursive: true,
      filter: (path) => !path.includes("__pycache__"),
    });
  },
});
