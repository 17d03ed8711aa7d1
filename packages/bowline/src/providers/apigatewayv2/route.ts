import type { ResourceHandler } from "@bowline/engine";
import type { RouteArgs, RouteState } from "@pulumi/aws/apigatewayv2/route.js";
import type { Aws } from "../aws.ts";
import { hasCode } from "../client.ts";
import type { Inputs } from "../plain.ts";
import { resource } from "../resource.ts";
import { apiGateway, findBy } from "./calls.ts";

type RouteInputs = Inputs<RouteArgs>;

interface Found {
  readonly routeId: string;
  readonly routeKey: string;
}

export function route(aws: Aws): ResourceHandler {
  const { call } = apiGateway(aws);
  const root = (inputs: RouteInputs) => `/v2/apis/${inputs.apiId}/routes`;
  const find = async (inputs: RouteInputs) =>
    (await findBy<Found>(aws, root(inputs), ({ routeKey }) => routeKey === inputs.routeKey))?.routeId;
  const bodyOf = (inputs: RouteInputs) => ({
    routeKey: inputs.routeKey,
    target: inputs.target,
    authorizationType: inputs.authorizationType ?? "NONE",
    authorizerId: inputs.authorizerId,
    authorizationScopes: inputs.authorizationScopes,
    apiKeyRequired: inputs.apiKeyRequired,
    operationName: inputs.operationName,
    modelSelectionExpression: inputs.modelSelectionExpression,
    requestModels: inputs.requestModels,
    routeResponseSelectionExpression: inputs.routeResponseSelectionExpression,
  });

  return resource<RouteArgs, RouteState>(aws.endpoint, {
    required: ["apiId", "routeKey"],
    replaceOn: ["apiId", "region"],
    recorded: ["requestParameters"],
    find,
    async create(inputs) {
      try {
        return (await call<Found>("POST", root(inputs), bodyOf(inputs))).routeId;
      } catch (error) {
        // An API has a route once: what exists can only be an earlier attempt.
        const existing = hasCode(error, "ConflictException") ? await find(inputs) : undefined;
        if (existing === undefined) throw error;
        await call("PATCH", `${root(inputs)}/${existing}`, bodyOf(inputs));
        return existing;
      }
    },
    async describe(id, inputs) {
      const found = await call<Found>("GET", `${root(inputs)}/${id}`);
      return {
        routeKey: found.routeKey,
        authorizationType: inputs.authorizationType ?? "NONE",
        apiKeyRequired: inputs.apiKeyRequired ?? false,
        region: aws.region,
      };
    },
    async update(id, inputs) {
      await call("PATCH", `${root(inputs)}/${id}`, bodyOf(inputs));
    },
    async delete(id, { inputs }) {
      await call("DELETE", `${root(inputs)}/${id}`);
    },
  });
}
