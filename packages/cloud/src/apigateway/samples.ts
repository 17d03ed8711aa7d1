/** Sample calls of API Gateway's operations. */
import * as sdk from "@aws-sdk/client-apigatewayv2";
import type { PolicyStatement } from "../iam/policy.ts";
import { type SampleCall, sampleCalls } from "../samples.ts";

interface Fixture {
  readonly ApiId: string;
  readonly RouteId: string;
  readonly IntegrationId: string;
  /** One no route uses. */
  readonly SpareId: string;
  readonly AuthorizerId: string;
  readonly DeploymentId: string;
  readonly StageName: string;
}

type Client = sdk.ApiGatewayV2Client;
type Sample = SampleCall<Client, Fixture>;

const root = "arn:aws:apigateway:us-east-1::";
const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:f";

function only(verb: string, path: string): PolicyStatement[] {
  return [{ Effect: "Allow", Action: `apigateway:${verb}`, Resource: root + path }];
}

function on(verb: string, path: (fixture: Fixture) => string, call: Sample["call"]): Sample {
  return { call, allow: (fixture) => only(verb, path(fixture)) };
}

const api = ({ ApiId }: Fixture) => `/apis/${ApiId}`;
const below = (rest: (fixture: Fixture) => string) => (fixture: Fixture) =>
  `${api(fixture)}/${rest(fixture)}`;
const tags = ({ ApiId }: Fixture) => `/tags/${encodeURIComponent(`${root}/apis/${ApiId}`)}`;
const resource = ({ ApiId }: Fixture) => `${root}/apis/${ApiId}`;

const integration = {
  IntegrationType: "AWS_PROXY" as const,
  IntegrationUri: functionArn,
  PayloadFormatVersion: "2.0",
};
const authorizer = {
  Name: "jwt",
  AuthorizerType: "JWT" as const,
  IdentitySource: ["$request.header.Authorization"],
  JwtConfiguration: { Issuer: "https://issuer.example", Audience: ["a"] },
};

