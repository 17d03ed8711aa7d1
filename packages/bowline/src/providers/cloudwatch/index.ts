import type { ResourceHandler } from "@bowline/engine";
import type { Aws } from "../aws.ts";
import { logGroup } from "./log-group.ts";

export function cloudwatch(aws: Aws): Readonly<Record<string, ResourceHandler>> {
  return { "aws:cloudwatch/logGroup:LogGroup": logGroup(aws) };
}
