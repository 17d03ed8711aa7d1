/** What answers a request: a function or another server. */
import { responseHead, urlResponse } from "../lambda/url-event.ts";
import type { HttpResponse, Hub } from "../service.ts";
import { callFunction } from "./call-function.ts";
import { eventV1, eventV2 } from "./event.ts";
import { type AuthorizerContext, type Exchange, plain, routeArn } from "./exchange.ts";
import type { Integration } from "./model.ts";
import { functionArnOf } from "./parts.ts";

/** The longest answer API Gateway passes on. */
const largest = 10 * 1024 * 1024;

async function toFunction(
  hub: Hub,
  integration: Integration,
  exchange: Exchange,
  authorizer: AuthorizerContext | undefined,
): Promise<HttpResponse> {
  const v1 = integration.payloadFormatVersion === "1.0";
  const { payload, failed, timedOut } = await callFunction(hub, {
    call: exchange.call,
    functionArn: functionArnOf(integration.integrationUri) ?? "",
    payload: v1 ? eventV1(exchange, flattened(authorizer)) : eventV2(exchange, authorizer),
    sourceArn: routeArn(exchange),
    credentialsArn: integration.credentialsArn,
    timeout: integration.timeoutInMillis,
  });
  if (timedOut) return plain(503, "Service Unavailable");
  if (failed) return plain(500, "Internal Server Error");
  const response = v1 ? responseV1(payload) : urlResponse(payload);
  // What makes no response is 502 at a function URL, and 500 here.
  const unusable = !response || (response.status === 502 && response.body === "Internal Server Error");
  return unusable ? plain(500, "Internal Server Error") : response;
}

/** Format 1.0 has a Lambda authorizer's context at the top. */
function flattened(authorizer: AuthorizerContext | undefined): AuthorizerContext | undefined {
  const { lambda } = authorizer ?? {};
  return typeof lambda === "object" && lambda !== null ? (lambda as AuthorizerContext) : authorizer;
}

/** Format 1.0 wants a whole response and infers nothing. */
function responseV1(payload: Buffer): HttpResponse | undefined {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString());
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = value as Record<string, unknown>;
  if (statusCode === undefined) return undefined;
  const head = responseHead({ statusCode, headers });
  if (!head) return undefined;
  const all: Record<string, string | string[]> = { ...head.headers };
  for (const [name, values] of Object.entries(multiValueHeaders ?? {})) {
    if (Array.isArray(values) && /^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
      all[name.toLowerCase()] = values.map((one) => String(one).replace(/[\r\n\0]/g, ""));
    }
  }
  const text = body === undefined || body === null ? "" : String(body);
  return {
    status: head.status,
    headers: all,
    body: isBase64Encoded === true ? Buffer.from(text, "base64") : text,
  };
}

const hopByHop = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

async function toServer(integration: Integration, exchange: Exchange): Promise<HttpResponse> {
  const { request, match } = exchange;
  const filled = integration.integrationUri.replace(/\{([^}+]+)\+?\}/g, (_, name: string) =>
    (match.parameters?.[name] ?? "").split("/").map(encodeURIComponent).join("/"),
  );
  const url = new URL(filled);
  for (const [name, value] of request.query) url.searchParams.append(name, value);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) if (!hopByHop.has(name)) headers[name] = value;
  headers.forwarded = `for=127.0.0.1;host=${request.headers.host ?? ""};proto=http`;
  const { integrationMethod = "ANY" } = integration;
  const method = integrationMethod === "ANY" ? request.method : integrationMethod;
  const bodyless = method === "GET" || method === "HEAD";
  try {
    const response = await fetch(url, {
      method,
      headers,
      body: bodyless || exchange.body.length === 0 ? undefined : Buffer.from(exchange.body),
      redirect: "manual",
      signal: AbortSignal.timeout(integration.timeoutInMillis),
    });
    const body = Buffer.from(await response.arrayBuffer());
    if (body.length > largest) return plain(500, "Internal Server Error");
    const answered: Record<string, string | string[]> = {};
    for (const [name, value] of response.headers) {
      // `fetch` has undone the encoding.
      if (!hopByHop.has(name) && name !== "content-encoding") answered[name] = value;
    }
    const cookies = response.headers.getSetCookie();
    if (cookies.length > 0) answered["set-cookie"] = cookies;
    return { status: response.status, headers: answered, body };
  } catch (error) {
    const late = (error as Error).name === "TimeoutError";
    return late ? plain(504, "Gateway Timeout") : plain(500, "Internal Server Error");
  }
}

export function integrate(
  hub: Hub,
  exchange: Exchange,
  authorizer: AuthorizerContext | undefined,
): Promise<HttpResponse> | HttpResponse {
  const id = exchange.match.route.target?.replace(/^integrations\//, "");
  const integration = exchange.configuration.integrations.find(({ integrationId }) => integrationId === id);
  if (!integration) return plain(500, "Internal Server Error");
  if (integration.integrationType === "AWS_PROXY") return toFunction(hub, integration, exchange, authorizer);
  return toServer(integration, exchange);
}
