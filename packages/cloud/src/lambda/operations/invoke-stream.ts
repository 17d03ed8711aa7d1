/** `InvokeWithResponseStream`: what a handler writes, as it writes it. */
import { PassThrough, type Readable } from "node:stream";
import { encodeEvent } from "../../protocol/event-stream.ts";
import { type Operation, operation } from "../../service.ts";
import type { FunctionError, InvocationResult } from "../invocation.ts";
import type { Invoker } from "../invoker.ts";
import { onFunction, type Room, referenceOf, resolveVersion } from "../room.ts";
import { type InvokeInput, REQUEST_LIMIT, readOptions, readPayload } from "./invoke.ts";

export function invokeStreamOperations(room: Room, run: Invoker["run"]): Record<string, Operation> {
  return {
    InvokeWithResponseStream: operation<InvokeInput, object>({
      // There is no permission of its own: whoever may invoke may stream.
      access: onFunction(room.hub, "InvokeFunction"),
      async run(input, call) {
        const { type, logType, clientContext } = readOptions(input, call);
        const reference = referenceOf(input);
        const target = resolveVersion(room, reference);
        const payload = await readPayload(input, call, REQUEST_LIMIT);
        if (type === "DryRun") return { $status: 204, $headers: head(target.version), $body: "" };
        const out = new PassThrough();
        const answer = { $status: 200, $headers: head(target.version), $body: out };
        return new Promise<object>((resolve, reject) => {
          const work = { reference, requestId: call.requestId, payload, clientContext };
          const onStream = (_contentType: string, body: Readable) => {
            forward(body, out);
            resolve(answer);
          };
          run(target, { ...work, onStream }).then((result) => {
            if (!result.streamed) {
              if (!result.error) out.write(chunk(result.payload));
              resolve(answer);
            }
            out.end(complete(result, logType === "Tail"));
          }, reject);
        });
      },
    }),
  };
}

function head(version: string): Record<string, string> {
  return {
    "content-type": "application/vnd.amazon.eventstream",
    "x-amz-executed-version": version,
  };
}

/** Reads no faster than the client does; the end is written when the invocation's result is known. */
function forward(body: Readable, out: PassThrough): void {
  body.on("data", (bytes: Buffer) => {
    if (out.destroyed) return;
    if (!out.write(chunk(bytes))) {
      body.pause();
      out.once("drain", () => body.resume());
    }
  });
  // Nobody listens any more: let the handler finish.
  out.once("close", () => body.resume());
}

function chunk(payload: Uint8Array): Buffer {
  return encodeEvent(
    { ":message-type": "event", ":event-type": "PayloadChunk", ":content-type": "application/octet-stream" },
    payload,
  );
}

function complete(result: InvocationResult, withLog: boolean): Buffer {
  const members = {
    ...(result.error ? { ErrorCode: "Unhandled", ErrorDetails: details(result.error) } : {}),
    ...(withLog ? { LogResult: Buffer.from(result.log).toString("base64") } : {}),
  };
  return encodeEvent(
    { ":message-type": "event", ":event-type": "InvokeComplete", ":content-type": "application/json" },
    Buffer.from(JSON.stringify(members)),
  );
}

function details({ errorType, errorMessage, stackTrace }: FunctionError): string {
  return JSON.stringify({ errorType, errorMessage, ...(stackTrace ? { trace: stackTrace } : {}) });
}
