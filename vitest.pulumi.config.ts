import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const conditions = ["source", "node"];

/** What is compared with Pulumi's own engine: `npm run test:pulumi` starts it, with a Pulumi CLI at hand. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    pool: "forks",
    // They wait for the CLI, most of the time.
    maxWorkers: availableParallelism() + 1,
    include: ["packages/*/src/**/*.parity.ts", "tools/**/*.parity.ts"],
    // A program that fails under the Automation API rejects what nobody handles but the CLI, which is told.
    dangerouslyIgnoreUnhandledErrors: true,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
