/** CORS of function URLs: preflights are answered for the function, other answers get their headers added. */
import type { HttpRequest, HttpResponse } from "../service.ts";
import type { UrlCors } from "./model.ts";

export function isPreflight(request: HttpRequest): boolean {
  return (
    request.method === "OPTIONS" &&
    request.headers.origin !== undefined &&
    request.headers["access-control-request-method"] !== undefined
  );
}

export function preflight(cors: UrlCors, request: HttpRequest): HttpResponse {
  const origin = allowedOrigin(cors, request.headers.origin);
  const method = request.headers["access-control-request-method"] ?? "";
  const methods = cors.AllowMethods ?? [];
  if (!origin || !(methods.includes("*") || methods.includes(method))) return { status: 200 };
  return {
    status: 200,
    headers: {
      ...originHeaders(cors, origin),
      "access-control-allow-methods": methods.join(","),
      ...(cors.AllowHeaders?.length ? { "access-control-allow-headers": cors.AllowHeaders.join(",") } : {}),
      ...(cors.MaxAge === undefined ? {} : { "access-control-max-age": String(cors.MaxAge) }),
    },
  };
}

/** The URL's configuration wins over CORS headers a handler sets itself. */
export function withCors(cors: UrlCors, request: HttpRequest, response: HttpResponse): HttpResponse {
  const kept = Object.entries(response.headers ?? {}).filter(([name]) => !name.startsWith("access-control-"));
  const origin = allowedOrigin(cors, request.headers.origin);
  if (!origin) return { ...response, headers: Object.fromEntries(kept) };
  return {
    ...response,
    headers: {
      ...Object.fromEntries(kept),
      ...originHeaders(cors, origin),
      ...(cors.ExposeHeaders?.length
        ? { "access-control-expose-headers": cors.ExposeHeaders.join(",") }
        : {}),
    },
  };
}

function originHeaders(cors: UrlCors, origin: string): Record<string, string> {
  return {
    "access-control-allow-origin": origin,
    ...(origin === "*" ? {} : { vary: "Origin" }),
    ...(cors.AllowCredentials ? { "access-control-allow-credentials": "true" } : {}),
  };
}

function allowedOrigin(cors: UrlCors, origin: string | undefined): string | undefined {
  if (origin === undefined) return undefined;
  const match = (cors.AllowOrigins ?? []).find((allowed) => allowed === "*" || matches(allowed, origin));
  if (match === "*" && !cors.AllowCredentials) return "*";
  return match === undefined ? undefined : origin;
}

function matches(pattern: string, origin: string): boolean {
  if (!pattern.includes("*")) return pattern.toLowerCase() === origin.toLowerCase();
  const [before = "", after = ""] = pattern.toLowerCase().split("*", 2);
  const value = origin.toLowerCase();
  return value.length > before.length + after.length && value.startsWith(before) && value.endsWith(after);
}
