/** A small signed client for AWS's own protocols: what the SDK does, without its start-up time. */
import { OutcomeUnknownError } from "@bowline/engine";
import { AwsV4Signer } from "aws4fetch";
import { parseXml, type Xml } from "./xml.ts";

export interface ClientOptions {
  /** One for all services, as a local cloud has it, or one for each. */
  readonly endpoint: string | ((service: string) => string);
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** An error as the service answered it. */
export class AwsRequestError extends Error {
  override readonly name = "AwsRequestError";
  /** The code without namespace or `Exception` decoration: as AWS documents it. */
  readonly code: string;
  readonly status: number;

  constructor(operation: string, code: string, message: string, status: number) {
    super(`${operation}: ${code}${message ? `: ${message}` : ""}`);
    this.code = code;
    this.status = status;
  }
}

/** Whether an error is one of these AWS codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof AwsRequestError && codes.includes(error.code);
}

export type Json = Readonly<Record<string, unknown>>;

export interface RestCall {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Client {
  /** JSON-RPC: DynamoDB, SQS, EventBridge, SSM, Logs, KMS, Kinesis. */
  json<Output = Json>(api: JsonApi, operation: string, input: object): Promise<Output>;
  /** REST-JSON: Lambda, API Gateway v2, Scheduler. */
  restJson<Output = Json>(
    service: string,
    method: string,
    path: string,
    input?: object,
    query?: RestCall["query"],
  ): Promise<Output>;
  /** Query: IAM, SNS, STS. Answers what is inside `<…Result>`. */
  query(api: QueryApi, action: string, input: Readonly<Record<string, unknown>>): Promise<Xml>;
  /** REST-XML: S3. Any status below 300 is an answer, all else an error. */
  s3(operation: string, method: string, path: string, call?: RestCall): Promise<RestAnswer>;
}

const jsonApis = {
  dynamodb: { service: "dynamodb", target: "DynamoDB_20120810", version: "1.0" },
  sqs: { service: "sqs", target: "AmazonSQS", version: "1.0" },
  events: { service: "events", target: "AWSEvents", version: "1.1" },
  ssm: { service: "ssm", target: "AmazonSSM", version: "1.1" },
  logs: { service: "logs", target: "Logs_20140328", version: "1.1" },
  kms: { service: "kms", target: "TrentService", version: "1.1" },
  kinesis: { service: "kinesis", target: "Kinesis_20131202", version: "1.1" },
} as const;
export type JsonApi = keyof typeof jsonApis;

const queryApis = { iam: "2010-05-08", sns: "2010-03-31", sts: "2011-06-15" } as const;
export type QueryApi = keyof typeof queryApis;

export function awsClient(options: ClientOptions): Client {
  const signingKeys = new Map<string, ArrayBuffer>();

  async function send(
    service: string,
    operation: string,
    method: string,
    path: string,
    call: RestCall,
  ): Promise<RestAnswer> {
    const { endpoint: where } = options;
    const endpoint = typeof where === "string" ? where : where(service);
    const url = new URL(endpoint + path);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const signed = await new AwsV4Signer({
      ...options.credentials,
      method,
      url: url.toString(),
      headers: { ...call.headers },
      body: call.body,
      service,
      region: options.region,
      cache: signingKeys,
    }).sign();
    const response = await fetch(signed.url, { method, headers: signed.headers, body: call.body }).catch(
      (cause: unknown) => {
        const message = `${operation}: ${connectionProblem(cause)} at ${endpoint}.`;
        throw new OutcomeUnknownError(message, { cause });
      },
    );
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  return {
    async json<Output>(api: JsonApi, operation: string, input: object) {
      const { service, target, version } = jsonApis[api];
      const name = `${service}:${operation}`;
      const answer = await send(service, name, "POST", "/", {
        headers: {
          "content-type": `application/x-amz-json-${version}`,
          "x-amz-target": `${target}.${operation}`,
        },
        body: JSON.stringify(input),
      });
      return jsonOutput(name, answer) as Output;
    },

    async restJson<Output>(
      service: string,
      method: string,
      path: string,
      input?: object,
      query?: RestCall["query"],
    ) {
      const name = `${service}:${method} ${path}`;
      const body =
        input === undefined
          ? {}
          : { body: JSON.stringify(input), headers: { "content-type": "application/json" } };
      return jsonOutput(name, await send(service, name, method, path, { ...body, query })) as Output;
    },

    async query(api, action, input) {
      const name = `${api}:${action}`;
      const answer = await send(api, name, "POST", "/", {
        headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
        body: new URLSearchParams([
          ["Action", action],
          ["Version", queryApis[api]],
          ...formFields(input),
        ]).toString(),
      });
      const document = parseXml(answer.text);
      if (answer.status >= 300) throw xmlError(name, answer, document.at("ErrorResponse").at("Error"));
      return document.at(`${action}Response`).at(`${action}Result`);
    },

    async s3(operation, method, path, call = {}) {
      const name = `s3:${operation}`;
      const answer = await send("s3", name, method, path, call);
      if (answer.status >= 300) throw xmlError(name, answer, parseXml(answer.text).at("Error"));
      return answer;
    },
  };
}

/** `fetch` says only that it failed; why is in what caused it. */
function connectionProblem(error: unknown): string {
  const { code } = Object((error as { cause?: unknown } | undefined)?.cause) as { code?: string };
  if (code === "ECONNREFUSED") return "nothing listens (is the local cloud still running?)";
  return `the connection broke (${code ?? String(error)})`;
}

function jsonOutput(operation: string, answer: RestAnswer): unknown {
  const body = answer.text === "" ? {} : parseJson(answer.text);
  if (answer.status < 300) return body;
  const { __type, code, message, Message } = body as Record<string, string | undefined>;
  const type =
    answer.headers.get("x-amzn-query-error")?.split(";")[0] ??
    answer.headers.get("x-amzn-errortype") ??
    __type ??
    code;
  const name = type?.replace(/^.*#/, "").replace(/:.*$/, "") || `HTTP${answer.status}`;
  throw new AwsRequestError(operation, name, message ?? Message ?? "", answer.status);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.slice(0, 200) };
  }
}

function xmlError(operation: string, answer: RestAnswer, error: Xml): AwsRequestError {
  // A HEAD has no body to say what is wrong.
  const fallback = answer.status === 404 ? "NotFound" : `HTTP${answer.status}`;
  return new AwsRequestError(
    operation,
    error.at("Code").text ?? fallback,
    error.at("Message").text ?? "",
    answer.status,
  );
}

/** AWS's query form: lists as `Name.member.1`, maps as `Name.entry.1.key`. */
function formFields(input: Readonly<Record<string, unknown>>, prefix = ""): [string, string][] {
  return Object.entries(input).flatMap(([key, value]): [string, string][] => {
    const name = prefix + key;
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) {
      return value.flatMap((item, index) => formFields({ [`${name}.member.${index + 1}`]: item }));
    }
    if (value instanceof Map) {
      return [...value].flatMap(([entryKey, entryValue], index) =>
        formFields({ key: entryKey, value: entryValue }, `${name}.entry.${index + 1}.`),
      );
    }
    return typeof value === "object"
      ? formFields(value as Record<string, unknown>, `${name}.`)
      : [[name, String(value)]];
  });
}
