import { hkdfSync } from "node:crypto";
import { join } from "node:path";
import type { WorkersAccess } from "./access.ts";
import { connectWorkersHost } from "./connect.ts";
import { startWorkersHost } from "./host.ts";
import type { WorkersHostOptions } from "./host-options.ts";

/** The Workers of a stage for as long as a command needs them, or those another command keeps up. */
export interface StageWorkers {
  readonly access: WorkersAccess | undefined;
  replaceCode(scriptName: string, file: string): Promise<void>;
  /** Has them run before anyone calls them. */
  start(): void;
  stop(): Promise<void>;
}

export async function openStageWorkers(
  options: Omit<WorkersHostOptions, "folder" | "key"> & {
    readonly stageFolder: string;
    readonly stateKey: Uint8Array;
    /** Whether another process runs the stage. */
    readonly shared: boolean;
  },
): Promise<StageWorkers> {
  const folder = join(options.stageFolder, "workers");
  if (options.shared) {
    return {
      access: connectWorkersHost(folder),
      replaceCode: () => Promise.reject(new Error("the Workers run in another process")),
      start: () => undefined,
      stop: async () => undefined,
    };
  }
  const key = new Uint8Array(hkdfSync("sha256", options.stateKey, "", "bowline workers", 32));
  return startWorkersHost({ ...options, folder, key });
}
