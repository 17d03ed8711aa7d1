import type { RoleEnvironment } from "./aws-role.ts";
import type { WorkerLine } from "./log.ts";

export interface WorkersHostOptions {
  /** The app's folder: miniflare is looked for there. */
  readonly root: string;
  /** The stage's. */
  readonly folder: string;
  readonly key: Uint8Array;
  /** For Workers that are linked to something in AWS. */
  readonly role: RoleEnvironment;
  readonly onLine: (line: WorkerLine) => void;
  readonly onWarning: (message: string) => void;
}
