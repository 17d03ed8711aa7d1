import { defineConfig } from "tsdown";

export default defineConfig({
  // The host is a file of its own, because child processes are started with it.
  entry: { index: "src/index.ts", "child-host": "src/child/host.ts" },
  platform: "node",
  format: "esm",
  dts: { entry: ["src/index.ts"] },
  // Resolved at run time from the user's project; here only its types are used.
  deps: { neverBundle: [/^@pulumi\/pulumi/, /^@grpc\//, /^google-protobuf/] },
});
