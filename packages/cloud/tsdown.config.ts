import { cp } from "node:fs/promises";
import { defineConfig } from "tsdown";

export default defineConfig({
  entry: { index: "src/index.ts", command: "src/command/main.ts" },
  platform: "node",
  format: "esm",
  dts: true,
  // Functions are started with these files, so they are shipped as they are.
  onSuccess: async () => {
    await cp("src/lambda/bootstrap", "dist/lambda/bootstrap", { recursive: true });
  },
});
