import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import { type ComponentResourceOptions, type Input, interpolate, type Output } from "@pulumi/pulumi";
import { BowlineError } from "../../error.ts";
import { Link } from "../../link/link.ts";
import type { LinkItem } from "../../link/linkable.ts";
import { Component, type Transform, transformed } from "../component.ts";
import { type FunctionArgs, Function as LambdaFunction } from "./function.ts";

export interface ApiGatewayV2Args {
  /** Which browsers may call it. Default: any. */
  readonly cors?: boolean | aws.types.input.apigatewayv2.ApiCorsConfiguration;
  /** What every route's function is linked to, besides its own links. */
  readonly link?: readonly LinkItem[];
  readonly transform?: {
    readonly api?: Transform<aws.apigatewayv2.ApiArgs>;
  };
}

export interface ApiGatewayV2RouteArgs {
  /** Who may call it. Default: everyone. */
  readonly auth?: {
    /** Callers sign with AWS credentials. */
    readonly iam?: boolean;
    readonly jwt?: {
      readonly issuer: Input<string>;
      readonly audiences: readonly Input<string>[];
      readonly scopes?: readonly Input<string>[];
    };
  };
  readonly transform?: {
    readonly integration?: Transform<aws.apigatewayv2.IntegrationArgs>;
    readonly route?: Transform<aws.apigatewayv2.RouteArgs>;
  };
}

const TYPE = "bowline:aws:ApiGatewayV2";
const METHODS = new Set(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"]);

/**
 * An HTTP API.
 *
 * @example
 * const api = new aws.ApiGatewayV2("Api");
 * api.route("POST /orders", { handler: "src/orders.create", link: [orders] });
 * api.route("GET /orders/{id}", { handler: "src/orders.get", link: [orders.link("read")] });
 */
export class ApiGatewayV2 extends Component {
  readonly nodes: { readonly api: aws.apigatewayv2.Api };
  readonly #args: ApiGatewayV2Args;
  /** The name of each route's function, by route. */
  readonly #routes = new Map<string, string>();

  constructor(name: string, args: ApiGatewayV2Args = {}, options?: ComponentResourceOptions) {
    super(TYPE, name, options);
    this.#args = args;
    const parent = { parent: this };
    const api = new aws.apigatewayv2.Api(
      name,
      transformed(args.transform?.api, name, { protocolType: "HTTP", ...corsOf(args.cors ?? true) }),
      parent,
    );
    this.nodes = { api };
    new aws.apigatewayv2.Stage(name, { apiId: api.id, name: "$default", autoDeploy: true }, parent);
    this.registerLinkable({ url: this.url });
  }

  get url(): Output<string> {
    return this.nodes.api.apiEndpoint;
  }

  /** Tells a consumer where it is. Calling it takes no permission. */
  link(): Link<{ url: string }> {
    return new Link({ name: this.logicalName, type: TYPE, properties: { url: this.url } });
  }

  /** Answers a method and path, such as `GET /orders/{id}`, with a function. `$default` is all that no route answers. */
  route(
    route: string,
    handler: string | FunctionArgs | LambdaFunction,
    args: ApiGatewayV2RouteArgs = {},
  ): LambdaFunction {
    const key = routeKey(this.logicalName, route);
    if (this.#routes.has(key)) {
      throw new BowlineError("route-taken", `${this.logicalName} has the route "${key}" twice.`, {
        hint: "Remove one of them.",
      });
    }
    const own = routeName(key, new Set(this.#routes.values()));
    this.#routes.set(key, own);
    const name = this.logicalName + own;
    const parent = { parent: this };
    const made = handler instanceof LambdaFunction ? handler : this.#function(name, handler, parent);
    const allowed = new aws.lambda.Permission(
      `${name}Access`,
      {
        function: made.name,
        action: "lambda:InvokeFunction",
        principal: "apigateway.amazonaws.com",
        sourceArn: interpolate`${this.nodes.api.executionArn}/*`,
      },
      parent,
    );
    const integration = new aws.apigatewayv2.Integration(
      name,
      transformed(args.transform?.integration, name, {
        apiId: this.nodes.api.id,
        integrationType: "AWS_PROXY",
        integrationUri: made.arn,
        payloadFormatVersion: "2.0",
      }),
      { ...parent, dependsOn: [allowed] },
    );
    new aws.apigatewayv2.Route(
      name,
      transformed(args.transform?.route, name, {
        apiId: this.nodes.api.id,
        routeKey: key,
        target: interpolate`integrations/${integration.id}`,
        ...this.#authorization(name, args.auth, parent),
      }),
      parent,
    );
    return made;
  }

  #function(name: string, handler: string | FunctionArgs, options: ComponentResourceOptions): LambdaFunction {
    const args = typeof handler === "string" ? { handler } : handler;
    return new LambdaFunction(
      name,
      { ...args, link: [...(this.#args.link ?? []), ...(args.link ?? [])] },
      options,
    );
  }

  #authorization(
    name: string,
    auth: ApiGatewayV2RouteArgs["auth"],
    options: ComponentResourceOptions,
  ): Partial<aws.apigatewayv2.RouteArgs> {
    if (auth?.iam) return { authorizationType: "AWS_IAM" };
    if (!auth?.jwt) return {};
    const authorizer = new aws.apigatewayv2.Authorizer(
      name,
      {
        apiId: this.nodes.api.id,
        authorizerType: "JWT",
        identitySources: ["$request.header.Authorization"],
        jwtConfiguration: { issuer: auth.jwt.issuer, audiences: [...auth.jwt.audiences] },
      },
      options,
    );
    return {
      authorizationType: "JWT",
      authorizerId: authorizer.id,
      ...(auth.jwt.scopes ? { authorizationScopes: [...auth.jwt.scopes] } : {}),
    };
  }
}

function corsOf(cors: NonNullable<ApiGatewayV2Args["cors"]>): Partial<aws.apigatewayv2.ApiArgs> {
  if (cors === false) return {};
  if (cors !== true) return { corsConfiguration: cors };
  return { corsConfiguration: { allowHeaders: ["*"], allowMethods: ["*"], allowOrigins: ["*"] } };
}

/** `get /orders` as API Gateway has it: `GET /orders`. */
function routeKey(api: string, route: string): string {
  if (route === "$default") return route;
  const [, method = "", path = ""] = /^([A-Za-z]+)\s+(\/\S*)$/.exec(route.trim()) ?? [];
  if (METHODS.has(method.toUpperCase())) return `${method.toUpperCase()} ${path}`;
  throw new BowlineError("bad-route", `${api}: the route ${JSON.stringify(route)} is none.`, {
    hint: 'Write method and path: "GET /orders", "ANY /{proxy+}"; or "$default".',
  });
}

/** `GetOrdersId` for `GET /orders/{id}`; the hash keeps routes apart that would come to one name. */
function routeName(key: string, taken: ReadonlySet<string>): string {
  if (key === "$default") return "Default";
  const [method = "", path = ""] = key.split(" ");
  const words = [method.toLowerCase(), ...path.split(/[^A-Za-z0-9]+/).filter(Boolean)];
  const name = words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
  return taken.has(name) ? name + createHash("sha256").update(key).digest("hex").slice(0, 6) : name;
}
