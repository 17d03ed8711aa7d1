import type { ResourceHandler } from "@bowline/engine";
import type { Aws } from "../aws.ts";
import { lambdaFunction } from "./function.ts";
import { functionUrl } from "./function-url.ts";
import { permission } from "./permission.ts";

export function lambda(aws: Aws): Readonly<Record<string, ResourceHandler>> {
  return {
    "aws:lambda/function:Function": lambdaFunction(aws),
    "aws:lambda/functionUrl:FunctionUrl": functionUrl(aws),
    "aws:lambda/permission:Permission": permission(aws),
  };
}
