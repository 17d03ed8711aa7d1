/** Serves HTTP APIs: `/_api/ID/…` on our port, or `ID.execute-api.REGION.localhost` as host. */
import { AwsError } from "../error.ts";
import type { UrlCors } from "../lambda/model.ts";
import { isPreflight, preflight, withCors } from "../lambda/url-cors.ts";
import type { Call, EdgeHandler, HttpRequest, HttpResponse, Hub } from "../service.ts";
import { type AuthorizerContext, type Exchange, executeApiArn, plain } from "./exchange.ts";
import { integrate } from "./integrate.ts";
import { jwtAuthorizer } from "./jwt.ts";
import { lambdaAuthorizer } from "./lambda-authorizer.ts";
import { type Router, router } from "./match.ts";
import type { Api, Configuration, CorsConfiguration, Stage } from "./model.ts";
import type { ApiStore } from "./store.ts";

const byPath = /^\/_api\/([a-z0-9]+)(\/.*)?$/;
const byHost = /^([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.(?:localhost|amazonaws\.com)(?::\d+)?$/i;
const bodyLimit = 10 * 1024 * 1024;

function corsOf(cors: CorsConfiguration): UrlCors {
  return {
    AllowCredentials: cors.allowCredentials,
    AllowHeaders: cors.allowHeaders,
    AllowMethods: cors.allowMethods,
    AllowOrigins: cors.allowOrigins,
    ExposeHeaders: cors.exposeHeaders,
    MaxAge: cors.maxAge,
  };
}

export function apiEdge(hub: Hub, store: ApiStore): (request: HttpRequest) => EdgeHandler | undefined {
  const checkJwt = jwtAuthorizer();
  const askFunction = lambdaAuthorizer(hub);
  const routers = new Map<string, { revision: number; configuration: Configuration; route: Router }>();

  /** What a stage serves: the API as it is, or as it was deployed. */
  function served(api: Api, stage: Stage): { configuration: Configuration; route: Router } | undefined {
    const key = `${api.apiId}/${stage.stageName}`;
    const revision = store.revision(api.apiId);
    const known = routers.get(key);
    if (known?.revision === revision) return known;
    const deployment = stage.deploymentId && store.get(api.apiId, "deployment", stage.deploymentId);
    const configuration = stage.autoDeploy
      ? store.configuration(api.apiId)
      : deployment
        ? deployment.snapshot
        : undefined;
    if (!configuration) return undefined;
    const fresh = { revision, configuration, route: router(configuration.routes) };
    routers.set(key, fresh);
    return fresh;
  }

  /** The first segment names a stage, or the path belongs to the default one. */
  function stageOf(api: Api, path: string): { stage: Stage; path: string } | undefined {
    const first = path.split("/")[1] ?? "";
    const named = first === "$default" ? undefined : store.get(api.apiId, "stage", first);
    if (named) return { stage: named, path: path.slice(first.length + 1) || "/" };
    const fallback = store.get(api.apiId, "stage", "$default");
    return fallback && { stage: fallback, path };
  }

  async function authorize(
    exchange: Exchange,
  ): Promise<{ context: AuthorizerContext | undefined } | { refusal: HttpResponse }> {
    const { call, api, match, stage, request, path } = exchange;
    const { authorizationType, authorizerId } = match.route;
    if (authorizationType === "NONE") return { context: undefined };
    if (authorizationType === "AWS_IAM") {
      const resource = executeApiArn(call, api, `${stage.stageName}/${request.method}${path}`);
      if (!call.allows({ action: "execute-api:Invoke", resource }))
        return { refusal: plain(403, "Forbidden") };
      const { principal } = call;
      const arn = principal.kind === "role" || principal.kind === "root" ? principal.arn : "";
      const identity = { accessKey: "", accountId: call.accountId, callerId: arn, userArn: arn, userId: arn };
      return { context: { iam: { ...identity, cognitoIdentity: null, principalOrgId: null } } };
    }
    const authorizer = exchange.configuration.authorizers.find((one) => one.authorizerId === authorizerId);
    if (!authorizer) return { refusal: plain(500, "Internal Server Error") };
    return await (authorizationType === "JWT" ? checkJwt : askFunction)(authorizer, exchange);
  }

  async function answer(api: Api, fullPath: string, call: Call, request: HttpRequest): Promise<HttpResponse> {
    const staged = stageOf(api, fullPath);
    if (!staged) return plain(404, "Not Found");
    const serving = served(api, staged.stage);
    const match = serving?.route(request.method, staged.path);
    if (!serving || !match) return plain(404, "Not Found");
    const host = request.headers.host ?? "";
    const exchange: Exchange = {
      call,
      request,
      api,
      stage: staged.stage,
      configuration: serving.configuration,
      match,
      rawPath: fullPath,
      path: staged.path,
      domainName: byHost.test(host)
        ? host.replace(/:\d+$/, "")
        : `${api.apiId}.execute-api.${hub.region}.localhost`,
      body: await request.body.bytes(bodyLimit),
    };
    const verdict = await authorize(exchange);
    if ("refusal" in verdict) return verdict.refusal;
    return await integrate(hub, exchange, verdict.context);
  }

  async function serve(id: string, path: string, call: Call, request: HttpRequest): Promise<HttpResponse> {
    const api = store.get(id, "api", id);
    if (!api || api.disableExecuteApiEndpoint) return plain(404, "Not Found");
    const cors = api.corsConfiguration && corsOf(api.corsConfiguration);
    if (cors && isPreflight(request)) return { ...preflight(cors, request), status: 204 };
    const response = await answer(api, path, call, request).catch((error: unknown) => {
      if (!(error instanceof AwsError)) throw error;
      return error.status === 413
        ? plain(413, "Request Entity Too Large")
        : plain(error.status, error.status === 403 ? "Forbidden" : error.message);
    });
    const identified = { ...response, headers: { ...response.headers, "apigw-requestid": call.requestId } };
    return cors ? withCors(cors, request, identified) : identified;
  }

  return (request) => {
    const host = byHost.exec(request.headers.host ?? "")?.[1];
    const path = host ? null : byPath.exec(request.path);
    const id = (host ?? path?.[1])?.toLowerCase();
    if (!id) return undefined;
    return (call, whole) => serve(id, path ? (path[2] ?? "/") : request.path, call, whole);
  };
}
