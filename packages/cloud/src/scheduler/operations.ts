/** The operations on schedules. */
import { AwsError } from "../error.ts";
import { targetKind, trusts } from "../events/invoke-target.ts";
import { parseSchedule, ScheduleError } from "../schedule/expression.ts";
import { type Call, type Hub, type Operation, operation } from "../service.ts";
import type { GroupCommit } from "../store/group-commit.ts";
import { type GroupStore, noSuchGroup } from "./groups.ts";
import { groupOf, type SchedulerTarget, type StoredSchedule } from "./model.ts";
import type { ScheduleStore } from "./store.ts";

type Input = Readonly<Record<string, unknown>>;

export interface SchedulerState {
  readonly hub: Hub;
  readonly store: ScheduleStore;
  readonly groups: Pick<GroupStore, "get">;
  readonly commit: GroupCommit;
  /** Hears of every schedule that was written or removed. */
  changed(arn: string): void;
}

function invalid(message: string): AwsError {
  return new AwsError("ValidationException", message);
}

function text(input: Input, name: string): string | undefined {
  const value = input[name];
  if (value !== undefined && value !== null && typeof value !== "string")
    throw invalid(`${name} must be a string.`);
  return value ?? undefined;
}

function time(input: Input, name: string): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number") throw invalid(`${name} must be a time.`);
  return value;
}

function readTarget(input: Input): SchedulerTarget {
  const target = input.Target as SchedulerTarget | undefined;
  if (typeof target?.Arn !== "string" || typeof target.RoleArn !== "string") {
    throw invalid("Target needs an Arn and a RoleArn.");
  }
  if (!targetKind(target.Arn)) {
    throw new AwsError("NotImplemented", `The local cloud has no schedule targets like ${target.Arn}.`, 501);
  }
  if (target.Arn.includes(":event-bus/") && !target.EventBridgeParameters) {
    throw invalid("EventBridgeParameters are required for an event bus.");
  }
  return target;
}

export function scheduleOperations({
  hub,
  store,
  groups,
  commit,
  changed,
}: SchedulerState): Record<string, Operation> {
  const arnOf = (input: Input) =>
    `arn:aws:scheduler:${hub.region}:${hub.accountId}:schedule/${text(input, "GroupName") ?? "default"}/${text(input, "Name") ?? ""}`;
  const needs = (action: string, passes: boolean) => (input: Input) => {
    const requests = [{ action: `scheduler:${action}`, resource: arnOf(input) }];
    const role = passes ? (input.Target as { RoleArn?: unknown } | undefined)?.RoleArn : undefined;
    if (typeof role !== "string") return requests;
    const context = { "iam:PassedToService": "scheduler.amazonaws.com" };
    return [...requests, { action: "iam:PassRole", resource: role, context }];
  };

  function find(input: Input): StoredSchedule {
    const schedule = store.get(arnOf(input));
    if (!schedule) {
      throw new AwsError("ResourceNotFoundException", `Schedule ${text(input, "Name")} does not exist.`, 404);
    }
    return schedule;
  }

  function read(input: Input, created: number, now: number): StoredSchedule {
    const Name = text(input, "Name") ?? "";
    const GroupName = text(input, "GroupName") ?? "default";
    if (!/^[\w.-]{1,64}$/.test(Name)) throw invalid(`The name ${Name} is not valid.`);
    if (!groups.get(GroupName)) throw noSuchGroup(GroupName);
    const ScheduleExpression = text(input, "ScheduleExpression") ?? "";
    const ScheduleExpressionTimezone = text(input, "ScheduleExpressionTimezone") ?? "UTC";
    try {
      parseSchedule(ScheduleExpression, ScheduleExpressionTimezone);
    } catch (error) {
      if (!(error instanceof ScheduleError)) throw error;
      throw invalid(`Invalid Schedule Expression ${ScheduleExpression}. ${error.message}`);
    }
    const window = input.FlexibleTimeWindow as StoredSchedule["FlexibleTimeWindow"] | undefined;
    if (!window?.Mode) throw invalid("FlexibleTimeWindow is required.");
    const target = readTarget(input);
    if (!trusts(hub, target.RoleArn, "scheduler.amazonaws.com", groupOf(arnOf(input)))) {
      throw invalid(
        "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
      );
    }
    return {
      Name,
      GroupName,
      Arn: arnOf(input),
      ScheduleExpression,
      ScheduleExpressionTimezone,
      FlexibleTimeWindow: window,
      Target: target,
      State: text(input, "State") === "DISABLED" ? "DISABLED" : "ENABLED",
      ActionAfterCompletion: text(input, "ActionAfterCompletion") === "DELETE" ? "DELETE" : "NONE",
      Description: text(input, "Description"),
      StartDate: time(input, "StartDate"),
      EndDate: time(input, "EndDate"),
      CreationDate: created,
      LastModificationDate: now,
    };
  }

  return {
    CreateSchedule: operation({
      access: needs("CreateSchedule", true),
      async run(input: Input, call: Call) {
        const schedule = read(input, call.time / 1000, call.time / 1000);
        if (store.get(schedule.Arn)) {
          throw new AwsError("ConflictException", `Schedule ${schedule.Name} already exists.`, 409);
        }
        await commit.write(() => store.save(schedule));
        changed(schedule.Arn);
        return { ScheduleArn: schedule.Arn };
      },
    }),
    UpdateSchedule: operation({
      access: needs("UpdateSchedule", true),
      async run(input: Input, call: Call) {
        const schedule = read(input, find(input).CreationDate, call.time / 1000);
        await commit.write(() => store.save(schedule));
        changed(schedule.Arn);
        return { ScheduleArn: schedule.Arn };
      },
    }),
    GetSchedule: operation({ access: needs("GetSchedule", false), run: (input: Input) => find(input) }),
    DeleteSchedule: operation({
      access: needs("DeleteSchedule", false),
      async run(input: Input) {
        const { Arn } = find(input);
        await commit.write(() => store.remove(Arn));
        changed(Arn);
        return {};
      },
    }),
    ListSchedules: operation({
      access: () => [{ action: "scheduler:ListSchedules", resource: "*" }],
      run(input: Input) {
        const prefix = text(input, "NamePrefix") ?? "";
        const state = text(input, "State");
        const group = text(input, "GroupName");
        const found = store
          .all()
          .filter(({ Name }) => Name.startsWith(prefix))
          .filter(({ State }) => state === undefined || State === state)
          .filter(({ GroupName }) => group === undefined || GroupName === group);
        const size = Number(text(input, "MaxResults") ?? 100);
        const start = Number(text(input, "NextToken") ?? 0);
        const end = start + size;
        return {
          Schedules: found.slice(start, end).map(({ Target, ...one }) => ({
            Arn: one.Arn,
            Name: one.Name,
            GroupName: one.GroupName,
            State: one.State,
            CreationDate: one.CreationDate,
            LastModificationDate: one.LastModificationDate,
            Target: { Arn: Target.Arn },
          })),
          NextToken: end < found.length ? String(end) : undefined,
        };
      },
    }),
  };
}
