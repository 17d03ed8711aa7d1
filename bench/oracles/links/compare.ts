/** What links become at run time, read by other people's SDKs, by ours, and by a type checker. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { appFolder } from "../../../packages/bowline/src/cli/e2e/app-folder.ts";
import { python } from "../moto.ts";
import { appFiles } from "./app.ts";
import { comparePayloads } from "./payloads.ts";
import { compareSdks } from "./sdks.ts";
import { compareStubs } from "./stubs.ts";

await comparePayloads();
execFileSync(process.execPath, ["scripts/prepare.mjs"], {
  cwd: join(import.meta.dirname, "../../.."),
  stdio: "inherit",
});
await using app = appFolder(appFiles(python));
await compareSdks(app);
await compareStubs(app);
