/** What the Scheduler keeps. */

export interface SchedulerTarget {
  readonly Arn: string;
  readonly RoleArn: string;
  readonly Input?: string;
  readonly SqsParameters?: { readonly MessageGroupId?: string };
  readonly EventBridgeParameters?: { readonly DetailType: string; readonly Source: string };
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly RetryPolicy?: {
    readonly MaximumRetryAttempts?: number;
    readonly MaximumEventAgeInSeconds?: number;
  };
}

/** Times are seconds since the epoch, as they are on the wire. */
export interface StoredSchedule {
  readonly Name: string;
  readonly GroupName: string;
  readonly Arn: string;
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone: string;
  readonly FlexibleTimeWindow: { readonly Mode: string; readonly MaximumWindowInMinutes?: number };
  readonly Target: SchedulerTarget;
  readonly State: "ENABLED" | "DISABLED";
  readonly ActionAfterCompletion: "NONE" | "DELETE";
  readonly Description?: string;
  readonly StartDate?: number;
  readonly EndDate?: number;
  readonly CreationDate: number;
  readonly LastModificationDate: number;
}

/** The group of a schedule: on its behalf the Scheduler takes on roles. */
export function groupOf(scheduleArn: string): string {
  return scheduleArn.replace(/:schedule\/([^/]*)\/.*$/, ":schedule-group/$1");
}

/** A turn of a schedule, on its way to the target as it was then. */
export interface Turn {
  /** Milliseconds, as the outbox counts. */
  readonly time: number;
  readonly id: string;
  readonly scheduled: number;
  readonly arn: string;
  readonly target: SchedulerTarget;
}
