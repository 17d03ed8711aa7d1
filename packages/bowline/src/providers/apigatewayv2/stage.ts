import type { ResourceHandler } from "@bowline/engine";
import type { StageArgs, StageState } from "@pulumi/aws/apigatewayv2/stage.js";
import { type Aws, allTags, isEmpty, tagChanges } from "../aws.ts";
import { hasCode } from "../client.ts";
import type { Inputs } from "../plain.ts";
import { resource } from "../resource.ts";
import { apiGateway } from "./calls.ts";

type StageInputs = Inputs<StageArgs>;

export function stage(aws: Aws): ResourceHandler {
  const { call } = apiGateway(aws);
  const root = (inputs: StageInputs) => `/v2/apis/${inputs.apiId}/stages`;
  const pathOf = (inputs: StageInputs) => `${root(inputs)}/${encodeURIComponent(String(inputs.name))}`;
  const arnOf = (inputs: StageInputs) =>
    `arn:aws:apigateway:${aws.region}::/apis/${inputs.apiId}/stages/${inputs.name}`;

  return resource<StageArgs, StageState>(aws.endpoint, {
    required: ["apiId"],
    autoName: { property: "name", maxLength: 128 },
    replaceOn: ["apiId", "name", "region"],
    endpointOutputs: ["invokeUrl"],
    recorded: ["accessLogSettings", "clientCertificateId", "routeSettings"],
    find: (inputs) => inputs.name,
    async create(inputs, context) {
      try {
        await call("POST", root(inputs), {
          stageName: inputs.name,
          ...settingsOf(inputs),
          tags: allTags(inputs.tags, context),
        });
      } catch (error) {
        // An API has a stage once: what exists can only be an earlier attempt.
        if (!hasCode(error, "ConflictException")) throw error;
        await call("PATCH", pathOf(inputs), settingsOf(inputs));
      }
      return String(inputs.name);
    },
    async describe(id, inputs, context) {
      const found = await call<{ deploymentId?: string }>("GET", `${root(inputs)}/${encodeURIComponent(id)}`);
      const { apiEndpoint } = await call<{ apiEndpoint?: string }>("GET", `/v2/apis/${inputs.apiId}`);
      return {
        name: id,
        arn: arnOf(inputs),
        executionArn: aws.arn("execute-api", `${inputs.apiId}/${id}`),
        invokeUrl: apiEndpoint === undefined ? undefined : `${apiEndpoint}/${id === "$default" ? "" : id}`,
        deploymentId: found.deploymentId ?? "",
        autoDeploy: inputs.autoDeploy ?? false,
        region: aws.region,
        tagsAll: allTags(inputs.tags, context),
      };
    },
    async update(_id, inputs, old, context) {
      await call("PATCH", pathOf(inputs), settingsOf(inputs));
      const path = `/v2/tags/${encodeURIComponent(arnOf(inputs))}`;
      const tags = tagChanges(inputs, old.inputs, context);
      for (const key of tags.removed) await call("DELETE", path, undefined, { tagKeys: key });
      if (!isEmpty(tags.put)) await call("POST", path, { tags: tags.put });
    },
    async delete(_id, { inputs }) {
      await call("DELETE", pathOf(inputs));
    },
  });
}

function settingsOf(inputs: StageInputs) {
  return {
    autoDeploy: inputs.autoDeploy ?? false,
    deploymentId: inputs.autoDeploy ? undefined : inputs.deploymentId,
    description: inputs.description,
    stageVariables: inputs.stageVariables,
    defaultRouteSettings: inputs.defaultRouteSettings && {
      detailedMetricsEnabled: inputs.defaultRouteSettings.detailedMetricsEnabled,
      throttlingBurstLimit: inputs.defaultRouteSettings.throttlingBurstLimit,
      throttlingRateLimit: inputs.defaultRouteSettings.throttlingRateLimit,
    },
  };
}
