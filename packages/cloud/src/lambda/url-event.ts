/** Function URL requests as payload format 2.0 events, and handlers' answers as HTTP responses. */

import type { HttpRequest, HttpResponse, Principal } from "../service.ts";
import { cutPrelude } from "./url-prelude.ts";

export interface UrlRequest {
  readonly request: HttpRequest;
  /** The path without what our own routing put before it. */
  readonly rawPath: string;
  readonly body: Uint8Array;
  readonly urlId: string;
  readonly domainName: string;
  readonly accountId: string;
  readonly requestId: string;
  readonly time: number;
  readonly principal: Principal;
  readonly authType: "NONE" | "AWS_IAM";
}

const TEXT =
  /^(text\/|application\/(json|javascript|xml|x-www-form-urlencoded|graphql|[\w.+-]*\+(json|xml)))/i;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export function urlEvent(from: UrlRequest): object {
  const { request } = from;
  const { cookie, ...headers } = request.headers;
  const sourceIp = "127.0.0.1";
  const body = eventBody(from.body, headers["content-type"]);
  const query = joinedQuery(request.query);
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: from.rawPath,
    rawQueryString: request.rawQuery,
    ...(cookie ? { cookies: cookie.split(/;\s*/).filter(Boolean) } : {}),
    headers: {
      "x-forwarded-for": sourceIp,
      "x-forwarded-proto": "http",
      "x-forwarded-port": portOf(headers.host),
      ...headers,
    },
    ...(query ? { queryStringParameters: query } : {}),
    requestContext: {
      accountId: from.authType === "AWS_IAM" ? from.accountId : "anonymous",
      apiId: from.urlId,
      ...(from.authType === "AWS_IAM" ? { authentication: null, authorizer: authorizer(from) } : {}),
      domainName: from.domainName,
      domainPrefix: from.urlId,
      http: {
        method: request.method,
        path: from.rawPath,
        protocol: "HTTP/1.1",
        sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: from.requestId,
      routeKey: "$default",
      stage: "$default",
      time: commonLogTime(from.time),
      timeEpoch: from.time,
    },
    ...body,
  };
}

function authorizer({ principal, accountId }: UrlRequest): object {
  const arn = principal.kind === "role" || principal.kind === "root" ? principal.arn : null;
  return {
    iam: {
      accessKey: null,
      accountId,
      callerId: arn,
      cognitoIdentity: null,
      principalOrgId: null,
      userArn: arn,
      userId: arn,
    },
  };
}

export function eventBody(
  body: Uint8Array,
  type: string | undefined,
): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false };
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  return type !== undefined && TEXT.test(type)
    ? { body: bytes.toString(), isBase64Encoded: false }
    : { body: bytes.toString("base64"), isBase64Encoded: true };
}

/** Repeated parameters are joined with commas in format 2.0. */
export function joinedQuery(query: URLSearchParams): Record<string, string> | undefined {
  const result: Record<string, string> = {};
  for (const [name, value] of query) {
    Object.defineProperty(result, name, {
      value: Object.hasOwn(result, name) ? `${result[name]},${value}` : value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return Object.keys(result).length > 0 ? result : undefined;
}

function portOf(host: string | undefined): string {
  return /:(\d+)$/.exec(host ?? "")?.[1] ?? "80";
}

/** `21/Nov/2026:13:40:16 +0000` */
export function commonLogTime(time: number): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}`;
  return `${day}:${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
}

/** What AWS answers when a handler fails or returns what makes no HTTP response. */
export function badGateway(): HttpResponse {
  return {
    status: 502,
    headers: { "content-type": "application/json" },
    body: "Internal Server Error",
  };
}

/** Reads a handler's return value: an HTTP response, or anything else as the JSON body of a 200. */
export function urlResponse(payload: Buffer): HttpResponse {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString());
  } catch {
    return streamedResponse(payload);
  }
  if (typeof value !== "object" || value === null || !("statusCode" in value)) {
    const body = typeof value === "string" ? value : value === null ? "null" : JSON.stringify(value);
    return { status: 200, headers: { "content-type": "application/json" }, body };
  }
  const { statusCode, headers, cookies, body, isBase64Encoded } = value as Record<string, unknown>;
  const head = responseHead({ statusCode, headers, cookies });
  if (!head) return badGateway();
  if (body === undefined || body === null) return head;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { ...head, body: isBase64Encoded === true ? Buffer.from(text, "base64") : text };
}

/** What a streaming handler wrote, behind a URL that buffers. */
function streamedResponse(payload: Buffer): HttpResponse {
  const { prelude, body } = cutPrelude(payload);
  const head = responseHead(prelude ?? {});
  return head ? { ...head, body } : badGateway();
}

/** Status and headers of a response, or undefined when they are none. */
export function responseHead(value: {
  statusCode?: unknown;
  headers?: unknown;
  cookies?: unknown;
}): HttpResponse | undefined {
  const status = value.statusCode === undefined ? 200 : Number(value.statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined;
  const headers: Record<string, string | string[]> = { "content-type": "application/json" };
  for (const [name, content] of Object.entries(value.headers ?? {})) {
    if (content === undefined || content === null) continue;
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[\r\n\0]/.test(String(content))) return undefined;
    headers[name.toLowerCase()] = String(content);
  }
  // The connection is ours, not the handler's.
  for (const name of ["connection", "transfer-encoding", "content-length", "keep-alive"])
    delete headers[name];
  if (Array.isArray(value.cookies) && value.cookies.length > 0)
    headers["set-cookie"] = value.cookies.map(String);
  return { status, headers };
}
