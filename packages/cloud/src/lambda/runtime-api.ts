/** The Lambda Runtime API as one execution environment sees it: a listener of its own on loopback. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Readable } from "node:stream";
import { http } from "../node-http.ts";
import { type FunctionError, type Invocation, parseFunctionError } from "./invocation.ts";

/** What a runtime tells us. */
export interface RuntimeEvents {
  /** It has initialised, or finished its last invocation, and asks for the next. */
  idle(): void;
  initError(error: FunctionError, body: Buffer): void;
  response(requestId: string, body: Buffer): void;
  responseTooLarge(requestId: string): void;
  /** It began to stream; `done` tells how the stream ended. */
  stream(
    requestId: string,
    contentType: string,
    body: Readable,
    done: Promise<FunctionError | undefined>,
  ): void;
  error(requestId: string, error: FunctionError, body: Buffer): void;
}

export interface RuntimeApi {
  /** What `AWS_LAMBDA_RUNTIME_API` takes. */
  readonly address: string;
  /** Hands over work; only while the runtime is waiting. */
  deliver(invocation: Invocation, deadline: number): void;
  close(): void;
}

const VERSION = "/2018-06-01";
const ANSWER = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/;
/** Lambda's limit on a buffered response. */
export const RESPONSE_LIMIT = 6_291_556;

export async function serveRuntimeApi(events: RuntimeEvents): Promise<RuntimeApi> {
  let waiting: ServerResponse | undefined;
  const server = http().createServer({ keepAlive: true, noDelay: true }, (request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  // A runtime waits for its next invocation as long as it takes.
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  server.keepAliveTimeout = 0;
  await new Promise<void>((listening, failed) => {
    server.once("error", failed);
    server.listen(0, "127.0.0.1", listening);
  });
  // The front door keeps the process alive; an idle environment must not.
  server.unref();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    if (request.method === "GET" && path === `${VERSION}/runtime/invocation/next`) {
      waiting = response;
      events.idle();
      return;
    }
    const answer = request.method === "POST" ? ANSWER.exec(path) : null;
    const requestId = answer?.[1] ?? "";
    if (answer?.[2] === "response") return takeResponse(requestId, request, response);
    const fallback = String(request.headers["lambda-runtime-function-error-type"] ?? "Runtime.Unknown");
    if (answer?.[2] === "error") {
      const body = await read(request);
      accept(response);
      return events.error(
        requestId,
        parseFunctionError(body ?? Buffer.alloc(0), fallback),
        body ?? Buffer.alloc(0),
      );
    }
    if (request.method === "POST" && path === `${VERSION}/runtime/init/error`) {
      const body = (await read(request)) ?? Buffer.alloc(0);
      accept(response);
      return events.initError(parseFunctionError(body, fallback), body);
    }
    request.resume();
    response.writeHead(404).end();
  }

  async function takeResponse(
    requestId: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (request.headers["lambda-runtime-function-response-mode"] === "streaming") {
      const done = new Promise<FunctionError | undefined>((resolve) => {
        request.once("end", () => {
          accept(response);
          resolve(trailerError(request));
        });
        request.once("close", () =>
          resolve(
            request.complete
              ? undefined
              : { errorType: "Runtime.StreamInterrupted", errorMessage: "The response ended early." },
          ),
        );
      });
      events.stream(
        requestId,
        String(request.headers["content-type"] ?? "application/octet-stream"),
        request,
        done,
      );
      return;
    }
    const body = await read(request);
    if (body === undefined) {
      // With its length: runtimes read answers by it, and take what is left over for the next one.
      response.writeHead(413, {
        "Content-Type": "application/json",
        "Content-Length": TOO_LARGE.length,
      });
      response.end(TOO_LARGE);
      events.responseTooLarge(requestId);
      return;
    }
    accept(response);
    events.response(requestId, body);
  }

  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    deliver(invocation, deadline) {
      const response = waiting;
      waiting = undefined;
      response?.writeHead(200, {
        "Content-Type": "application/json",
        "Content-Length": invocation.payload.length,
        "Lambda-Runtime-Aws-Request-Id": invocation.requestId,
        "Lambda-Runtime-Deadline-Ms": Math.ceil(deadline),
        "Lambda-Runtime-Invoked-Function-Arn": invocation.invokedArn,
        "Lambda-Runtime-Trace-Id": invocation.traceId ?? "",
        ...(invocation.clientContext ? { "Lambda-Runtime-Client-Context": invocation.clientContext } : {}),
      });
      response?.end(invocation.payload);
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const ACCEPTED = '{"status":"OK"}\n';
const TOO_LARGE =
  '{"errorType":"RequestEntityTooLarge","errorMessage":"Exceeded maximum allowed payload size."}';

function accept(response: ServerResponse): void {
  response.writeHead(202, { "Content-Type": "application/json", "Content-Length": ACCEPTED.length });
  response.end(ACCEPTED);
}

/** The body, or undefined when it is over the limit. */
async function read(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= RESPONSE_LIMIT) chunks.push(chunk);
  }
  if (length > RESPONSE_LIMIT) return undefined;
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

function trailerError(request: IncomingMessage): FunctionError | undefined {
  const type = request.trailers["lambda-runtime-function-error-type"];
  if (!type) return undefined;
  const body = request.trailers["lambda-runtime-function-error-body"] ?? "";
  return parseFunctionError(Buffer.from(body, "base64"), type);
}
