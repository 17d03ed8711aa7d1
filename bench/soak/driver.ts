/** What every load works with: clients, chance, the ledger, and calls that may be cut off by a kill. */
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Ledger } from "./ledger.ts";
import type { Observer } from "./observer.ts";
import { type Random, randomOf } from "./random.ts";
import type { Victim } from "./victim.ts";

/** What a call came to: a kill leaves it open whether it took effect. */
export type Outcome<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  | { readonly kind: "unknown" };

export interface Driver {
  readonly clients: Clients;
  readonly observer: Observer;
  readonly ledger: Ledger;
  /** The role functions run as. */
  readonly role: string;
  readonly epoch: () => number;
  /** Multiplies the times a busy machine may overrun: a long run can wait for more. */
  readonly patience: number;
  /** The time for load is nearly over: what takes long to come to its end is begun no more. */
  readonly late: () => boolean;
  random(name: string): Random;
  /** Waits for the cloud, then makes the call. An answer of 500 or more, or a lost connection while the cloud runs, is a violation. */
  attempt<T>(load: string, action: () => Promise<T>): Promise<Outcome<T>>;
  /** Makes the call again until it is answered; it may not be refused. */
  insist<T>(load: string, action: () => Promise<T>): Promise<T>;
}

/** A part of the mixed load. */
export interface Load {
  readonly name: string;
  /** Called over and over, each on its own, until the time is up. */
  readonly workers: readonly (() => Promise<void>)[];
  /** Called over and over until everything is settled: consumers. */
  readonly drains?: readonly (() => Promise<void>)[];
  /** Says what is still missing: empty when everything that was acknowledged has had its effect. */
  missing(): readonly string[];
  /** Looks at everything a last time, once nothing is missing any more. */
  check(): Promise<void>;
}

export type Clients = ReturnType<typeof clientsOf>;

function clientsOf(config: {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}) {
  const options = {
    ...config,
    // A call made twice would hide what became of the first.
    maxAttempts: 1,
    requestHandler: { requestTimeout: 240_000, throwOnRequestTimeout: true, connectionTimeout: 10_000 },
  };
  return {
    s3: new S3Client(options),
    dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient(options)),
    sqs: new SQSClient(options),
    sns: new SNSClient(options),
    events: new EventBridgeClient(options),
    lambda: new LambdaClient(options),
    logs: new CloudWatchLogsClient(options),
    iam: new IAMClient(options),
    sts: new STSClient(options),
  };
}

const DRIVER_MAY = ["s3:*", "dynamodb:*", "sqs:*", "sns:*", "events:*", "lambda:*", "logs:*", "iam:PassRole"];
const FUNCTIONS_MAY = [
  "sqs:ReceiveMessage",
  "sqs:DeleteMessage",
  "sqs:ChangeMessageVisibility",
  "sqs:GetQueueAttributes",
  "sqs:SendMessage",
  "dynamodb:DescribeStream",
  "dynamodb:GetRecords",
  "dynamodb:GetShardIterator",
  "dynamodb:ListStreams",
];

export async function openDriver(
  victim: Victim,
  observer: Observer,
  ledger: Ledger,
  seed: number,
  patience: number,
  late: () => boolean,
): Promise<Driver> {
  const { port, region, credentials } = victim.greeting;
  const endpoint = `http://127.0.0.1:${port}`;
  const { iam, sts } = clientsOf({ endpoint, region, credentials });
  async function createRole(name: string, principal: object, actions: readonly string[]): Promise<string> {
    const trust = { Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" };
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName: name,
        AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
      }),
    );
    const allowed = { Effect: "Allow", Action: actions, Resource: "*" };
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: name,
        PolicyName: "Main",
        PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [allowed] }),
      }),
    );
    return Role?.Arn ?? "";
  }
  const role = await createRole("soak-function", { Service: "lambda.amazonaws.com" }, FUNCTIONS_MAY);
  const driverRole = await createRole("soak-driver", { AWS: "arn:aws:iam::000000000000:root" }, DRIVER_MAY);
  // The role's session is used throughout: it must outlive every kill.
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({ RoleArn: driverRole, RoleSessionName: "soak", DurationSeconds: 3600 }),
  );
  const session = {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken,
  };

  async function attempt<T>(load: string, action: () => Promise<T>): Promise<Outcome<T>> {
    await victim.up();
    const { epoch } = victim;
    try {
      const value = await action();
      return { kind: "done", value };
    } catch (error) {
      const {
        name = "",
        message = "",
        $metadata,
      } = error as {
        name?: string;
        message?: string;
        $metadata?: { httpStatusCode?: number };
      };
      const status = $metadata?.httpStatusCode;
      // What a client makes of half an answer says nothing about the call.
      if (victim.down || victim.epoch !== epoch) {
        ledger.count("cloud", "calls cut off");
        return { kind: "unknown" };
      }
      if (status === undefined) {
        ledger.violation(load, `lost its connection while the cloud ran: ${name}: ${message}`);
        return { kind: "unknown" };
      }
      if (status >= 500) ledger.violation(load, `was answered ${status}: ${name}: ${message}`);
      return { kind: "refused", code: name, message };
    }
  }

  return {
    clients: clientsOf({ endpoint, region, credentials: session }),
    observer,
    ledger,
    role,
    epoch: () => victim.epoch,
    patience,
    late,
    random: (name) => randomOf(seed, name),
    attempt,
    async insist(load, action) {
      for (;;) {
        const outcome = await attempt(load, action);
        if (outcome.kind === "done") return outcome.value;
        if (outcome.kind === "refused") throw new Error(`refused: ${outcome.code}: ${outcome.message}`);
      }
    },
  };
}
