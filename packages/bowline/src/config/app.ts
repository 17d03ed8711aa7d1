import { AsyncLocalStorage } from "node:async_hooks";
import type { Finding } from "../build/check/findings.ts";
import type { BuildRequest } from "../build/request.ts";
import type { CloudflareSettings } from "../deploy/account-id.ts";
import type { AwsSettings } from "../deploy/pulumi/aws-account.ts";
import { BowlineError } from "../error.ts";
import { circular, findCircle, type Needs } from "../link/circle.ts";
import { checkName, nameKey } from "../link/name.ts";
import type { ConsumerGrants } from "../link/words.ts";
import type { TypedConsumer } from "../types/input.ts";
import type { WorkersAccess } from "../workers/access.ts";

/** Where a stage lives. */
export type Home = "local" | "aws" | "cloudflare";

/** What `app()` in a config returns. */
export interface AppSettings {
  /** Begins the name of everything that is created. */
  readonly name: string;
  /** Default `local`: this machine, no account. */
  readonly home?: Home;
  /** `"full"` grants SST's broad permissions (`s3:*`) where a link names no access level. Default `"least"`. */
  readonly access?: "least" | "full";
  /**
   * What becomes of buckets and tables that are no longer declared, or of a removed stage: `"retain"` leaves them and
   * their data where they are. Default: `"retain"`, and `"remove"` at home `local`.
   */
  readonly removal?: "retain" | "remove";
  /** Refuse to delete or replace anything of this stage. */
  readonly protect?: boolean;
  /** For stages in clouds: which account and region of AWS, and what all resources there are tagged with. */
  readonly aws?: AwsSettings;
  /** For stages in clouds: which account of Cloudflare. */
  readonly cloudflare?: CloudflareSettings;
  readonly python?: {
    /** The typed module of Python functions: `bowline_resources.py`, or Stelvio's `stlv_resources.py` and variables. */
    readonly resources?: "bowline" | "stelvio";
  };
}

/** Whether a stage of these settings lives on this machine. */
export function isLocal({ home = "local" }: AppSettings): boolean {
  return home === "local";
}

export type Purpose = "deploy" | "check" | "types";

/** What was built for whom, and of which files. */
export interface FinishedBuild {
  readonly request: BuildRequest;
  readonly sources: readonly string[];
}

/** What components know of the app they are declared in. */
export interface App {
  readonly name: string;
  readonly stage: string;
  readonly home: Home;
  /** The account of Cloudflare that the app or the environment names. */
  readonly cloudflareAccount?: string | undefined;
  readonly access: "least" | "full";
  /** The dialect of Python functions' typed modules. */
  readonly python: "bowline" | "stelvio";
  /** The folder of `bowline.config.ts`. */
  readonly root: string;
  /** Where artifacts are built, by content. */
  readonly artifacts: string;
  /** Keys of links' payloads derive from it. */
  readonly payloadKey: Uint8Array;
  readonly secrets: ReadonlyMap<string, string>;
  /** What the program is run for: to deploy it (or say what that would do), to check it, or for its types only. */
  readonly purpose: Purpose;
  /** Whether nothing is created by this run, whatever it is for. */
  readonly planning?: boolean;
  /** Resolves when the program has declared everything, and nothing is created yet. */
  readonly declared: Promise<void>;
  /** What runs the Workers of a stage on this machine; absent where nothing is deployed. */
  readonly workers?: WorkersAccess;
  /** Registers a component's name, which is unique in the app. */
  claim(name: string, what: string): void;
  /** Work that must succeed before anything is created: builds, checks. */
  require(work: Promise<unknown>): void;
  /** A problem found; the run ends with all of them before anything is created. */
  report(problem: BowlineError): void;
  /** Tells the person who waits what takes so long. */
  progress(message: string): void;
  /** Something the user should know; the run goes on. */
  warn(message: string, hint?: string): void;
  /** What the static check found in a consumer's handler, for `bowline check`. */
  found(findings: readonly Finding[]): void;
  /** What a consumer's links look like, for `bowline types`. */
  typed(consumer: TypedConsumer): void;
  /** The names of all components declared so far. */
  names(): string[];
  /** A consumer was declared, with the consumers its links need. */
  needs(needs: Needs): void;
  /** A consumer was declared, with what its links and its own permissions grant. */
  granted(consumer: ConsumerGrants): void;
  /** An artifact was made: `dev` watches what it was made from. */
  built(build: FinishedBuild): void;
}

const storage = new AsyncLocalStorage<App>();

/** The app whose config is running. */
export function currentApp(): App {
  const app = storage.getStore();
  if (!app) {
    throw new BowlineError("no-app", "A Bowline component was created outside of an app.", {
      hint: "Create components inside run() of defineConfig, and start the program with the bowline command.",
      exitCode: 2,
    });
  }
  return app;
}

/** Runs something as part of an app. */
export function inApp<T>(app: App, run: () => T): T {
  return storage.run(app, run);
}

/** An app, and what was found wrong with it while its program ran. */
export function createApp(
  options: Omit<App, "declared" | "claim" | "require" | "report" | "needs" | "names">,
): {
  app: App;
  validated(): Promise<BowlineError[]>;
} {
  const names = new Map<string, { name: string; what: string }>();
  const pending: Promise<unknown>[] = [];
  const problems: BowlineError[] = [];
  const needed: Needs[] = [];
  const declared = Promise.withResolvers<void>();
  const app: App = {
    ...options,
    declared: declared.promise,
    claim(name, what) {
      checkName(name, what);
      const before = names.get(nameKey(name));
      if (before) {
        throw new BowlineError(
          "name-taken",
          `${what} and ${before.what} are named "${name}" and "${before.name}".`,
          {
            hint: "Names are unique in an app, whatever their case and whether they have - or _. Rename one of them.",
          },
        );
      }
      names.set(nameKey(name), { name, what: `${what} "${name}"` });
    },
    require(work) {
      pending.push(work);
      work.catch(() => undefined);
    },
    names: () => [...names.values()].map(({ name }) => name),
    report(problem) {
      problems.push(problem);
    },
    needs(needs) {
      needed.push(needs);
    },
  };
  return {
    app,
    async validated() {
      declared.resolve();
      for (const result of await Promise.allSettled(pending)) {
        if (result.status === "fulfilled") continue;
        if (!(result.reason instanceof BowlineError)) throw result.reason;
        problems.push(result.reason);
      }
      const circle = findCircle(needed);
      return circle ? [...problems, circular(circle)] : problems;
    },
  };
}
