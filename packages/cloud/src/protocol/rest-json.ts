/** REST JSON: the operation in method and path, members in path, query and JSON body (Lambda, API Gateway). */
import type { Readable } from "node:stream";
import { AwsError } from "../error.ts";
import type { HttpRequest, Protocol } from "../service.ts";
import { jsonCode } from "./codes.ts";
import { readJson } from "./json.ts";

export interface Route {
  readonly method: string;
  /** `/2015-03-31/functions/{FunctionName}`; `{Name+}` takes the rest of the path, slashes included. */
  readonly pattern: string;
  readonly operation: string;
  /** Names query parameters after the members they stand for, where the two differ: `{ MaxItems: "Limit" }`. */
  readonly query?: Readonly<Record<string, string>>;
  /** Query parameters that tell it from another operation on the same path: `{ find: "LayerVersion" }`. */
  readonly when?: Readonly<Record<string, string>>;
  /** Leaves the body unread: the operation reads `call.request.body` itself. */
  readonly rawBody?: boolean;
}

export interface RestJsonOptions {
  readonly routes: readonly Route[];
  /** The status of a success, per operation; 200 where none is named. */
  readonly status?: Readonly<Record<string, number>>;
}

/** Members of an output that shape the response itself. */
export interface RestOutput {
  readonly $status?: number;
  readonly $headers?: Readonly<Record<string, string>>;
  /** Sent as it is, in place of the JSON of the other members. */
  readonly $body?: string | Uint8Array | Readable;
}

interface CompiledRoute extends Route {
  readonly expression: RegExp;
  readonly names: readonly string[];
  readonly literals: number;
}

function compile(route: Route): CompiledRoute {
  const names: string[] = [];
  let literals = 0;
  const source = route.pattern
    .replace(/\/$/, "")
    .split("/")
    .map((segment) => {
      const variable = /^\{([^}+]+)(\+?)\}$/.exec(segment);
      if (!variable) {
        literals++;
        return segment.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      }
      names.push(variable[1] ?? "");
      return variable[2] ? "(.+)" : "([^/]+)";
    })
    .join("/");
  const conditions = Object.keys(route.when ?? {}).length;
  return { ...route, expression: new RegExp(`^${source}/?$`), names, literals: literals + conditions };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new AwsError("ValidationException", `The path segment “${segment}” is not valid percent-encoding.`);
  }
}

function isMeant({ when }: Route, { query }: HttpRequest): boolean {
  return when === undefined || Object.entries(when).every(([name, value]) => query.get(name) === value);
}

export function restJsonProtocol(options: RestJsonOptions): Protocol {
  const routes = options.routes.map(compile).sort((a, b) => b.literals - a.literals);
  return {
    async parse(request) {
      for (const route of routes) {
        if (route.method !== request.method || !isMeant(route, request)) continue;
        const match = route.expression.exec(request.path);
        if (match) return { operation: route.operation, input: await readInput(route, match, request) };
      }
      throw new AwsError(
        "UnknownOperationException",
        `There is no operation at ${request.method} ${request.path}.`,
        404,
      );
    },
    success(output, call) {
      const { $status, $headers, $body, ...members } = (output ?? {}) as RestOutput & Record<string, unknown>;
      const status = $status ?? options.status?.[call.operation] ?? 200;
      const headers = { "x-amzn-requestid": call.requestId };
      if ($body !== undefined) return { status, headers: { ...headers, ...$headers }, body: $body };
      if (status === 204) return { status, headers: { ...headers, ...$headers } };
      return {
        status,
        headers: { "content-type": "application/json", ...headers, ...$headers },
        body: JSON.stringify(members),
      };
    },
    failure(error, { requestId }) {
      const code = jsonCode(error.code);
      return {
        status: error.status,
        headers: {
          "content-type": "application/json",
          "x-amzn-requestid": requestId,
          "x-amzn-errortype": code,
        },
        body: JSON.stringify({
          Type: error.status >= 500 ? "Service" : "User",
          message: error.message,
          Message: error.message,
          ...error.fields,
        }),
      };
    },
  };
}

async function readInput(
  route: CompiledRoute,
  match: RegExpExecArray,
  request: HttpRequest,
): Promise<unknown> {
  const input: Record<string, unknown> = {};
  for (const name of new Set(request.query.keys())) {
    if (name.startsWith("X-Amz-") || name === "__proto__") continue;
    const values = request.query.getAll(name);
    input[route.query?.[name] ?? name] = values.length > 1 ? values : values[0];
  }
  if (!route.rawBody) {
    const body = await readJson(request);
    for (const [name, value] of Object.entries(body)) if (name !== "__proto__") input[name] = value;
  }
  route.names.forEach((name, index) => {
    input[name] = decode(match[index + 1] ?? "");
  });
  return input;
}
