/** AWS Query: form parameters in, XML out (IAM, STS, SNS, and SQS for old clients). */
import { AwsError } from "../error.ts";
import type { HttpRequest, Protocol } from "../service.ts";
import { queryCode } from "./codes.ts";
import { xml } from "./rest-xml.ts";

export type QueryInput = Readonly<Record<string, string>>;

export interface QueryProtocolOptions {
  /** The namespace of the answers: `https://iam.amazonaws.com/doc/2010-05-08/`. */
  readonly xmlns: string;
  /** The code of a denial; `AccessDenied` unless the service differs (SNS: `AuthorizationError`). */
  readonly denialCode?: string;
  /** Translates an operation's error code, for services whose JSON and Query names differ. */
  readonly errorCode?: (code: string) => string;
  /** Reshapes an output before it is written as XML, for services whose JSON and Query shapes differ. */
  readonly result?: (operation: string, output: unknown) => unknown;
  /** Turns the flat parameters into the operation's input; default: they are the input. */
  readonly input?: (operation: string, parameters: QueryInput) => unknown;
}

export function queryProtocol(options: QueryProtocolOptions): Protocol {
  return {
    async parse(request) {
      const parameters = await readParameters(request);
      const operation = parameters.Action;
      if (!operation) throw new AwsError("MissingAction", "The request has no Action parameter.");
      return { operation, input: options.input ? options.input(operation, parameters) : parameters };
    },
    success(output, call) {
      const shaped = options.result ? options.result(call.operation, output) : output;
      const response: Record<string, unknown> = {};
      if (shaped !== undefined) response[`${call.operation}Result`] = shaped;
      response.ResponseMetadata = { RequestId: call.requestId };
      return {
        status: 200,
        headers: { "content-type": "text/xml", "x-amzn-requestid": call.requestId },
        body: xml(`${call.operation}Response`, response, { xmlns: options.xmlns }),
      };
    },
    failure(error, { requestId }) {
      const code =
        error.code === "AccessDenied"
          ? (options.denialCode ?? "AccessDenied")
          : queryCode(options.errorCode ? options.errorCode(error.code) : error.code);
      const body = {
        Error: { Type: error.status >= 500 ? "Receiver" : "Sender", Code: code, Message: error.message },
        RequestId: requestId,
      };
      return {
        status: error.status,
        headers: { "content-type": "text/xml", "x-amzn-requestid": requestId },
        body: xml("ErrorResponse", body, { xmlns: options.xmlns }),
      };
    },
  };
}

async function readParameters(request: HttpRequest): Promise<QueryInput> {
  // No prototype: parameter names are the client's choice.
  const parameters: Record<string, string> = Object.create(null);
  for (const [name, value] of request.query) parameters[name] = value;
  if (request.method === "POST") {
    const text = (await request.body.bytes()).toString("utf8");
    for (const [name, value] of new URLSearchParams(text)) parameters[name] = value;
  }
  return parameters;
}

/** A list of plain values: `members(input, "TagKeys.member")` reads `TagKeys.member.1`, `.2`, … */
export function members(input: QueryInput, prefix: string): string[] {
  const found: string[] = [];
  for (let index = 1; ; index++) {
    const value = input[`${prefix}.${index}`];
    if (value === undefined) return found;
    found.push(value);
  }
}

/** A list of structures: `Tags.member.1.Key`, `Tags.member.1.Value`, … gives `[{ Key, Value }]`. */
export function structures(input: QueryInput, prefix: string): Record<string, string>[] {
  const found = new Map<number, Record<string, string>>();
  const start = `${prefix}.`;
  for (const name of Object.keys(input)) {
    if (!name.startsWith(start)) continue;
    const dot = name.indexOf(".", start.length);
    const index = Number(dot < 0 ? Number.NaN : name.slice(start.length, dot));
    const value = input[name];
    if (!Number.isInteger(index) || value === undefined) continue;
    let record = found.get(index);
    if (!record) {
      record = Object.create(null) as Record<string, string>;
      found.set(index, record);
    }
    record[name.slice(dot + 1)] = value;
  }
  return [...found].sort(([a], [b]) => a - b).map(([, record]) => record);
}

/** A map: `Attributes.entry.1.key`, `.value`. SQS says `Attribute.1.Name`, `.Value`: name the two parts. */
export function entries(
  input: QueryInput,
  prefix: string,
  parts: { readonly key: string; readonly value: string } = { key: "key", value: "value" },
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const record of structures(input, prefix)) {
    const key = record[parts.key];
    if (key !== undefined && key !== "__proto__") found[key] = record[parts.value] ?? "";
  }
  return found;
}