export const samples = sampleCalls<Client, Fixture>({
  service: "apigateway",
  client: (test, credentials) => test.client(sdk.ApiGatewayV2Client, credentials),
  async prepare(test, unique) {
    const client = test.client(sdk.ApiGatewayV2Client);
    const { ApiId = "" } = await client.send(
      new sdk.CreateApiCommand({ Name: unique, ProtocolType: "HTTP", Tags: { old: "1" } }),
    );
    const { IntegrationId = "" } = await client.send(
      new sdk.CreateIntegrationCommand({ ApiId, ...integration }),
    );
    const spare = await client.send(new sdk.CreateIntegrationCommand({ ApiId, ...integration }));
    const { RouteId = "" } = await client.send(
      new sdk.CreateRouteCommand({ ApiId, RouteKey: "GET /old", Target: `integrations/${IntegrationId}` }),
    );
    const { AuthorizerId = "" } = await client.send(
      new sdk.CreateAuthorizerCommand({ ApiId, ...authorizer }),
    );
    const { DeploymentId = "" } = await client.send(new sdk.CreateDeploymentCommand({ ApiId }));
    const StageName = "old";
    await client.send(new sdk.CreateStageCommand({ ApiId, StageName }));
    const SpareId = spare.IntegrationId ?? "";
    return { ApiId, RouteId, IntegrationId, SpareId, AuthorizerId, DeploymentId, StageName };
  },
  calls: {
    CreateApi: on(
      "POST",
      () => "/apis",
      (client) => client.send(new sdk.CreateApiCommand({ Name: "new", ProtocolType: "HTTP" })),
    ),
    GetApi: on("GET", api, (client, { ApiId }) => client.send(new sdk.GetApiCommand({ ApiId }))),
    GetApis: on(
      "GET",
      () => "/apis",
      (client) => client.send(new sdk.GetApisCommand({})),
    ),
    UpdateApi: on("PATCH", api, (client, { ApiId }) =>
      client.send(new sdk.UpdateApiCommand({ ApiId, Description: "x" })),
    ),
    DeleteApi: on("DELETE", api, (client, { ApiId }) => client.send(new sdk.DeleteApiCommand({ ApiId }))),
    DeleteCorsConfiguration: on(
      "DELETE",
      below(() => "cors"),
      (client, { ApiId }) => client.send(new sdk.DeleteCorsConfigurationCommand({ ApiId })),
    ),
    CreateRoute: on(
      "POST",
      below(() => "routes"),
      (client, { ApiId }) => client.send(new sdk.CreateRouteCommand({ ApiId, RouteKey: "GET /new" })),
    ),
    GetRoute: on(
      "GET",
      below(({ RouteId }) => `routes/${RouteId}`),
      (client, { ApiId, RouteId }) => client.send(new sdk.GetRouteCommand({ ApiId, RouteId })),
    ),
    GetRoutes: on(
      "GET",
      below(() => "routes"),
      (client, { ApiId }) => client.send(new sdk.GetRoutesCommand({ ApiId })),
    ),
    UpdateRoute: on(
      "PATCH",
      below(({ RouteId }) => `routes/${RouteId}`),
      (client, { ApiId, RouteId }) =>
        client.send(new sdk.UpdateRouteCommand({ ApiId, RouteId, OperationName: "x" })),
    ),
    DeleteRoute: on(
      "DELETE",
      below(({ RouteId }) => `routes/${RouteId}`),
      (client, { ApiId, RouteId }) => client.send(new sdk.DeleteRouteCommand({ ApiId, RouteId })),
    ),
    CreateIntegration: on(
      "POST",
      below(() => "integrations"),
      (client, { ApiId }) => client.send(new sdk.CreateIntegrationCommand({ ApiId, ...integration })),
    ),
    GetIntegration: on(
      "GET",
      below(({ IntegrationId }) => `integrations/${IntegrationId}`),
      (client, { ApiId, IntegrationId }) =>
        client.send(new sdk.GetIntegrationCommand({ ApiId, IntegrationId })),
    ),
    GetIntegrations: on(
      "GET",
      below(() => "integrations"),
      (client, { ApiId }) => client.send(new sdk.GetIntegrationsCommand({ ApiId })),
    ),
    UpdateIntegration: on(
      "PATCH",
      below(({ IntegrationId }) => `integrations/${IntegrationId}`),
      (client, { ApiId, IntegrationId }) =>
        client.send(new sdk.UpdateIntegrationCommand({ ApiId, IntegrationId, Description: "x" })),
    ),
    DeleteIntegration: on(
      "DELETE",
      below(({ SpareId }) => `integrations/${SpareId}`),
      (client, { ApiId, SpareId }) =>
        client.send(new sdk.DeleteIntegrationCommand({ ApiId, IntegrationId: SpareId })),
    ),
    CreateAuthorizer: on(
      "POST",
      below(() => "authorizers"),
      (client, { ApiId }) => client.send(new sdk.CreateAuthorizerCommand({ ApiId, ...authorizer })),
    ),
    GetAuthorizer: on(
      "GET",
      below(({ AuthorizerId }) => `authorizers/${AuthorizerId}`),
      (client, { ApiId, AuthorizerId }) => client.send(new sdk.GetAuthorizerCommand({ ApiId, AuthorizerId })),
    ),
    GetAuthorizers: on(
      "GET",
      below(() => "authorizers"),
      (client, { ApiId }) => client.send(new sdk.GetAuthorizersCommand({ ApiId })),
    ),
    UpdateAuthorizer: on(
      "PATCH",
      below(({ AuthorizerId }) => `authorizers/${AuthorizerId}`),
      (client, { ApiId, AuthorizerId }) =>
        client.send(new sdk.UpdateAuthorizerCommand({ ApiId, AuthorizerId, Name: "x" })),
    ),
    DeleteAuthorizer: on(
      "DELETE",
      below(({ AuthorizerId }) => `authorizers/${AuthorizerId}`),
      (client, { ApiId, AuthorizerId }) =>
        client.send(new sdk.DeleteAuthorizerCommand({ ApiId, AuthorizerId })),
    ),
    CreateStage: on(
      "POST",
      below(() => "stages"),
      (client, { ApiId }) => client.send(new sdk.CreateStageCommand({ ApiId, StageName: "new" })),
    ),
    GetStage: on(
      "GET",
      below(({ StageName }) => `stages/${StageName}`),
      (client, { ApiId, StageName }) => client.send(new sdk.GetStageCommand({ ApiId, StageName })),
    ),
    GetStages: on(
      "GET",
      below(() => "stages"),
      (client, { ApiId }) => client.send(new sdk.GetStagesCommand({ ApiId })),
    ),
    UpdateStage: on(
      "PATCH",
      below(({ StageName }) => `stages/${StageName}`),
      (client, { ApiId, StageName }) =>
        client.send(new sdk.UpdateStageCommand({ ApiId, StageName, Description: "x" })),
    ),
    DeleteStage: on(
      "DELETE",
      below(({ StageName }) => `stages/${StageName}`),
      (client, { ApiId, StageName }) => client.send(new sdk.DeleteStageCommand({ ApiId, StageName })),
    ),
    CreateDeployment: on(
      "POST",
      below(() => "deployments"),
      (client, { ApiId }) => client.send(new sdk.CreateDeploymentCommand({ ApiId })),
    ),
    GetDeployment: on(
      "GET",
      below(({ DeploymentId }) => `deployments/${DeploymentId}`),
      (client, { ApiId, DeploymentId }) => client.send(new sdk.GetDeploymentCommand({ ApiId, DeploymentId })),
    ),
    GetDeployments: on(
      "GET",
      below(() => "deployments"),
      (client, { ApiId }) => client.send(new sdk.GetDeploymentsCommand({ ApiId })),
    ),
    UpdateDeployment: on(
      "PATCH",
      below(({ DeploymentId }) => `deployments/${DeploymentId}`),
      (client, { ApiId, DeploymentId }) =>
        client.send(new sdk.UpdateDeploymentCommand({ ApiId, DeploymentId, Description: "x" })),
    ),
    DeleteDeployment: on(
      "DELETE",
      below(({ DeploymentId }) => `deployments/${DeploymentId}`),
      (client, { ApiId, DeploymentId }) =>
        client.send(new sdk.DeleteDeploymentCommand({ ApiId, DeploymentId })),
    ),
    TagResource: on("POST", tags, (client, fixture) =>
      client.send(new sdk.TagResourceCommand({ ResourceArn: resource(fixture), Tags: { a: "b" } })),
    ),
    UntagResource: on("DELETE", tags, (client, fixture) =>
      client.send(new sdk.UntagResourceCommand({ ResourceArn: resource(fixture), TagKeys: ["old"] })),
    ),
    GetTags: on("GET", tags, (client, fixture) =>
      client.send(new sdk.GetTagsCommand({ ResourceArn: resource(fixture) })),
    ),
  },
});
