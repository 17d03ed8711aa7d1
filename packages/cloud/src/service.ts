/**
 * The contract between the front door and the services behind it.
 *
 * The front door authenticates a request, asks the service's protocol what it wants, asks the operation
 * which permissions that takes, evaluates them, and only then runs the operation. It knows no service by name.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Readable } from "node:stream";
import type { AwsError } from "./error.ts";
import type { CloudEvent } from "./events.ts";
import type { PolicyDocument } from "./iam/policy.ts";
import type { CloudOptions } from "./options.ts";

/** A request as it came in, with its body still unread. */
export interface HttpRequest {
  readonly method: string;
  /**
   * The path as sent: still percent-encoded, without the query. For S3 virtual hosts (`photos.s3.localhost`) the
   * front door has put the bucket in front, so that S3 only ever sees `/bucket/key`.
   */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The query as sent, without its question mark. */
  readonly rawQuery: string;
  /** Lower-case names; repeated headers joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
  /** Aborted when the client's connection closes: long polls end with it. */
  readonly signal?: AbortSignal;
}

/** A request body, decoded from aws-chunked framing and checked against its declared hashes while it is read. */
export interface Body {
  /** Decoded length where the client declared one. */
  readonly length: number | undefined;
  /** Reads it whole; fails with `RequestEntityTooLarge` beyond the limit (default 64 MiB). */
  bytes(limit?: number): Promise<Buffer>;
  /** Reads it as a stream, which fails at its end if a payload hash, chunk signature or trailer disagrees. */
  stream(): Readable;
  /** Trailing headers (lower-case); filled once the body was read to its end. */
  trailers(): Readonly<Record<string, string>>;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Uint8Array | Readable;
}

/** Who a call is made by. */
export type Principal =
  | { readonly kind: "root"; readonly arn: string; readonly accountId: string }
  | {
      readonly kind: "role";
      /** `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION` */
      readonly arn: string;
      /** `arn:aws:iam::ACCOUNT:role/NAME` */
      readonly roleArn: string;
      readonly sessionName: string;
      readonly accountId: string;
      readonly sessionPolicies?: readonly PolicyDocument[];
    }
  | {
      readonly kind: "service";
      /** For example `sns.amazonaws.com`. */
      readonly service: string;
      /** The resource on whose behalf the service acts: becomes `aws:SourceArn`. */
      readonly sourceArn: string;
      readonly accountId: string;
    }
  | { readonly kind: "anonymous" };

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** One question to IAM. */
export interface AccessRequest {
  /** For example `s3:GetObject`. */
  readonly action: string;
  /** An ARN, or `*` for actions that have no resource. */
  readonly resource: string;
  /** Condition keys that only this service knows: `s3:prefix`, `dynamodb:LeadingKeys`, … */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** One call of one operation: by a client over HTTP, or by another service in process. */
export interface Call {
  readonly service: string;
  readonly operation: string;
  readonly requestId: string;
  /** Milliseconds since the epoch when the call came in. */
  readonly time: number;
  readonly region: string;
  readonly accountId: string;
  readonly principal: Principal;
  /** The origin to build URLs from, as the client addressed us: `http://127.0.0.1:4580`. */
  readonly endpoint: string;
  /** Absent when another service calls in process. */
  readonly request?: HttpRequest;
  /** The signing name of the service that calls for the principal, if one does. */
  readonly via?: string;
  /** Checks further permissions while an operation runs; throws the denial. */
  authorize(...requests: AccessRequest[]): void;
  /** The same question, answered: for operations that report denials item by item. */
  allows(request: AccessRequest): boolean;
}

export interface Operation<Input = never, Output = unknown> {
  /**
   * The permissions this call takes, all of which must be granted.
   * An empty list is a denial: what maps to no permission is granted to nobody.
   * `"anyone"` is for the few operations AWS lets every authenticated principal call (GetCallerIdentity);
   * `"self"` for those that authorise item by item through `call.authorize` (DeleteObjects).
   */
  readonly access: ((input: Input, call: Call) => readonly AccessRequest[]) | "anyone" | "self";
  run(input: Input, call: Call): Promise<Output> | Output;
}

/** Declares an operation with its input type checked. */
export function operation<Input, Output>(definition: Operation<Input, Output>): Operation {
  return definition as unknown as Operation;
}

/** How requests and responses of a service look on the wire. */
export interface Protocol {
  /** Names the operation and its input; throws an `AwsError` when the request makes no sense. */
  parse(
    request: HttpRequest,
  ): Promise<{ operation: string; input: unknown }> | { operation: string; input: unknown };
  success(output: unknown, call: Call): HttpResponse;
  failure(
    error: AwsError,
    info: { requestId: string; operation?: string; request: HttpRequest },
  ): HttpResponse;
}

/** What a service claims of the traffic that is no AWS API call: function URLs, HTTP APIs. */
export type EdgeHandler = (call: Call, request: HttpRequest) => Promise<HttpResponse>;

export interface Service {
  /** The SigV4 signing name: `s3`, `dynamodb`, `lambda`, `execute-api`, … */
  readonly name: string;
  readonly protocol: Protocol | ((request: HttpRequest) => Protocol);
  readonly operations: Readonly<Record<string, Operation>>;
  /** The policy attached to a resource of this service, if it has one. */
  resourcePolicy?(resourceArn: string): PolicyDocument | undefined;
  /**
   * Set where the policy of a resource must allow an action, or leave it to the account, whatever the caller's own
   * policies allow: keys of KMS.
   */
  readonly resourcePolicyDecides?: boolean;
  /** Asked before a request is taken for an API call, signed or not. */
  edge?(request: HttpRequest): EdgeHandler | undefined;
  /** Called once when every service exists: resume timers, pollers, deliveries. */
  start?(): void | Promise<void>;
  stop?(): void | Promise<void>;
}

/** A call from one service to another: evaluated like any other. */
export interface InternalCall {
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
  readonly as: Principal;
  /** The signing name of the calling service, when it acts for the one who called it: `kms:ViaService`. */
  readonly via?: string;
}

/** What a service is given when it is made. */
export interface Hub {
  readonly accountId: string;
  readonly region: string;
  /** `http://127.0.0.1:PORT`; known once the door listens, so read it late. */
  readonly endpoint: string;
  /** Opens (and keeps) the SQLite database of that name in the data folder: WAL, survives `kill -9`. */
  database(name: string): DatabaseSync;
  /** A folder of that name in the data folder, made if missing. */
  folder(name: string): string;
  call(call: InternalCall): Promise<unknown>;
  /**
   * Temporary credentials of a role, as STS would hand them to a service acting for the account. Given a service
   * (`lambda.amazonaws.com`), the role's trust policy must let it assume the role, on behalf of `sourceArn`.
   */
  assumeRole(roleArn: string, sessionName: string, service?: string, sourceArn?: string): Credentials;
  /** Secret and owner of an access key, for signatures that a service checks itself (S3 POST policies). */
  accessKey(
    accessKeyId: string,
    sessionToken?: string,
  ): { readonly secretAccessKey: string; readonly principal: Principal } | undefined;
  emit(event: CloudEvent): void;
}

/** Every service is one of these: a function from the hub to the service. */
export type ServiceFactory = (hub: Hub, options: CloudOptions) => Service;
