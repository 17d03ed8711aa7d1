import type { ResourceHandler } from "@bowline/engine";
import type { AuthorizerArgs, AuthorizerState } from "@pulumi/aws/apigatewayv2/authorizer.js";
import type { Aws } from "../aws.ts";
import { looksGenerated } from "../naming.ts";
import type { Inputs } from "../plain.ts";
import { resource } from "../resource.ts";
import { apiGateway, findBy } from "./calls.ts";

type AuthorizerInputs = Inputs<AuthorizerArgs>;

interface Found {
  readonly authorizerId: string;
  readonly name: string;
}

export function authorizer(aws: Aws): ResourceHandler {
  const { call } = apiGateway(aws);
  const root = (inputs: AuthorizerInputs) => `/v2/apis/${inputs.apiId}/authorizers`;
  const find = async (inputs: AuthorizerInputs) =>
    looksGenerated(String(inputs.name))
      ? (await findBy<Found>(aws, root(inputs), ({ name }) => name === inputs.name))?.authorizerId
      : undefined;
  return resource<AuthorizerArgs, AuthorizerState>(aws.endpoint, {
    required: ["apiId", "authorizerType"],
    autoName: { property: "name", maxLength: 128 },
    replaceOn: ["apiId", "authorizerType", "region"],
    find,
    async create(inputs) {
      const existing = await find(inputs);
      if (existing !== undefined) {
        await call("PATCH", `${root(inputs)}/${existing}`, settingsOf(inputs));
        return existing;
      }
      return (await call<Found>("POST", root(inputs), settingsOf(inputs))).authorizerId;
    },
    async describe(id, inputs) {
      const found = await call<Found>("GET", `${root(inputs)}/${id}`);
      return {
        name: found.name,
        authorizerResultTtlInSeconds: inputs.authorizerResultTtlInSeconds ?? 300,
        region: aws.region,
      };
    },
    async update(id, inputs) {
      await call("PATCH", `${root(inputs)}/${id}`, settingsOf(inputs));
    },
    async delete(id, { inputs }) {
      await call("DELETE", `${root(inputs)}/${id}`);
    },
  });
}

function settingsOf(inputs: AuthorizerInputs) {
  return {
    name: inputs.name,
    authorizerType: inputs.authorizerType,
    authorizerUri: inputs.authorizerUri,
    authorizerCredentialsArn: inputs.authorizerCredentialsArn,
    authorizerPayloadFormatVersion: inputs.authorizerPayloadFormatVersion,
    authorizerResultTtlInSeconds: inputs.authorizerResultTtlInSeconds,
    enableSimpleResponses: inputs.enableSimpleResponses,
    identitySource: inputs.identitySources,
    jwtConfiguration: inputs.jwtConfiguration && {
      audience: inputs.jwtConfiguration.audiences,
      issuer: inputs.jwtConfiguration.issuer,
    },
  };
}
