/** What EventBridge keeps, parsed once at the edge and trusted within. */
import type { PolicyDocument } from "../iam/policy.ts";
import type { Pattern } from "../pattern/pattern.ts";
import type { Schedule } from "../schedule/expression.ts";

export interface Bus {
  readonly name: string;
  readonly arn: string;
  readonly created: number;
  modified: number;
  description: string | undefined;
  tags: Readonly<Record<string, string>>;
  policy: PolicyDocument | undefined;
}

/** A target as clients give it; the members this cloud acts upon are named. */
export interface Target {
  readonly Id: string;
  readonly Arn: string;
  readonly RoleArn?: string;
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: {
    readonly InputPathsMap?: Readonly<Record<string, string>>;
    readonly InputTemplate: string;
  };
  readonly SqsParameters?: { readonly MessageGroupId?: string };
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly RetryPolicy?: {
    readonly MaximumRetryAttempts?: number;
    readonly MaximumEventAgeInSeconds?: number;
  };
}

export interface Rule {
  readonly name: string;
  readonly bus: string;
  readonly arn: string;
  readonly created: number;
  readonly description: string | undefined;
  readonly state: "ENABLED" | "DISABLED";
  readonly roleArn: string | undefined;
  readonly patternText: string | undefined;
  readonly scheduleText: string | undefined;
  readonly pattern: Pattern | undefined;
  readonly schedule: Schedule | undefined;
  tags: Readonly<Record<string, string>>;
  targets: readonly Target[];
}

/** An event as rules see it and targets get it. */
export interface BusEvent {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** An event on its way to a target. */
export interface Dispatch {
  readonly time: number;
  readonly event: BusEvent;
}
