import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkersAccess } from "./access.ts";

/** Where a host says how to reach it, for its owner only. */
export function accessFile(folder: string): string {
  return join(folder, "host.json");
}

/** The host that another process runs for this stage. */
export function connectWorkersHost(folder: string): WorkersAccess | undefined {
  try {
    return JSON.parse(readFileSync(accessFile(folder), "utf8")) as WorkersAccess;
  } catch {
    return undefined;
  }
}
