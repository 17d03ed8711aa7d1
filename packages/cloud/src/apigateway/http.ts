/** Where each operation of the management API lives. */
import { type Route, restJsonProtocol } from "../protocol/rest-json.ts";

function crud(path: string, id: string, name: string, plural: string): Route[] {
  return [
    { method: "POST", pattern: path, operation: `Create${name}` },
    { method: "GET", pattern: path, operation: `Get${plural}` },
    { method: "GET", pattern: `${path}/{${id}}`, operation: `Get${name}` },
    { method: "PATCH", pattern: `${path}/{${id}}`, operation: `Update${name}` },
    { method: "DELETE", pattern: `${path}/{${id}}`, operation: `Delete${name}` },
  ];
}

const api = "/v2/apis/{apiId}";

const routes: readonly Route[] = [
  ...crud("/v2/apis", "apiId", "Api", "Apis"),
  ...crud(`${api}/routes`, "routeId", "Route", "Routes"),
  ...crud(`${api}/integrations`, "integrationId", "Integration", "Integrations"),
  ...crud(`${api}/authorizers`, "authorizerId", "Authorizer", "Authorizers"),
  ...crud(`${api}/stages`, "stageName", "Stage", "Stages"),
  ...crud(`${api}/deployments`, "deploymentId", "Deployment", "Deployments"),
  { method: "DELETE", pattern: `${api}/cors`, operation: "DeleteCorsConfiguration" },
  { method: "POST", pattern: "/v2/tags/{resourceArn+}", operation: "TagResource" },
  { method: "DELETE", pattern: "/v2/tags/{resourceArn+}", operation: "UntagResource" },
  { method: "GET", pattern: "/v2/tags/{resourceArn+}", operation: "GetTags" },
  // Known, so that they answer NotImplemented by name.
  ...crud(`${api}/models`, "modelId", "Model", "Models"),
  ...crud("/v2/domainnames", "domainName", "DomainName", "DomainNames"),
  ...crud("/v2/domainnames/{domainName}/apimappings", "apiMappingId", "ApiMapping", "ApiMappings"),
  ...crud("/v2/vpclinks", "vpcLinkId", "VpcLink", "VpcLinks"),
  { method: "PUT", pattern: "/v2/apis", operation: "ImportApi" },
  { method: "PUT", pattern: api, operation: "ReimportApi" },
  { method: "GET", pattern: `${api}/exports/{specification}`, operation: "ExportApi" },
  // REST APIs, the older kind.
  { method: "POST", pattern: "/restapis", operation: "CreateRestApi" },
  { method: "GET", pattern: "/restapis", operation: "GetRestApis" },
];

const status: Record<string, number> = { TagResource: 201, UntagResource: 204, DeleteCorsConfiguration: 204 };
for (const { operation } of routes) {
  if (operation.startsWith("Create")) status[operation] = 201;
  if (operation.startsWith("Delete")) status[operation] = 204;
}

export const apiGatewayProtocol = restJsonProtocol({ routes, status });
