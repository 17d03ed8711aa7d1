/** AWS JSON 1.0 and 1.1: the operation in `x-amz-target`, one JSON document each way. */
import { AwsError } from "../error.ts";
import type { HttpRequest, Protocol } from "../service.ts";
import { isDoorCode, jsonCode } from "./codes.ts";

export interface JsonProtocolOptions {
  readonly version: "1.0" | "1.1";
  /** What stands before the `#` of an error's `__type`: `com.amazonaws.dynamodb.v20120810`. */
  readonly namespace: string;
  /** What stands before the `.` of `x-amz-target`: `DynamoDB_20120810`. */
  readonly targetPrefix: string;
  /** The status of a denial; 400 unless the service differs (SQS: 403). */
  readonly denialStatus?: number;
  /** Sends `x-amzn-query-error`, as services do that once spoke Query; a function translates the code. */
  readonly queryErrorHeader?: boolean | ((code: string) => string);
  /** The largest request body, in bytes. */
  readonly bodyLimit?: number;
}

/** A request's JSON body; an empty one is `{}`. */
export async function readJson(request: HttpRequest, limit?: number): Promise<Record<string, unknown>> {
  const text = (await request.body.bytes(limit)).toString("utf8");
  if (text === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AwsError("SerializationException", "The request body is not valid JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new AwsError("SerializationException", "Start of structure or map found where not expected.");
  }
  return value as Record<string, unknown>;
}

export function jsonProtocol(options: JsonProtocolOptions): Protocol {
  const contentType = `application/x-amz-json-${options.version}`;
  const prefix = `${options.targetPrefix}.`;
  const translate = typeof options.queryErrorHeader === "function" ? options.queryErrorHeader : String;
  return {
    async parse(request) {
      const target = request.headers["x-amz-target"];
      if (!target?.startsWith(prefix)) {
        const said = target
          ? `“${target}” is not one of ${options.targetPrefix}`
          : "There is no x-amz-target header";
        throw new AwsError("UnknownOperationException", `${said}.`, 404);
      }
      return { operation: target.slice(prefix.length), input: await readJson(request, options.bodyLimit) };
    },
    success(output, call) {
      return {
        status: 200,
        headers: { "content-type": contentType, "x-amzn-requestid": call.requestId },
        body: output === undefined ? "{}" : JSON.stringify(output),
      };
    },
    failure(error, { requestId }) {
      const fromDoor = isDoorCode(error.code);
      const code = jsonCode(error.code);
      const namespace = fromDoor ? "com.amazon.coral.service" : options.namespace;
      const headers: Record<string, string> = { "content-type": contentType, "x-amzn-requestid": requestId };
      if (options.queryErrorHeader) {
        const blame = error.status >= 500 ? "Receiver" : "Sender";
        headers["x-amzn-query-error"] = `${fromDoor ? error.code : translate(error.code)};${blame}`;
      }
      const status = fromDoor && error.status < 500 ? (options.denialStatus ?? 400) : error.status;
      return {
        status,
        headers,
        body: JSON.stringify({ __type: `${namespace}#${code}`, message: error.message, ...error.fields }),
      };
    },
  };
}
