import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// Workspace packages resolve to their TypeScript source, so that no test reads a stale build.
const conditions = ["source", "node"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    pool: "forks",
    // Most tests wait for processes of their own: one worker fewer than cores, the default, leaves cores idle.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        // Loading the SDKs anew for each file is two fifths of the work: files share a process, and leave it as it was.
        test: {
          name: "unit",
          isolate: false,
          include: ["packages/*/src/**/*.test.ts"],
          exclude: ["**/e2e/**"],
        },
      },
      {
        extends: true,
        // These run what users run: the built command.
        test: { name: "e2e", include: ["packages/*/src/**/e2e/*.test.ts"], globalSetup: "./vitest.setup.ts" },
      },
    ],
  },
});
