/** What a caller of `startCloud` gives and gets. */
import type { AuditQuery } from "./door/audit.ts";
import type { AuditEvent, CloudEvent } from "./events.ts";
import type { Explanation } from "./iam/explain.ts";
import type { RuntimeOptions } from "./lambda/runtimes.ts";
import type { AccessRequest, Credentials } from "./service.ts";

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

export interface Cloud {
  /** `http://127.0.0.1:PORT`: what `AWS_ENDPOINT_URL` takes. */
  readonly endpoint: string;
  readonly port: number;
  readonly region: string;
  readonly accountId: string;
  /** The account's root: allowed everything. */
  readonly credentials: Credentials;
  /** What is implemented: the operations of every service, by its signing name. */
  readonly operations: Readonly<Record<string, readonly string[]>>;
  /** Temporary credentials of a role that exists in this cloud. */
  assumeRole(roleArn: string, sessionName?: string): Credentials;
  /** What IAM decided, newest first: every decision is kept, up to a hundred thousand. */
  audit(query?: AuditQuery): AuditEvent[];
  /** Asks IAM on behalf of a role of this cloud, and says in words which statement decides; nothing is recorded. */
  explain(roleArn: string, request: AccessRequest): Explanation;
  /** Ends every function, finishes what is written, closes the port. */
  stop(): Promise<void>;
}
