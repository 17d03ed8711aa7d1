import type { ResourceHandler } from "@bowline/engine";
import type { Aws } from "../aws.ts";
import { eventBus, eventPermission } from "./event-bus.ts";
import { eventRule } from "./event-rule.ts";
import { eventTarget } from "./event-target.ts";
import { logGroup } from "./log-group.ts";

export function cloudwatch(aws: Aws): Readonly<Record<string, ResourceHandler>> {
  return {
    "aws:cloudwatch/logGroup:LogGroup": logGroup(aws),
    "aws:cloudwatch/eventBus:EventBus": eventBus(aws),
    "aws:cloudwatch/eventPermission:EventPermission": eventPermission(aws),
    "aws:cloudwatch/eventRule:EventRule": eventRule(aws),
    "aws:cloudwatch/eventTarget:EventTarget": eventTarget(aws),
  };
}
