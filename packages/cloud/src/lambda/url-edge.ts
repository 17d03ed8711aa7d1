/** Serves function URLs: `/_url/ID/…` on our port, or `ID.lambda-url.REGION.localhost` as host. */
import type { Readable } from "node:stream";
import { PassThrough } from "node:stream";
import { AwsError } from "../error.ts";
import type { Call, EdgeHandler, HttpRequest, HttpResponse } from "../service.ts";
import type { Invoker } from "./invoker.ts";
import type { FunctionUrl } from "./model.ts";
import { functionArn } from "./names.ts";
import { type Room, resolveVersion } from "./room.ts";
import { isPreflight, preflight, withCors } from "./url-cors.ts";
import { badGateway, responseHead, urlEvent, urlResponse } from "./url-event.ts";
import { splitPrelude } from "./url-prelude.ts";

const BY_PATH = /^\/_url\/([a-z0-9]+)(\/.*)?$/;
const BY_HOST = /^([a-z0-9]+)\.lambda-url\.[a-z0-9-]+\.(?:localhost|on\.aws)(?::\d+)?$/i;
const CODE = /^\/_code\/([0-9a-f]{64})$/;
const BODY_LIMIT = 6_291_456;
const METADATA_TYPE = "application/vnd.awslambda.http-integration-response";

export function createEdge(room: Room, invoker: Invoker): (request: HttpRequest) => EdgeHandler | undefined {
  return (request) => {
    const hash = CODE.exec(request.path)?.[1];
    if (hash && request.method === "GET") return () => downloadCode(room, hash);
    const byHost = BY_HOST.exec(request.headers.host ?? "")?.[1];
    const byPath = byHost ? null : BY_PATH.exec(request.path);
    const id = byHost ?? byPath?.[1];
    if (!id) return undefined;
    const rawPath = byPath ? (byPath[2] ?? "/") : request.path;
    return (call, whole) => serve(room, invoker, id.toLowerCase(), rawPath, call, whole);
  };
}

async function serve(
  room: Room,
  invoker: Invoker,
  id: string,
  rawPath: string,
  call: Call,
  request: HttpRequest,
): Promise<HttpResponse> {
  const url = room.store.url(id);
  if (!url) return forbidden();
  if (url.cors && isPreflight(request)) return preflight(url.cors, request);
  const answer = await invokeUrl(room, invoker, url, rawPath, call, request).catch((error: unknown) => {
    if (error instanceof AwsError) return failed(error);
    throw error;
  });
  const response = { ...answer, headers: { ...answer.headers, "x-amzn-requestid": call.requestId } };
  return url.cors ? withCors(url.cors, request, response) : response;
}

async function invokeUrl(
  room: Room,
  invoker: Invoker,
  url: FunctionUrl,
  rawPath: string,
  call: Call,
  request: HttpRequest,
): Promise<HttpResponse> {
  const reference = { name: url.functionName, qualifier: url.qualifier };
  const resource = functionArn(room.hub, reference);
  // Since October 2025 AWS asks for both, whoever calls.
  call.authorize(
    { action: "lambda:InvokeFunctionUrl", resource, context: { "lambda:FunctionUrlAuthType": url.authType } },
    { action: "lambda:InvokeFunction", resource, context: { "lambda:InvokedViaFunctionUrl": "true" } },
  );
  const target = resolveVersion(room, reference);
  const event = urlEvent({
    request,
    rawPath,
    body: await request.body.bytes(BODY_LIMIT),
    urlId: url.id,
    domainName: domainName(room, url, request),
    accountId: room.hub.accountId,
    requestId: call.requestId,
    time: call.time,
    principal: call.principal,
    authType: url.authType,
  });
  const work = { reference, requestId: call.requestId, payload: Buffer.from(JSON.stringify(event)) };
  if (url.invokeMode === "RESPONSE_STREAM") return streamed(invoker, target, work);
  const result = await invoker.run(target, work);
  return result.error ? badGateway() : urlResponse(result.payload);
}

/** Answers as soon as the handler writes; what fails before that is a 502, what fails later cuts the stream. */
async function streamed(
  invoker: Invoker,
  target: Parameters<Invoker["run"]>[0],
  work: Parameters<Invoker["run"]>[1],
): Promise<HttpResponse> {
  return new Promise((answer, fail) => {
    const onStream = (contentType: string, body: Readable) => {
      answer(contentType === METADATA_TYPE ? withPrelude(body) : plainStream(contentType, body));
    };
    invoker.run(target, { ...work, onStream }).then((result) => {
      if (result.streamed) return;
      answer(result.error ? badGateway() : urlResponse(result.payload));
    }, fail);
  });
}

function plainStream(contentType: string, body: Readable): HttpResponse {
  return { status: 200, headers: { "content-type": contentType }, body: body.pipe(new PassThrough()) };
}

async function withPrelude(body: Readable): Promise<HttpResponse> {
  const { prelude, rest } = await splitPrelude(body);
  const head = prelude === undefined ? undefined : responseHead(prelude);
  if (!head) {
    rest.resume();
    return badGateway();
  }
  return { ...head, body: rest };
}

/** By path the host names nobody; the host that would reach this function does. */
function domainName(room: Room, url: FunctionUrl, request: HttpRequest): string {
  const host = request.headers.host ?? "";
  if (BY_HOST.test(host)) return host.replace(/:\d+$/, "");
  return `${url.id}.lambda-url.${room.hub.region}.localhost`;
}

function forbidden(): HttpResponse {
  return {
    status: 403,
    headers: { "content-type": "application/json", "x-amzn-errortype": "AccessDeniedException" },
    body: JSON.stringify({
      Message:
        "Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
    }),
  };
}

function failed(error: AwsError): HttpResponse {
  if (error.status === 403) return forbidden();
  return {
    status: error.status,
    headers: { "content-type": "application/json", "x-amzn-errortype": error.code },
    body: JSON.stringify({ Message: error.message }),
  };
}

async function downloadCode(room: Room, hash: string): Promise<HttpResponse> {
  try {
    return { status: 200, headers: { "content-type": "application/zip" }, body: await room.code.zip(hash) };
  } catch {
    return { status: 404, headers: { "content-type": "text/plain" }, body: "There is no such package.\n" };
  }
}
