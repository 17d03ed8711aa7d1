/** REST-XML as S3 speaks it: the operation is in the method, the path and the sub-resource of the query. */
import { xml } from "../protocol/rest-xml.ts";
import type { Call, HttpRequest, HttpResponse, Protocol } from "../service.ts";
import { methodNotAllowed } from "./errors.ts";
import type { S3Input, S3Output } from "./input.ts";
import { locate } from "./location.ts";
import { routeOf } from "./routes.ts";

/** Adds the headers a browser asks for; knows the buckets' CORS rules. */
export type CorsHeaders = (request: HttpRequest) => Readonly<Record<string, string>>;

export function s3Protocol(corsHeaders: CorsHeaders): Protocol {
  return {
    parse(request) {
      const { bucket, key } = locate(request.path);
      const level = bucket === "" ? "service" : key === "" ? "bucket" : "object";
      const operation = routeOf(level, request);
      if (operation === undefined) throw methodNotAllowed(request.method, level.toUpperCase());
      const input: S3Input = {
        bucket,
        key,
        query: request.query,
        headers: request.headers,
        body: request.body,
      };
      return { operation, input };
    },

    success(output: unknown, call: Call): HttpResponse {
      const { status, headers, body } = output as S3Output;
      return {
        status,
        headers: {
          "x-amz-request-id": call.requestId,
          "x-amz-id-2": call.requestId,
          ...(typeof body === "string" ? { "content-type": "application/xml" } : undefined),
          ...headers,
          ...(call.request?.headers.origin === undefined ? undefined : corsHeaders(call.request)),
        },
        body,
      };
    },

    failure(error, { requestId, request }): HttpResponse {
      const { $headers, ...fields } = error.fields as { $headers?: Record<string, string> };
      const headers = {
        "x-amz-request-id": requestId,
        "x-amz-id-2": requestId,
        ...$headers,
        ...(request.headers.origin === undefined ? undefined : corsHeaders(request)),
      };
      if (request.method === "HEAD") return { status: error.status, headers };
      return {
        status: error.status,
        headers: { "content-type": "application/xml", ...headers },
        body: xml("Error", {
          Code: error.code,
          Message: error.message,
          ...fields,
          Resource: request.path,
          RequestId: requestId,
          HostId: requestId,
        }),
      };
    },
  };
}

/** An answer whose body is a document. */
export function document(
  name: string,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): S3Output {
  return {
    status: 200,
    headers,
    body: xml(name, value, { xmlns: "http://s3.amazonaws.com/doc/2006-03-01/" }),
  };
}

export const noContent: S3Output = { status: 204 };
export const emptyAnswer: S3Output = { status: 200 };
