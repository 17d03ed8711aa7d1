/** What a caller of `startCloud` gives. */
import type { CloudEvent } from "./events.ts";
import type { RuntimeOptions } from "./lambda/runtimes.ts";

export interface CloudOptions {
  /** Where everything is kept; made if missing. One cloud at a time per folder. */
  readonly dir: string;
  /** 0 (the default) takes any free port. */
  readonly port?: number;
  /** Default `us-east-1`. */
  readonly region?: string;
  /** Default `000000000000`. */
  readonly accountId?: string;
  readonly onEvent?: (event: CloudEvent) => void;
  /** Which interpreters functions run in, and what they find beside their own packages. */
  readonly runtimes?: RuntimeOptions;
  /** Milliseconds before retries of asynchronous invocations; default 1000 and 2000, where AWS waits minutes. */
  readonly retryDelays?: readonly number[];
}
