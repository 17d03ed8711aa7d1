/** From Node's message to the request the services see. */
import type { IncomingMessage } from "node:http";
import type { HttpRequest } from "../service.ts";
import { type BodyOptions, type IncomingBody, incomingBody } from "./body.ts";

export interface IncomingRequest extends HttpRequest {
  readonly body: IncomingBody;
}

export function readRequest(message: IncomingMessage, options: BodyOptions): IncomingRequest {
  // Proxies send the absolute form.
  const target = (message.url ?? "/").replace(/^https?:\/\/[^/?]*/i, "");
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  const rawQuery = mark < 0 ? "" : target.slice(mark + 1);
  const body = incomingBody(message, options);
  let abort: AbortController | undefined;
  return {
    method: message.method ?? "GET",
    path: path.startsWith("/") ? path : `/${path}`,
    query: new URLSearchParams(rawQuery),
    rawQuery,
    headers: singleHeaders(message),
    body,
    get signal() {
      if (!abort) {
        const controller = new AbortController();
        abort = controller;
        if (message.socket.destroyed) controller.abort();
        else message.socket.once("close", () => controller.abort());
      }
      return abort.signal;
    },
  };
}

/** Node already joins repeated headers, but for the one it gives as a list. */
function singleHeaders(message: IncomingMessage): Readonly<Record<string, string>> {
  const headers = message.headers as Record<string, string>;
  const cookies = message.headers["set-cookie"];
  return cookies ? { ...headers, "set-cookie": cookies.join(", ") } : headers;
}

/**
 * The bucket in an S3 virtual host: `photos.s3.localhost`, `photos.s3.us-east-1.localhost`, `photos.localhost`.
 */
export function virtualBucket(host: string | undefined): string | undefined {
  const name = host?.replace(/:\d+$/, "").toLowerCase();
  if (!name?.endsWith(".localhost")) return undefined;
  const labels = name.slice(0, -".localhost".length);
  if (/^s3(?:[.-][a-z0-9-]+)*$/.test(labels)) return undefined;
  return labels.replace(/\.s3(?:[.-][a-z0-9-]+)?$/, "");
}
