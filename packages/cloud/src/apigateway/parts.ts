/** How requests become the parts of an API: each reads what is given over what was there before. */
import { AwsError } from "../error.ts";
import { choice, flag, type Input, integer, invalid, requiredText, text, textMap, texts } from "./input.ts";
import type { Api, Authorizer, CorsConfiguration, Integration, Route, Stage } from "./model.ts";

/** What a change leaves alone keeps its value. */
function given<T extends object>(members: T): Partial<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function readCors(input: Input): CorsConfiguration | undefined {
  const value = input.corsConfiguration;
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "object") throw invalid("corsConfiguration must be a structure.");
  const cors = value as Input;
  const configuration = {
    allowCredentials: flag(cors, "allowCredentials"),
    allowHeaders: texts(cors, "allowHeaders"),
    allowMethods: texts(cors, "allowMethods"),
    allowOrigins: texts(cors, "allowOrigins"),
    exposeHeaders: texts(cors, "exposeHeaders"),
    maxAge: integer(cors, "maxAge", -1, 86_400),
  };
  if (configuration.allowCredentials && configuration.allowOrigins?.includes("*")) {
    throw invalid("allowCredentials cannot go with an allowOrigins of *.");
  }
  return configuration;
}

export function readApi(input: Input, before: Api): Api {
  if (text(input, "protocolType") === "WEBSOCKET") {
    throw new AwsError("NotImplemented", "WebSocket APIs are not part of the local cloud.", 501);
  }
  return {
    ...before,
    ...given({
      name: text(input, "name"),
      description: text(input, "description"),
      version: text(input, "version"),
      routeSelectionExpression: text(input, "routeSelectionExpression"),
      corsConfiguration: readCors(input),
      disableExecuteApiEndpoint: flag(input, "disableExecuteApiEndpoint"),
    }),
  };
}

const routeKey = /^(\$default|(ANY|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \/\S*)$/;
const pathVariable = /\{[^}]*\}/g;

function checkRouteKey(key: string): void {
  if (!routeKey.test(key)) {
    throw invalid(
      'The provided route key is not formatted properly for HTTP protocol. Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default"',
    );
  }
  const segments = key.replace(/^\S+ /, "").split("/");
  for (const [index, segment] of segments.entries()) {
    for (const variable of segment.match(pathVariable) ?? []) {
      const greedy = variable.endsWith("+}");
      if (
        variable !== segment ||
        !/^\{[\w.:-]+\+?\}$/.test(variable) ||
        (greedy && index < segments.length - 1)
      ) {
        throw invalid(
          `The provided route key ${key} is not valid: a variable fills a whole segment, a greedy one the last.`,
        );
      }
    }
  }
}

export function readRoute(input: Input, before: Route): Route {
  const route = {
    ...before,
    ...given({
      routeKey: text(input, "routeKey"),
      target: text(input, "target"),
      authorizationType: choice(input, "authorizationType", ["NONE", "JWT", "CUSTOM", "AWS_IAM"] as const),
      authorizerId: text(input, "authorizerId"),
      authorizationScopes: texts(input, "authorizationScopes"),
      apiKeyRequired: flag(input, "apiKeyRequired"),
      operationName: text(input, "operationName"),
    }),
  };
  checkRouteKey(route.routeKey);
  if (route.target && !/^integrations\/\w+$/.test(route.target)) {
    throw invalid("The target of a route must read integrations/<id>.");
  }
  if ((route.authorizationType === "JWT" || route.authorizationType === "CUSTOM") && !route.authorizerId) {
    throw invalid("AuthorizerId is required with this AuthorizationType.");
  }
  return route;
}

