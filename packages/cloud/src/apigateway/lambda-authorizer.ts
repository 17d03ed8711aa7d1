/** Lambda authorizers: a function decides, with a yes or no or with a policy; what it said can be kept for a while. */
import { compilePolicy, evaluate } from "../iam/evaluate.ts";
import { readPolicy } from "../iam/validate.ts";
import type { HttpResponse, Hub } from "../service.ts";
import { callFunction } from "./call-function.ts";
import { eventV1, eventV2 } from "./event.ts";
import { type AuthorizerContext, type Exchange, executeApiArn, identityValue, plain } from "./exchange.ts";
import type { Authorizer } from "./model.ts";
import { functionArnOf } from "./parts.ts";

interface Verdict {
  readonly allowed: (resource: string) => boolean;
  readonly context: AuthorizerContext;
}

interface Kept {
  readonly verdict: Verdict;
  readonly until: number;
}

const mostKept = 10_000;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads what the function returned; undefined when it makes no sense. */
function readVerdict(value: unknown, simple: boolean): Verdict | undefined {
  if (!isRecord(value)) return undefined;
  const context = isRecord(value.context) ? value.context : {};
  if (simple) {
    if (typeof value.isAuthorized !== "boolean") return undefined;
    const { isAuthorized } = value;
    return { allowed: () => isAuthorized, context };
  }
  if (typeof value.principalId !== "string" || !isRecord(value.policyDocument)) return undefined;
  const { principalId } = value;
  try {
    const policy = compilePolicy(readPolicy(JSON.stringify(value.policyDocument), "identity"), "authorizer");
    return {
      context: { ...context, principalId },
      allowed: (resource) =>
        evaluate({
          principal: { kind: "root", arn: principalId, accountId: "" },
          action: "execute-api:Invoke",
          resource,
          context: () => undefined,
          identity: [policy],
        }).allowed,
    };
  } catch {
    return undefined;
  }
}

export function lambdaAuthorizer(hub: Hub) {
  const kept = new Map<string, Kept>();

  async function ask(authorizer: Authorizer, exchange: Exchange, identity: readonly string[]) {
    const { call, api, request, stage } = exchange;
    const resource = executeApiArn(call, api, `${stage.stageName}/${request.method}${exchange.path}`);
    const v1 = authorizer.authorizerPayloadFormatVersion !== "2.0";
    const { body: _, isBase64Encoded: __, ...event } = v1 ? eventV1(exchange) : eventV2(exchange);
    const payload = v1
      ? {
          ...event,
          type: "REQUEST",
          methodArn: resource,
          identitySource: identity.join(","),
          authorizationToken: identity[0] ?? "",
        }
      : { ...event, type: "REQUEST", routeArn: resource, identitySource: identity };
    const { payload: answer, failed } = await callFunction(hub, {
      call,
      functionArn: functionArnOf(authorizer.authorizerUri ?? "") ?? "",
      payload,
      sourceArn: executeApiArn(call, api, `authorizers/${authorizer.authorizerId}`),
      credentialsArn: authorizer.authorizerCredentialsArn,
      timeout: 10_000,
    });
    if (failed) return undefined;
    try {
      return readVerdict(JSON.parse(answer.toString()), !v1 && authorizer.enableSimpleResponses === true);
    } catch {
      return undefined;
    }
  }

  /** What the function tells the integration, or the answer that refuses the request. */
  return async (
    authorizer: Authorizer,
    exchange: Exchange,
  ): Promise<{ context: AuthorizerContext } | { refusal: HttpResponse }> => {
    const identity: string[] = [];
    for (const source of authorizer.identitySource) {
      const value = identityValue(source, exchange);
      if (!value) return { refusal: plain(401, "Unauthorized") };
      identity.push(value);
    }
    const lifetime = (authorizer.authorizerResultTtlInSeconds ?? 0) * 1000;
    const key = JSON.stringify([
      exchange.api.apiId,
      authorizer.authorizerId,
      exchange.stage.stageName,
      identity,
    ]);
    const known = lifetime > 0 ? kept.get(key) : undefined;
    let verdict = known && known.until > exchange.call.time ? known.verdict : undefined;
    if (!verdict) {
      verdict = await ask(authorizer, exchange, identity);
      if (!verdict) return { refusal: plain(500, "Internal Server Error") };
      if (lifetime > 0 && identity.length > 0) {
        if (kept.size >= mostKept) kept.clear();
        kept.set(key, { verdict, until: exchange.call.time + lifetime });
      }
    }
    const { call, api, stage, request, path } = exchange;
    const resource = executeApiArn(call, api, `${stage.stageName}/${request.method}${path}`);
    if (!verdict.allowed(resource)) return { refusal: plain(403, "Forbidden") };
    return { context: { lambda: verdict.context } };
  };
}
