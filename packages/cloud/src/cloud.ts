/** What a caller of `startCloud` gets. */
import type { AuditQuery } from "./door/audit.ts";
import type { AuditEvent } from "./events.ts";
import type { Explanation } from "./iam/explanation.ts";
import type { AccessRequest, Credentials } from "./service.ts";

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