export function readIntegration(input: Input, before: Integration): Integration {
  for (const name of ["requestParameters", "responseParameters", "tlsConfig", "integrationSubtype"]) {
    const value = input[name];
    if (value && (typeof value !== "object" || Object.keys(value).length > 0)) {
      throw new AwsError("NotImplemented", `${name} of an integration is not part of the local cloud.`, 501);
    }
  }
  const type = text(input, "integrationType") ?? before.integrationType;
  if (type !== "AWS_PROXY" && type !== "HTTP_PROXY") {
    throw invalid(`HTTP APIs have AWS_PROXY and HTTP_PROXY integrations, not ${type || "none"}.`);
  }
  if (text(input, "connectionType") === "VPC_LINK") {
    throw new AwsError("NotImplemented", "VPC links are not part of the local cloud.", 501);
  }
  const integration = {
    ...before,
    integrationType: type,
    ...given({
      integrationUri: text(input, "integrationUri"),
      integrationMethod: text(input, "integrationMethod"),
      credentialsArn: text(input, "credentialsArn"),
      description: text(input, "description"),
      payloadFormatVersion: choice(input, "payloadFormatVersion", ["1.0", "2.0"] as const),
      timeoutInMillis: integer(input, "timeoutInMillis", 50, 30_000),
    }),
  } as Integration;
  if (type === "AWS_PROXY" && !functionArnOf(integration.integrationUri)) {
    throw invalid(`Invalid integration URI: ${integration.integrationUri || "none"} names no function.`);
  }
  if (type === "HTTP_PROXY" && !URL.canParse(integration.integrationUri.replace(pathVariable, "x"))) {
    throw invalid(`Invalid integration URI: ${integration.integrationUri || "none"} is no URL.`);
  }
  if (type === "AWS_PROXY" && input.payloadFormatVersion === undefined && !before.integrationUri) {
    throw invalid("PayloadFormatVersion is a required parameter for integration");
  }
  return integration;
}

/** The function behind an invocation URI, which may also be the function's plain ARN. */
export function functionArnOf(uri: string): string | undefined {
  const arn = /:lambda:path\/2015-03-31\/functions\/(arn:[^/]+)\/invocations$/.exec(uri)?.[1] ?? uri;
  return /^arn:[\w-]+:lambda:[\w-]+:\d{12}:function:/.test(arn) ? arn : undefined;
}

export function readAuthorizer(input: Input, before: Authorizer): Authorizer {
  const jwt = input.jwtConfiguration as Input | undefined;
  const authorizer = {
    ...before,
    ...given({
      name: text(input, "name"),
      authorizerType: choice(input, "authorizerType", ["JWT", "REQUEST"] as const),
      identitySource: texts(input, "identitySource"),
      jwtConfiguration: jwt ? { audience: texts(jwt, "audience"), issuer: text(jwt, "issuer") } : undefined,
      authorizerUri: text(input, "authorizerUri"),
      authorizerCredentialsArn: text(input, "authorizerCredentialsArn"),
      authorizerPayloadFormatVersion: choice(input, "authorizerPayloadFormatVersion", [
        "1.0",
        "2.0",
      ] as const),
      authorizerResultTtlInSeconds: integer(input, "authorizerResultTtlInSeconds", 0, 3600),
      enableSimpleResponses: flag(input, "enableSimpleResponses"),
    }),
  };
  if (authorizer.authorizerType === "JWT") {
    const issuer = authorizer.jwtConfiguration?.issuer ?? "";
    if (!URL.canParse(issuer)) throw invalid("jwtConfiguration.issuer must be the URL of a token issuer.");
  } else if (!functionArnOf(authorizer.authorizerUri ?? "")) {
    throw invalid("authorizerUri must name a Lambda function.");
  }
  for (const source of authorizer.identitySource) {
    if (!/^\$(request\.(header|querystring)\.[\w-]+|context\.[\w.]+|stageVariables\.\w+)$/.test(source)) {
      throw invalid(`Invalid identity source ${source}.`);
    }
  }
  return authorizer;
}

export function readStage(input: Input, before: Stage, now: string): Stage {
  const stage = {
    ...before,
    lastUpdatedDate: now,
    ...given({
      autoDeploy: flag(input, "autoDeploy"),
      deploymentId: text(input, "deploymentId"),
      description: text(input, "description"),
      stageVariables: textMap(input, "stageVariables"),
      accessLogSettings: input.accessLogSettings,
      defaultRouteSettings: input.defaultRouteSettings,
      routeSettings: input.routeSettings,
    }),
  };
  if (!/^(\$default|[\w-]{1,128})$/.test(stage.stageName)) {
    throw invalid("Stage name only allows a-zA-Z0-9_- , or $default.");
  }
  return stage;
}

/** Names a new API. */
export function newApi(input: Input, apiId: string, now: string): Api {
  return readApi(input, {
    apiId,
    name: requiredText(input, "name"),
    protocolType: "HTTP",
    routeSelectionExpression: "$request.method $request.path",
    apiKeySelectionExpression: "$request.header.x-api-key",
    disableExecuteApiEndpoint: false,
    createdDate: now,
    tags: textMap(input, "tags") ?? {},
  });
}

/** What an integration is before its request is read. */
export function emptyIntegration(integrationId: string) {
  return {
    integrationId,
    integrationType: "" as "AWS_PROXY",
    integrationUri: "",
    connectionType: "INTERNET",
    payloadFormatVersion: "1.0" as const,
    timeoutInMillis: 30_000,
  };
}
