/** The request context: the condition keys every request has, computed only when a policy asks for them. */
import type { AccessRequest, Principal } from "../service.ts";
import type { Tag } from "./entities.ts";
import type { ContextLookup } from "./glob.ts";

/** What the context is made from. */
export interface RequestFacts {
  readonly principal: Principal;
  readonly time: number;
  readonly region: string;
  readonly accountId: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The service that calls for the principal. */
  readonly via?: string;
  /** The tags of the calling role. */
  readonly tags?: readonly Tag[];
  /** The unique id of the calling role. */
  readonly roleId?: string;
}

/**
 * Traffic on loopback never leaves the machine, and the same call would be TLS on AWS: it counts as secure, so that
 * bucket policies which demand TLS behave as they will there.
 */
const secureTransport = "true";

export function requestContext(facts: RequestFacts, request: AccessRequest): ContextLookup {
  const own = request.context && lowerCaseKeys(request.context);
  return (key) => own?.[key] ?? globalKey(key, facts, request);
}

function lowerCaseKeys(
  context: NonNullable<AccessRequest["context"]>,
): Record<string, string | readonly string[]> {
  const result: Record<string, string | readonly string[]> = Object.create(null);
  for (const [key, value] of Object.entries(context)) result[key.toLowerCase()] = value;
  return result;
}

function globalKey(key: string, facts: RequestFacts, request: AccessRequest): string | undefined {
  const { principal } = facts;
  switch (key) {
    case "aws:currenttime":
      return new Date(facts.time).toISOString();
    case "aws:epochtime":
      return String(Math.floor(facts.time / 1000));
    case "aws:requestedregion":
      return facts.region;
    case "aws:securetransport":
      return secureTransport;
    case "aws:sourceip":
      return principal.kind === "service" ? undefined : "127.0.0.1";
    case "aws:useragent":
      return facts.headers?.["user-agent"];
    case "aws:referer":
      return facts.headers?.referer;
    case "aws:resourceaccount":
      return request.resource === "*" ? undefined : facts.accountId;
    case "aws:viaawsservice":
      return String(facts.via !== undefined);
    case "aws:principalisawsservice":
      return String(principal.kind === "service");
    case "aws:sourcearn":
      return principal.kind === "service" ? principal.sourceArn : undefined;
    case "aws:sourceaccount":
      return principal.kind === "service" ? principal.accountId : undefined;
    case "aws:principalservicename":
      return principal.kind === "service" ? principal.service : undefined;
    default:
      return principal.kind === "service" ? undefined : principalKey(key, facts);
  }
}

function principalKey(key: string, { principal, tags, roleId }: RequestFacts): string | undefined {
  if (principal.kind === "service") return undefined;
  if (principal.kind === "anonymous") return key === "aws:principaltype" ? "Anonymous" : undefined;
  switch (key) {
    case "aws:principalarn":
      return principal.kind === "role" ? principal.roleArn : principal.arn;
    case "aws:principalaccount":
      return principal.accountId;
    case "aws:principaltype":
      return principal.kind === "role" ? "AssumedRole" : "Account";
    case "aws:userid":
      return principal.kind === "role" ? `${roleId ?? ""}:${principal.sessionName}` : principal.accountId;
    default: {
      const prefix = "aws:principaltag/";
      if (!key.startsWith(prefix)) return undefined;
      const name = key.slice(prefix.length);
      return tags?.find((tag) => tag.Key.toLowerCase() === name)?.Value;
    }
  }
}
