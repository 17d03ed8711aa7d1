import type { ResourceHandler } from "@bowline/engine";
import type { Aws } from "../aws.ts";
import { alias } from "./alias.ts";
import { functionEventInvokeConfig } from "./event-invoke-config.ts";
import { eventSourceMapping } from "./event-source-mapping.ts";
import { lambdaFunction } from "./function.ts";
import { functionUrl } from "./function-url.ts";
import { layerVersion } from "./layer-version.ts";
import { permission } from "./permission.ts";

export function lambda(aws: Aws): Readonly<Record<string, ResourceHandler>> {
  return {
    "aws:lambda/function:Function": lambdaFunction(aws),
    "aws:lambda/functionUrl:FunctionUrl": functionUrl(aws),
    "aws:lambda/permission:Permission": permission(aws),
    "aws:lambda/alias:Alias": alias(aws),
    "aws:lambda/eventSourceMapping:EventSourceMapping": eventSourceMapping(aws),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": functionEventInvokeConfig(aws),
    "aws:lambda/layerVersion:LayerVersion": layerVersion(aws),
  };
}
