/**
 * Sample calls, from which `permissions.test.ts` proves of every operation that it is refused without permission
 * and allowed with the least statement that should allow it.
 *
 * A service contributes `<service>/samples.ts` with an exported `samples`. An operation of the cloud's table that
 * has no sample fails the test, so does a sample for an operation that does not exist.
 *
 * @example
 * // queue/samples.ts
 * export const samples = sampleCalls({
 *   service: "sqs",
 *   client: (test, credentials) => test.client(SQSClient, credentials),
 *   async prepare(test, unique) {           // as root, anew for every operation
 *     const { QueueUrl } = await test.client(SQSClient).send(new CreateQueueCommand({ QueueName: unique }));
 *     return { QueueUrl, arn: `arn:aws:sqs:us-east-1:000000000000:${unique}` };
 *   },
 *   calls: {
 *     PurgeQueue: {
 *       call: (sqs, { QueueUrl }) => sqs.send(new PurgeQueueCommand({ QueueUrl })),
 *       allow: ({ arn }) => [{ Effect: "Allow", Action: "sqs:PurgeQueue", Resource: arn }],
 *     },
 *   },
 * });
 */
import type { PolicyStatement } from "./iam/policy.ts";
import type { Credentials } from "./service.ts";
import type { TestCloud } from "./testing.ts";

export interface SampleCall<Client, Fixture> {
  /** Makes the call; every call must succeed once it is allowed. */
  call(client: Client, fixture: Fixture): Promise<unknown>;
  /**
   * The least statements that allow it; each is needed: without any one of them the call is denied.
   * `"anyone"` for the few operations that take no permission.
   */
  readonly allow: ((fixture: Fixture) => readonly PolicyStatement[]) | "anyone";
  /**
   * Says that a call was denied, where that is not an access error of the whole call: the answer of a batch that
   * reports denials item by item, given as the value the call resolved to.
   */
  denied?(answer: unknown): boolean;
  /** The error (its `name`) a permitted call ends in all the same, where a success cannot be had here. */
  readonly endsIn?: string;
}

export interface SampleCalls<Client, Fixture> {
  /** The signing name of the service, as in the cloud's operation table. */
  readonly service: string;
  client(test: TestCloud, credentials: Credentials): Client;
  /** Makes what a call needs, as root, under names that contain `unique` (letters and digits). */
  prepare(test: TestCloud, unique: string): Promise<Fixture>;
  readonly calls: Readonly<Record<string, SampleCall<Client, Fixture>>>;
}

/** Samples with their types erased, as the test reads them. */
export interface Samples {
  readonly service: string;
  readonly operations: readonly string[];
  /** Whether the operation is open to anyone. */
  open(operation: string): boolean;
  prepare(test: TestCloud, unique: string): Promise<unknown>;
  allow(operation: string, fixture: unknown): readonly PolicyStatement[];
  /** How a call with these credentials went. */
  attempt(test: TestCloud, credentials: Credentials, operation: string, fixture: unknown): Promise<Outcome>;
}

export type Outcome =
  | { readonly kind: "allowed" | "denied" }
  | { readonly kind: "failed"; readonly error: unknown };

const denials = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "AuthorizationError",
  "AuthorizationErrorException",
]);

function isDenial(error: unknown): boolean {
  const { name, Code } = error as { name?: string; Code?: string };
  // A HEAD request has no body to carry a code: its status is all there is.
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  return (
    denials.has(name ?? "") || denials.has(Code ?? "") || (status === 403 && name !== "SignatureDoesNotMatch")
  );
}

/** Declares a service's samples with their types checked. */
export function sampleCalls<Client, Fixture>(definition: SampleCalls<Client, Fixture>): Samples {
  const find = (operation: string) => {
    const sample = definition.calls[operation];
    if (!sample) throw new Error(`There is no sample of ${definition.service}:${operation}.`);
    return sample;
  };
  return {
    service: definition.service,
    operations: Object.keys(definition.calls),
    open: (operation) => find(operation).allow === "anyone",
    prepare: definition.prepare,
    allow(operation, fixture) {
      const { allow } = find(operation);
      return allow === "anyone" ? [] : allow(fixture as Fixture);
    },
    async attempt(test, credentials, operation, fixture) {
      const sample = find(operation);
      try {
        const answer = await sample.call(definition.client(test, credentials), fixture as Fixture);
        return { kind: sample.denied?.(answer) ? "denied" : "allowed" };
      } catch (error) {
        if (isDenial(error)) return { kind: "denied" };
        return (error as Error).name === sample.endsIn ? { kind: "allowed" } : { kind: "failed", error };
      }
    },
  };
}
