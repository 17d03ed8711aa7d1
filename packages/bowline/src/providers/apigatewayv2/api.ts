import type { ResourceHandler } from "@bowline/engine";
import type { ApiArgs, ApiState } from "@pulumi/aws/apigatewayv2/api.js";
import { type Aws, allTags, isEmpty, tagChanges } from "../aws.ts";
import { looksGenerated } from "../naming.ts";
import type { Inputs } from "../plain.ts";
import { resource } from "../resource.ts";
import { apiGateway, findBy } from "./calls.ts";

type ApiInputs = Inputs<ApiArgs>;

interface Found {
  readonly apiId: string;
  readonly name: string;
  readonly apiEndpoint?: string;
  readonly routeSelectionExpression?: string;
  readonly apiKeySelectionExpression?: string;
}

export function api(aws: Aws): ResourceHandler {
  const { call } = apiGateway(aws);
  const arnOf = (id: string) => `arn:aws:apigateway:${aws.region}::/apis/${id}`;
  // Names are not unique; only one that we generated tells an API as ours.
  const find = async (inputs: ApiInputs) =>
    looksGenerated(String(inputs.name))
      ? (await findBy<Found>(aws, "/v2/apis", ({ name }) => name === inputs.name))?.apiId
      : undefined;

  return resource<ApiArgs, ApiState>(aws.endpoint, {
    required: ["protocolType"],
    autoName: { property: "name", maxLength: 128 },
    replaceOn: ["protocolType", "region"],
    endpointOutputs: ["apiEndpoint"],
    recorded: ["body", "failOnWarnings", "ipAddressType"],
    find,
    async create(inputs, context) {
      const existing = await find(inputs);
      if (existing !== undefined) {
        await call("PATCH", `/v2/apis/${existing}`, settingsOf(inputs));
        return existing;
      }
      const { apiId } = await call<Found>("POST", "/v2/apis", {
        ...settingsOf(inputs),
        protocolType: inputs.protocolType,
        tags: allTags(inputs.tags, context),
      });
      return apiId;
    },
    async describe(id, inputs, context) {
      const found = await call<Found>("GET", `/v2/apis/${id}`);
      return {
        name: found.name,
        apiEndpoint: found.apiEndpoint,
        arn: arnOf(id),
        executionArn: aws.arn("execute-api", id),
        routeSelectionExpression: found.routeSelectionExpression ?? "$request.method $request.path",
        apiKeySelectionExpression: found.apiKeySelectionExpression ?? "$request.header.x-api-key",
        disableExecuteApiEndpoint: inputs.disableExecuteApiEndpoint ?? false,
        ipAddressType: inputs.ipAddressType ?? "ipv4",
        region: aws.region,
        tagsAll: allTags(inputs.tags, context),
      };
    },
    async update(id, inputs, old, context) {
      await call("PATCH", `/v2/apis/${id}`, settingsOf(inputs));
      if (old.inputs.corsConfiguration && !inputs.corsConfiguration)
        await call("DELETE", `/v2/apis/${id}/cors`);
      const tags = tagChanges(inputs, old.inputs, context);
      const path = `/v2/tags/${encodeURIComponent(arnOf(id))}`;
      for (const key of tags.removed) await call("DELETE", path, undefined, { tagKeys: key });
      if (!isEmpty(tags.put)) await call("POST", path, { tags: tags.put });
    },
    async delete(id) {
      await call("DELETE", `/v2/apis/${id}`);
    },
  });
}

function settingsOf(inputs: ApiInputs) {
  return {
    name: inputs.name,
    description: inputs.description ?? "",
    version: inputs.version,
    apiKeySelectionExpression: inputs.apiKeySelectionExpression,
    routeSelectionExpression: inputs.routeSelectionExpression,
    disableExecuteApiEndpoint: inputs.disableExecuteApiEndpoint ?? false,
    corsConfiguration: inputs.corsConfiguration,
    credentialsArn: inputs.credentialsArn,
    routeKey: inputs.routeKey,
    target: inputs.target,
  };
}
