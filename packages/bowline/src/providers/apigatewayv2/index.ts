import type { ResourceHandler } from "@bowline/engine";
import type { Aws } from "../aws.ts";
import { api } from "./api.ts";
import { authorizer } from "./authorizer.ts";
import { deployment } from "./deployment.ts";
import { integration } from "./integration.ts";
import { route } from "./route.ts";
import { stage } from "./stage.ts";

export function apigatewayv2(aws: Aws): Readonly<Record<string, ResourceHandler>> {
  return {
    "aws:apigatewayv2/api:Api": api(aws),
    "aws:apigatewayv2/authorizer:Authorizer": authorizer(aws),
    "aws:apigatewayv2/deployment:Deployment": deployment(aws),
    "aws:apigatewayv2/integration:Integration": integration(aws),
    "aws:apigatewayv2/route:Route": route(aws),
    "aws:apigatewayv2/stage:Stage": stage(aws),
  };
}
