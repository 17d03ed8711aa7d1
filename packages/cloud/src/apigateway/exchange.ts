/** One request at an API, with everything that was found out about it. */
import type { Call, HttpRequest, HttpResponse, Principal } from "../service.ts";
import type { RouteMatch } from "./match.ts";
import type { Api, Configuration, Stage } from "./model.ts";

export interface Exchange {
  readonly call: Call;
  readonly request: HttpRequest;
  readonly api: Api;
  readonly stage: Stage;
  readonly configuration: Configuration;
  readonly match: RouteMatch;
  /** The path with the stage's name before it, unless it is the default stage. */
  readonly rawPath: string;
  /** The path that routes speak of. */
  readonly path: string;
  readonly domainName: string;
  readonly body: Uint8Array;
}

/** What an authorizer found out, as events tell it. */
export type AuthorizerContext = Readonly<Record<string, unknown>>;

export function plain(status: number, message: string, headers: Record<string, string> = {}): HttpResponse {
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ message }),
  };
}

/** `arn:aws:execute-api:REGION:ACCOUNT:API/…` */
export function executeApiArn(call: Call, api: Api, rest: string): string {
  return `arn:aws:execute-api:${call.region}:${call.accountId}:${api.apiId}/${rest}`;
}

/** The ARN functions are asked with: that of the route, not of the path requested. */
export function routeArn({ call, api, stage, match }: Exchange): string {
  const { routeKey } = match.route;
  const [method = "", path = ""] = routeKey.split(" ");
  // ANY stands in an ARN as `*`.
  const key = routeKey === "$default" ? routeKey : `${method === "ANY" ? "*" : method}${path}`;
  return executeApiArn(call, api, `${stage.stageName}/${key}`);
}

/** API Gateway itself, on behalf of a route or an authorizer. */
export function gatewayPrincipal(call: Call, sourceArn: string): Principal {
  return { kind: "service", service: "apigateway.amazonaws.com", sourceArn, accountId: call.accountId };
}

/** The value an identity source points at. */
export function identityValue(source: string, exchange: Exchange): string | undefined {
  const { request, stage } = exchange;
  const [root = "", ...rest] = source.replace(/^\$/, "").split(".");
  const name = rest.slice(root === "request" ? 1 : 0).join(".");
  if (root === "request" && rest[0] === "header") return request.headers[name.toLowerCase()];
  if (root === "request" && rest[0] === "querystring") return request.query.get(name) ?? undefined;
  if (root === "stageVariables") return stage.stageVariables?.[name];
  const context: Record<string, string> = {
    apiId: exchange.api.apiId,
    httpMethod: request.method,
    "identity.sourceIp": "127.0.0.1",
    path: exchange.rawPath,
    routeKey: exchange.match.route.routeKey,
    stage: stage.stageName,
  };
  return context[name];
}
