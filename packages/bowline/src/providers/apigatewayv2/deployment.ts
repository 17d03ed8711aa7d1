import type { ResourceHandler } from "@bowline/engine";
import type { DeploymentArgs, DeploymentState } from "@pulumi/aws/apigatewayv2/deployment.js";
import type { Aws } from "../aws.ts";
import { resource } from "../resource.ts";
import { apiGateway } from "./calls.ts";

interface Found {
  readonly deploymentId: string;
  readonly autoDeployed?: boolean;
}

export function deployment(aws: Aws): ResourceHandler {
  const { call } = apiGateway(aws);
  const root = (apiId: string) => `/v2/apis/${apiId}/deployments`;
  return resource<DeploymentArgs, DeploymentState>(aws.endpoint, {
    required: ["apiId"],
    replaceOn: ["apiId", "triggers", "region"],
    async create(inputs) {
      return (await call<Found>("POST", root(inputs.apiId), { description: inputs.description }))
        .deploymentId;
    },
    async describe(id, inputs) {
      const found = await call<Found>("GET", `${root(inputs.apiId)}/${id}`);
      return { autoDeployed: found.autoDeployed ?? false, region: aws.region };
    },
    async update(id, inputs) {
      await call("PATCH", `${root(inputs.apiId)}/${id}`, { description: inputs.description ?? "" });
    },
    async delete(id, { inputs }) {
      await call("DELETE", `${root(inputs.apiId)}/${id}`);
    },
  });
}
