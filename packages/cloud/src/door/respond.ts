/** Writing an answer. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { HttpResponse } from "../service.ts";

const smallBody = 64 * 1024;

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
  if (message.method === "HEAD" || bodyless || body === undefined) response.end();
  else if (typeof body === "string" || body.byteLength > smallBody) response.end(body);
  // Text goes out with the headers in one write, which for small bodies costs half of two; Latin-1 keeps every byte.
  else response.end(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("latin1"), "latin1");
}
