import { execFileSync } from "node:child_process";

/** Tests of the command run what users run: the build, which is made anew when a source is newer. */
export default function setup(): void {
  execFileSync(process.execPath, ["scripts/prepare.mjs"], { stdio: "inherit" });
}
