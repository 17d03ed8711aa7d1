/** EventBridge Scheduler: one-time and recurring schedules, each with a target and the role to reach it by. */
import { randomUUID } from "node:crypto";
import { restJsonProtocol } from "../protocol/rest-json.ts";
import { alarm } from "../schedule/alarm.ts";
import { parseSchedule } from "../schedule/expression.ts";
import type { ServiceFactory } from "../service.ts";
import { groupCommit } from "../store/group-commit.ts";
import { outbox } from "../store/outbox.ts";
import { delivery } from "./delivery.ts";
import { groupOperations, groupStore } from "./groups.ts";
import type { StoredSchedule } from "./model.ts";
import { scheduleOperations } from "./operations.ts";
import { scheduleStore } from "./store.ts";

const protocol = restJsonProtocol({
  routes: [
    { method: "POST", pattern: "/schedules/{Name}", operation: "CreateSchedule" },
    {
      method: "GET",
      pattern: "/schedules/{Name}",
      operation: "GetSchedule",
      query: { groupName: "GroupName" },
    },
    { method: "PUT", pattern: "/schedules/{Name}", operation: "UpdateSchedule" },
    {
      method: "DELETE",
      pattern: "/schedules/{Name}",
      operation: "DeleteSchedule",
      query: { groupName: "GroupName" },
    },
    {
      method: "GET",
      pattern: "/schedules",
      operation: "ListSchedules",
      query: { ScheduleGroup: "GroupName" },
    },
    { method: "POST", pattern: "/schedule-groups/{Name}", operation: "CreateScheduleGroup" },
    { method: "GET", pattern: "/schedule-groups/{Name}", operation: "GetScheduleGroup" },
    { method: "DELETE", pattern: "/schedule-groups/{Name}", operation: "DeleteScheduleGroup" },
    { method: "GET", pattern: "/schedule-groups", operation: "ListScheduleGroups" },
    { method: "GET", pattern: "/tags/{ResourceArn+}", operation: "ListTagsForResource" },
    { method: "POST", pattern: "/tags/{ResourceArn+}", operation: "TagResource" },
    { method: "DELETE", pattern: "/tags/{ResourceArn+}", operation: "UntagResource" },
  ],
});

export const createScheduler: ServiceFactory = (hub) => {
  const database = hub.database("scheduler");
  const commit = groupCommit(database);
  const store = scheduleStore(database);
  const groups = groupStore(database, hub);
  const turns = outbox(database, commit, delivery(hub));

  const clock = alarm((arn, due) => {
    const schedule = store.get(arn);
    if (!schedule) return;
    if (endOf(schedule) <= due && nextTurn(schedule, due - 1) !== due) {
      commit.write(() => store.remove(arn)).catch(() => {});
      return;
    }
    const jobs = commit.write(() => {
      // Noted together with what is to be delivered, so that no turn is lost or run twice.
      store.ran(arn, due);
      if (nextTurn(schedule, due) === undefined && schedule.ActionAfterCompletion === "DELETE")
        store.remove(arn);
      const turn = { time: Date.now(), id: randomUUID(), scheduled: due, arn, target: schedule.Target };
      return turns.write(turn, [{ target: arn, lane: null }]);
    });
    // A write that fails here is a full disk: the next turn of the schedule tries again.
    jobs.then(turns.send, () => {}).then(() => wind(arn));
  });

  function nextTurn(schedule: StoredSchedule, after: number): number | undefined {
    const { ScheduleExpression, ScheduleExpressionTimezone, StartDate, EndDate, CreationDate } = schedule;
    const start = StartDate === undefined ? CreationDate * 1000 : StartDate * 1000;
    const parsed = parseSchedule(ScheduleExpression, ScheduleExpressionTimezone);
    const next = parsed.next(parsed.kind === "at" ? after : Math.max(after, start - 1), start);
    return next !== undefined && EndDate !== undefined && next > EndDate * 1000 ? undefined : next;
  }

  const endOf = ({ EndDate }: StoredSchedule) =>
    EndDate === undefined ? Number.POSITIVE_INFINITY : EndDate * 1000;

  /** Takes away the schedules of a group, inside of a commit. */
  function empty(group: string): void {
    for (const { Arn, GroupName } of store.all()) {
      if (GroupName !== group) continue;
      store.remove(Arn);
      clock.set(Arn, undefined);
    }
  }

  /** Sets the alarm of a schedule for its next turn. */
  function wind(arn: string): void {
    const schedule = store.get(arn);
    if (schedule?.State !== "ENABLED") {
      clock.set(arn, undefined);
      return;
    }
    // What recurs goes on from now; what happens once is made up for when it was missed.
    const once = schedule.ScheduleExpression.startsWith("at(");
    const since = store.lastRun(arn) ?? (once ? 0 : Date.now());
    const next = nextTurn(schedule, once ? since : Math.max(since, Date.now()));
    // With no turn left it is complete when its end has come.
    const end = schedule.ActionAfterCompletion === "DELETE" ? endOf(schedule) : Number.POSITIVE_INFINITY;
    clock.set(arn, next ?? (Number.isFinite(end) ? end : undefined));
  }

  return {
    name: "scheduler",
    protocol,
    operations: {
      ...scheduleOperations({ hub, store, groups, commit, changed: wind }),
      ...groupOperations({ hub, groups, commit, empty }),
    },
    start() {
      turns.start();
      for (const { Arn } of store.all()) wind(Arn);
    },
    stop() {
      clock.stop();
      turns.stop();
      commit.flush();
    },
  };
};
