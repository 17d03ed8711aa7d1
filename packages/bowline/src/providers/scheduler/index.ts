import type { ResourceHandler } from "@bowline/engine";
import type { Aws } from "../aws.ts";
import { schedule } from "./schedule.ts";
import { scheduleGroup } from "./schedule-group.ts";

export function scheduler(aws: Aws): Readonly<Record<string, ResourceHandler>> {
  return {
    "aws:scheduler/schedule:Schedule": schedule(aws),
    "aws:scheduler/scheduleGroup:ScheduleGroup": scheduleGroup(aws),
  };
}
