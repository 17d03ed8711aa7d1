import type { WorkersAccess } from "../../workers/access.ts";

export interface CloudflareProviderOptions {
  readonly workers: WorkersAccess;
  /** Where the program's relative paths begin. */
  readonly cwd: string;
}
