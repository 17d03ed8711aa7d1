/** Requests as events, in payload formats 2.0 and 1.0, for functions and for authorizers. */
import { commonLogTime, eventBody, joinedQuery } from "../lambda/url-event.ts";
import type { AuthorizerContext, Exchange } from "./exchange.ts";

const sourceIp = "127.0.0.1";

function forwarded(exchange: Exchange): Record<string, string> {
  const { host = "" } = exchange.request.headers;
  return {
    "x-forwarded-for": sourceIp,
    "x-forwarded-port": /:(\d+)$/.exec(host)?.[1] ?? "80",
    "x-forwarded-proto": "http",
  };
}

/** Format 2.0: lower-case headers, repeated values joined, cookies apart. */
export function eventV2(exchange: Exchange, authorizer?: AuthorizerContext): Record<string, unknown> {
  const { call, request, api, stage, match, rawPath } = exchange;
  const { cookie, ...headers } = request.headers;
  const query = joinedQuery(request.query);
  return {
    version: "2.0",
    routeKey: match.route.routeKey,
    rawPath,
    rawQueryString: request.rawQuery,
    ...(cookie ? { cookies: cookie.split(/;\s*/).filter(Boolean) } : {}),
    headers: { ...forwarded(exchange), ...headers },
    ...(query ? { queryStringParameters: query } : {}),
    requestContext: {
      accountId: call.accountId,
      apiId: api.apiId,
      ...(authorizer ? { authorizer } : {}),
      domainName: exchange.domainName,
      domainPrefix: api.apiId,
      http: {
        method: request.method,
        path: rawPath,
        protocol: "HTTP/1.1",
        sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: call.requestId,
      routeKey: match.route.routeKey,
      stage: stage.stageName,
      time: commonLogTime(call.time),
      timeEpoch: call.time,
    },
    ...(match.parameters ? { pathParameters: match.parameters } : {}),
    ...(stage.stageVariables ? { stageVariables: stage.stageVariables } : {}),
    ...eventBody(exchange.body, headers["content-type"]),
  };
}

/** Format 1.0, that of REST APIs: single and multiple values side by side, what is not there is null. */
export function eventV1(exchange: Exchange, authorizer?: AuthorizerContext): Record<string, unknown> {
  const { call, request, api, stage, match, rawPath } = exchange;
  const headers = { ...forwarded(exchange), ...request.headers };
  const multi = (entries: Iterable<[string, string]>) => {
    const values = new Map<string, string[]>();
    for (const [name, value] of entries) values.set(name, [...(values.get(name) ?? []), value]);
    return values.size > 0 ? Object.fromEntries(values) : null;
  };
  const { body = null, isBase64Encoded } = eventBody(
    exchange.body,
    headers["content-type" as keyof typeof headers],
  );
  const { routeKey } = match.route;
  const resource = routeKey === "$default" ? routeKey : routeKey.slice(routeKey.indexOf(" ") + 1);
  return {
    version: "1.0",
    resource,
    path: rawPath,
    httpMethod: request.method,
    headers,
    multiValueHeaders: multi(Object.entries(headers)),
    queryStringParameters: request.query.size > 0 ? Object.fromEntries(request.query) : null,
    multiValueQueryStringParameters: multi(request.query),
    requestContext: {
      accountId: call.accountId,
      apiId: api.apiId,
      ...(authorizer ? { authorizer } : {}),
      domainName: exchange.domainName,
      domainPrefix: api.apiId,
      extendedRequestId: call.requestId,
      httpMethod: request.method,
      identity: { sourceIp, userAgent: request.headers["user-agent"] ?? "" },
      path: rawPath,
      protocol: "HTTP/1.1",
      requestId: call.requestId,
      requestTime: commonLogTime(call.time),
      requestTimeEpoch: call.time,
      resourceId: routeKey,
      resourcePath: resource,
      stage: stage.stageName,
    },
    pathParameters: match.parameters ?? null,
    stageVariables: stage.stageVariables ?? null,
    body,
    isBase64Encoded,
  };
}
