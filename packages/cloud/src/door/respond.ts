/** Writing an answer. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { HttpResponse } from "../service.ts";

/** Sends an answer; resolves when it is on its way, also when the client has gone. */
export async function respond(
  message: IncomingMessage,
  response: ServerResponse,
  answer: HttpResponse,
): Promise<void> {
  const { body } = answer;
  if (response.destroyed) {
    if (body instanceof Readable) body.destroy();
    return;
  }
  const headers: OutgoingHttpHeaders = { ...answer.headers };
  if (body instanceof Readable) {
    response.writeHead(answer.status, headers);
    if (message.method === "HEAD") {
      body.destroy();
      response.end();
      return;
    }
    // A failure on either side ends both; the client sees the answer cut off.
    await pipeline(body, response).catch(() => response.destroy());
    return;
  }
  const bodyless = answer.status === 204 || answer.status === 304;
  if (!bodyless && headers["content-length"] === undefined) {
    headers["content-length"] = body === undefined ? 0 : Buffer.byteLength(body);
  }
  response.writeHead(answer.status, headers);
  response.end(message.method === "HEAD" || bodyless ? undefined : body);
}
