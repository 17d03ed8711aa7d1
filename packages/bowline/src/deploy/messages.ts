/** What the command and the program it runs in a child process tell each other. */

import type { ResourceState } from "@bowline/engine";
import type { Finding } from "../build/check/index.ts";
import type { AppSettings, FinishedBuild, Purpose } from "../config/app.ts";
import type { BowlineError } from "../error.ts";
import type { ConsumerGrants } from "../link/words.ts";
import type { TypedConsumer } from "../types/input.ts";
import type { WorkersAccess } from "../workers/access.ts";

/** What the parent tells the program. */
export interface ProgramData {
  readonly root: string;
  readonly stage: string;
  readonly operation: "up" | "preview" | "destroy";
  /** `app` asks for the app's settings only. */
  readonly purpose: Purpose | "app";
  /** Where the state is; a folder without one for what must not depend on what is deployed. */
  readonly stateDir: string;
  /** The local cloud, once it listens; a stage at home in a cloud has none. */
  readonly cloud?: {
    readonly endpoint: string;
    readonly region: string;
    readonly accountId: string;
    readonly credentials: {
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken?: string;
    };
  };
  /** What runs the Workers of a stage on this machine. */
  readonly workers?: WorkersAccess;
}

/** What the program tells the parent. */
export type ProgramMessage =
  | { readonly type: "app"; readonly settings: AppSettings }
  /** Of a stage at home in a cloud: its state, before and after the operation. */
  | { readonly type: "state"; readonly resources: readonly ResourceState[] }
  | { readonly type: "sources"; readonly files: readonly string[] }
  | { readonly type: "built"; readonly build: FinishedBuild }
  | { readonly type: "warning"; readonly message: string; readonly hint?: string }
  | { readonly type: "findings"; readonly findings: readonly Finding[] }
  | { readonly type: "typed"; readonly consumer: TypedConsumer }
  | { readonly type: "granted"; readonly consumer: ConsumerGrants }
  | { readonly type: "progress"; readonly message: string }
  | { readonly type: "problems"; readonly problems: readonly Problem[] };

/** An error for the user, as it crosses the process boundary. */
export type Problem = Pick<BowlineError, "code" | "message" | "hint" | "exitCode">;

/** What every resource says of a program that failed before any of them was begun. */
export const NOT_STARTED = "not started, because the program failed";
