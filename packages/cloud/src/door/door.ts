/**
 * The front door: authenticates a request, asks the service's protocol what it wants and the operation what that
 * takes, has it authorised, and only then runs it. It knows no service by name but S3's virtual hosts.
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsError, notImplemented } from "../error.ts";
import { type Asker, type Authorizer, denial } from "../iam/authorize.ts";
import type {
  AccessRequest,
  Call,
  EdgeHandler,
  HttpRequest,
  HttpResponse,
  InternalCall,
  Operation,
  Principal,
  Protocol,
  Service,
} from "../service.ts";
import type { Credentialing } from "../sts/credentials.ts";
import { authenticate } from "./authenticate.ts";
import { fallbackProtocol } from "./fallback.ts";
import { type IncomingRequest, readRequest, virtualBucket } from "./request.ts";
import { respond } from "./respond.ts";
import { readClaim, type SignatureClaim } from "./signature.ts";

export interface DoorOptions {
  readonly accountId: string;
  readonly region: string;
  /** By signing name; filled before the door opens. */
  readonly services: ReadonlyMap<string, Service>;
  readonly credentials: Credentialing;
  readonly authorizer: Authorizer;
  readonly endpoint: () => string;
  /** Milliseconds without a byte of a body after which a client is given up. */
  readonly idleTimeout: number;
}

export interface Door {
  handle(message: IncomingMessage, response: ServerResponse, expectsContinue?: boolean): Promise<void>;
  call(call: InternalCall): Promise<unknown>;
}

interface CallFacts {
  readonly service: string;
  readonly operation: string;
  readonly requestId: string;
  readonly time: number;
  readonly region: string;
  readonly principal: Principal;
  readonly endpoint: string;
  readonly request?: HttpRequest;
  readonly via?: string;
}

export function createDoor(options: DoorOptions): Door {
  const { accountId, region, services, credentials, authorizer } = options;
  let edges: readonly Service[] | undefined;

  function makeCall(facts: CallFacts): Call {
    const asker: Asker = { ...facts, accountId, headers: facts.request?.headers };
    return {
      ...facts,
      accountId,
      authorize: (...requests) => authorizer.demand(asker, requests),
      allows: (request) => authorizer.decide(asker, request).allowed,
    };
  }

  async function run(operation: Operation, input: unknown, call: Call): Promise<unknown> {
    const { access } = operation;
    if (access === "anyone") {
      if (call.principal.kind === "anonymous") throw missingToken();
    } else if (access !== "self") {
      const requests = (access as (input: unknown, call: Call) => readonly AccessRequest[])(input, call);
      // What maps to no permission is granted to nobody.
      if (requests.length === 0) throw unmapped(call);
      call.authorize(...requests);
    }
    return await (operation.run as (input: unknown, call: Call) => unknown)(input, call);
  }

  function findEdge(request: HttpRequest): { handler: EdgeHandler; service: Service } | undefined {
    edges ??= [...services.values()].filter((service) => service.edge);
    for (const service of edges) {
      const handler = service.edge?.(request);
      if (handler) return { handler, service };
    }
    return undefined;
  }

  /** Which service a request is for. Unsigned requests can only be S3's, unless they say otherwise. */
  function findService(claim: SignatureClaim | undefined, request: HttpRequest): Service {
    if (!claim && fallbackProtocol(request) !== fallbackProtocol(plainRequest)) throw missingToken();
    const name = claim?.scope.service ?? "s3";
    const service = services.get(name);
    if (!service) {
      throw new AwsError(
        "NotImplemented",
        `The service “${name.slice(0, 60)}” is not part of the local cloud.`,
        501,
      );
    }
    return service;
  }

  async function answer(sent: IncomingRequest, requestId: string): Promise<HttpResponse> {
    const time = Date.now();
    let request = sent;
    let protocol: Protocol | undefined;
    let operation: string | undefined;
    let service: Service | undefined;
    try {
      const claim = readClaim(sent.headers, sent.query);
      const edge = findEdge(sent);
      if (!edge) {
        service = findService(claim, sent);
        request = service.name === "s3" ? withBucketInPath(sent) : sent;
        protocol = typeof service.protocol === "function" ? service.protocol(request) : service.protocol;
      }
      const principal = await authenticate(claim, request, sent, credentials, time);
      const facts = {
        requestId,
        time,
        region: claim?.scope.region ?? region,
        principal,
        endpoint: originOf(sent),
        request,
      };
      if (edge) {
        const call = makeCall({ ...facts, service: edge.service.name, operation: "" });
        return await edge.handler(call, request);
      }
      if (!service || !protocol) throw missingToken();
      const parsed = await protocol.parse(request);
      operation = parsed.operation;
      const implementation = Object.hasOwn(service.operations, operation)
        ? service.operations[operation]
        : undefined;
      if (!implementation) throw notImplemented(service.name, operation.slice(0, 100));
      const call = makeCall({ ...facts, service: service.name, operation });
      return protocol.success(await run(implementation, parsed.input, call), call);
    } catch (error) {
      const shape = protocol ?? fallbackProtocol(request);
      return shape.failure(asAwsError(error, service?.name, operation), { requestId, operation, request });
    }
  }

  function originOf(request: HttpRequest): string {
    const host = request.headers.host;
    return host && /^[\w.:[\]-]+$/.test(host) ? `http://${host}` : options.endpoint();
  }

  return {
    async handle(message, response, expectsContinue = false) {
      const request = readRequest(message, {
        idleTimeout: options.idleTimeout,
        onRead: expectsContinue ? () => response.writeContinue() : undefined,
      });
      await respond(message, response, await answer(request, randomUUID()));
    },
    async call({ service: name, operation, input, as, via }) {
      const service = services.get(name);
      const implementation =
        service && Object.hasOwn(service.operations, operation) ? service.operations[operation] : undefined;
      if (!implementation) throw notImplemented(name, operation);
      const call = makeCall({
        service: name,
        operation,
        requestId: randomUUID(),
        time: Date.now(),
        region,
        principal: as,
        endpoint: options.endpoint(),
        via,
      });
      return await run(implementation, input, call);
    },
  };
}

/** A request with nothing in it, whose guessed protocol is the one of browsers and curl. */
const plainRequest = { headers: {}, query: new URLSearchParams() } as unknown as HttpRequest;

function withBucketInPath(request: IncomingRequest): IncomingRequest {
  const bucket = virtualBucket(request.headers.host);
  if (bucket === undefined) return request;
  const { method, query, rawQuery, headers, body } = request;
  return {
    method,
    path: `/${bucket}${request.path}`,
    query,
    rawQuery,
    headers,
    body,
    get signal() {
      return request.signal;
    },
  };
}

function missingToken(): AwsError {
  return new AwsError(
    "MissingAuthenticationToken",
    "The request must contain a signature of AWS credentials.",
    403,
  );
}

function unmapped(call: Call): AwsError {
  const request = { action: `${call.service}:${call.operation}`, resource: "*" };
  return denial(call.principal, request, { allowed: false, explicit: false, kind: "identity-based policy" });
}

function asAwsError(error: unknown, service: string | undefined, operation: string | undefined): AwsError {
  if (error instanceof AwsError) return error;
  const where = [service, operation].filter(Boolean).join(":") || "the front door";
  const what = error instanceof Error ? error.message : String(error);
  return new AwsError("InternalError", `The local cloud failed in ${where}: ${what}`, 500);
}
