import { homedir } from "node:os";
import { join } from "node:path";

/** What Bowline keeps for a user, whatever the app. */
export function dataFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return join(env.XDG_DATA_HOME || join(homedir(), ".local", "share"), "bowline");
}
