import type { ResourceHandler } from "@bowline/engine";
import type { IntegrationArgs, IntegrationState } from "@pulumi/aws/apigatewayv2/integration.js";
import type { Aws } from "../aws.ts";
import type { Inputs } from "../plain.ts";
import { resource } from "../resource.ts";
import { apiGateway, findBy } from "./calls.ts";

type IntegrationInputs = Inputs<IntegrationArgs>;

interface Found {
  readonly integrationId: string;
  readonly integrationType: string;
  readonly integrationSubtype?: string;
  readonly integrationUri?: string;
  readonly integrationMethod?: string;
  readonly payloadFormatVersion?: string;
  readonly timeoutInMillis?: number;
  readonly connectionType?: string;
}

export function integration(aws: Aws): ResourceHandler {
  const { call } = apiGateway(aws);
  const root = (inputs: IntegrationInputs) => `/v2/apis/${inputs.apiId}/integrations`;
  return resource<IntegrationArgs, IntegrationState>(aws.endpoint, {
    required: ["apiId", "integrationType"],
    replaceOn: ["apiId", "integrationSubtype", "integrationType", "region"],
    recorded: [
      "contentHandlingStrategy",
      "passthroughBehavior",
      "requestTemplates",
      "templateSelectionExpression",
      "tlsConfig",
    ],
    async find(inputs, taken) {
      const found = await findBy<Found>(
        aws,
        root(inputs),
        (item) =>
          !taken.has(item.integrationId) &&
          item.integrationType === inputs.integrationType &&
          item.integrationSubtype === inputs.integrationSubtype &&
          item.integrationUri === inputs.integrationUri,
      );
      return found?.integrationId;
    },
    async create(inputs, { found }) {
      if (found !== undefined) {
        await call("PATCH", `${root(inputs)}/${found}`, settingsOf(inputs));
        return found;
      }
      const { integrationId } = await call<Found>("POST", root(inputs), {
        ...settingsOf(inputs),
        integrationType: inputs.integrationType,
        integrationSubtype: inputs.integrationSubtype,
      });
      return integrationId;
    },
    async describe(id, inputs) {
      const found = await call<Found>("GET", `${root(inputs)}/${id}`);
      return {
        integrationMethod: found.integrationMethod ?? inputs.integrationMethod ?? "",
        payloadFormatVersion: found.payloadFormatVersion ?? "1.0",
        timeoutMilliseconds: found.timeoutInMillis ?? 30000,
        connectionType: found.connectionType ?? "INTERNET",
        integrationResponseSelectionExpression: "",
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

function settingsOf(inputs: IntegrationInputs) {
  return {
    integrationUri: inputs.integrationUri,
    integrationMethod: inputs.integrationMethod,
    payloadFormatVersion: inputs.payloadFormatVersion ?? "1.0",
    timeoutInMillis: inputs.timeoutMilliseconds,
    description: inputs.description,
    credentialsArn: inputs.credentialsArn,
    connectionType: inputs.connectionType,
    connectionId: inputs.connectionId,
    requestParameters: inputs.requestParameters,
    responseParameters:
      inputs.responseParameters &&
      Object.fromEntries(inputs.responseParameters.map(({ statusCode, mappings }) => [statusCode, mappings])),
  };
}
