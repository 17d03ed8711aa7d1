/** Running functions: at once, later, or not at all. */

import { AwsError } from "../../error.ts";
import type { Call, HttpRequest, Operation } from "../../service.ts";
import { operation } from "../../service.ts";
import { invalid } from "../errors.ts";
import type { Invoker } from "../invoker.ts";
import { type FunctionInput, onFunction, type Room, referenceOf, resolveVersion } from "../room.ts";

/** `Invoke` as other services call it in process; over HTTP the same is in headers and body. */
export interface InvokeInput extends FunctionInput {
  readonly InvocationType?: unknown;
  readonly LogType?: unknown;
  /** Base64 of JSON. */
  readonly ClientContext?: unknown;
  readonly Payload?: unknown;
}

/** What `Invoke` answers to other services in process. */
export interface InvokeOutput {
  readonly StatusCode: number;
  readonly ExecutedVersion: string;
  readonly Payload: Buffer;
  readonly FunctionError?: string;
  readonly LogResult?: string;
}

export const REQUEST_LIMIT = 6_291_456;
const EVENT_LIMIT = 1_048_576;

export function invokeOperations(room: Room, invoker: Invoker): Record<string, Operation> {
  return {
    Invoke: operation<InvokeInput, InvokeOutput>({
      access: onFunction(room.hub, "InvokeFunction"),
      async run(input, call) {
        const { type, logType, clientContext } = readOptions(input, call);
        const reference = referenceOf(input);
        const target = resolveVersion(room, reference);
        const payload = await readPayload(input, call, type === "Event" ? EVENT_LIMIT : REQUEST_LIMIT);
        if (type === "DryRun") return answer(204, target.version, Buffer.alloc(0));
        if (type === "Event") {
          invoker.enqueue({ reference, requestId: call.requestId, payload, clientContext });
          return answer(202, target.version, Buffer.alloc(0));
        }
        const result = await invoker.run(target, {
          reference,
          requestId: call.requestId,
          payload,
          clientContext,
        });
        const extras = {
          ...(result.error ? { FunctionError: "Unhandled" } : {}),
          ...(logType === "Tail" ? { LogResult: Buffer.from(result.log).toString("base64") } : {}),
        };
        return answer(200, target.version, result.payload, extras);
      },
    }),

    InvokeAsync: operation<InvokeInput, object>({
      access: onFunction(room.hub, "InvokeFunction"),
      async run(input, call) {
        const reference = referenceOf(input);
        resolveVersion(room, reference);
        const payload = await readPayload(input, call, EVENT_LIMIT);
        invoker.enqueue({ reference, requestId: call.requestId, payload, clientContext: undefined });
        return { $status: 202, Status: 202 };
      },
    }),
  };
}

function answer(
  status: number,
  version: string,
  payload: Buffer,
  extras: { FunctionError?: string; LogResult?: string } = {},
): InvokeOutput {
  const http = {
    $status: status,
    $headers: {
      "content-type": "application/json",
      "x-amz-executed-version": version,
      ...(extras.FunctionError ? { "x-amz-function-error": extras.FunctionError } : {}),
      ...(extras.LogResult ? { "x-amz-log-result": extras.LogResult } : {}),
    },
    $body: payload,
  };
  return { StatusCode: status, ExecutedVersion: version, Payload: payload, ...extras, ...http };
}

export function readOptions(input: InvokeInput, call: Call) {
  const headers = call.request?.headers ?? {};
  const type = String(input.InvocationType ?? headers["x-amz-invocation-type"] ?? "RequestResponse");
  if (!["RequestResponse", "Event", "DryRun"].includes(type)) {
    throw invalid(
      `1 validation error detected: Value '${type}' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]`,
    );
  }
  const logType = String(input.LogType ?? headers["x-amz-log-type"] ?? "None");
  const encoded = input.ClientContext ?? headers["x-amz-client-context"];
  const clientContext = encoded === undefined ? undefined : readClientContext(String(encoded));
  return { type, logType, clientContext };
}

function readClientContext(encoded: string): string {
  const text = Buffer.from(encoded, "base64").toString();
  try {
    // One line: it travels to the runtime as a header.
    return JSON.stringify(JSON.parse(text));
  } catch {
    throw new AwsError(
      "InvalidRequestContentException",
      "Client context must be a valid Base64-encoded JSON object.",
    );
  }
}

export async function readPayload(input: InvokeInput, call: Call, limit: number): Promise<Uint8Array> {
  const payload = call.request ? await bodyOf(call.request, limit) : given(input.Payload);
  if (payload.length > limit) throw tooLarge(payload.length, limit);
  if (payload.length === 0) return EMPTY;
  try {
    JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString());
  } catch (error) {
    throw new AwsError(
      "InvalidRequestContentException",
      `Could not parse request body into json: ${(error as Error).message}`,
    );
  }
  return payload;
}

const EMPTY = Buffer.from("{}");

async function bodyOf(request: HttpRequest, limit: number): Promise<Uint8Array> {
  if (request.body.length !== undefined && request.body.length > limit)
    throw tooLarge(request.body.length, limit);
  return request.body.bytes(limit + 1);
}

function given(payload: unknown): Uint8Array {
  if (payload instanceof Uint8Array) return payload;
  if (payload === undefined) return EMPTY;
  return Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload));
}

function tooLarge(size: number, limit: number): AwsError {
  return new AwsError(
    "RequestTooLargeException",
    `${size} byte payload is too large for the invocation type (limit ${limit} bytes)`,
    413,
    { Type: "User" },
  );
}
