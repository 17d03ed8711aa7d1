/** From a call's questions to decisions: gathers what bears on them, asks the evaluator, and tells the audit. */
import { AwsError } from "../error.ts";
import type { AuditEvent } from "../events.ts";
import type { AccessRequest, Principal, Service } from "../service.ts";
import { type RequestFacts, requestContext } from "./context.ts";
import type { Role } from "./entities.ts";
import { type CompiledPolicy, compilePolicy, type Decision, evaluate } from "./evaluate.ts";
import { describeDecision, type Explanation } from "./explanation.ts";
import type { PolicyDocument } from "./policy.ts";
import type { IamStore } from "./store.ts";

/** The call that asks. */
export interface Asker {
  readonly requestId: string;
  readonly service: string;
  readonly operation: string;
  readonly time: number;
  readonly region: string;
  readonly accountId: string;
  readonly principal: Principal;
  readonly headers?: Readonly<Record<string, string>>;
  /** The service that calls for the principal. */
  readonly via?: string;
}

export interface Authorizer {
  /** Decides, and records the decision. */
  decide(asker: Asker, request: AccessRequest): Decision;
  /** Throws the denial. */
  demand(asker: Asker, requests: readonly AccessRequest[]): void;
  /** Decides for a role, in words; records nothing. */
  explain(
    roleArn: string,
    request: AccessRequest,
    at: Pick<Asker, "time" | "region" | "accountId">,
  ): Explanation;
}

export interface AuthorizerOptions {
  readonly iam: IamStore;
  /** The service whose resource an ARN names, for its resource policy. */
  readonly service: (name: string) => Service | undefined;
  readonly record: (event: AuditEvent) => void;
}

const rootDecision: Decision = {
  allowed: true,
  explicit: false,
  kind: "identity-based policy",
  policy: "account root",
};
const noPolicies = { identity: [], boundary: undefined };

export function createAuthorizer({ iam, service, record }: AuthorizerOptions): Authorizer {
  const resourcePolicies = new WeakMap<PolicyDocument, CompiledPolicy>();
  const sessionPolicies = new WeakMap<readonly PolicyDocument[], readonly CompiledPolicy[]>();

  function ownerOf(resource: string): Service | undefined {
    const name = serviceOf(resource);
    return name === undefined ? undefined : service(name);
  }

  function resourcePolicyOf(resource: string): CompiledPolicy | undefined {
    const document = ownerOf(resource)?.resourcePolicy?.(resource);
    if (!document) return undefined;
    let compiled = resourcePolicies.get(document);
    if (!compiled) {
      compiled = compilePolicy(document, `policy of ${resource}`);
      resourcePolicies.set(document, compiled);
    }
    return compiled;
  }

  function sessionPoliciesOf(principal: Principal): readonly CompiledPolicy[] | undefined {
    const documents = principal.kind === "role" ? principal.sessionPolicies : undefined;
    if (!documents || documents.length === 0) return undefined;
    let compiled = sessionPolicies.get(documents);
    if (!compiled) {
      compiled = documents.map((document) => compilePolicy(document, "session policy"));
      sessionPolicies.set(documents, compiled);
    }
    return compiled;
  }

  function decideWith(asker: Asker, role: Role | undefined, request: AccessRequest): Decision {
    const { principal } = asker;
    if (principal.kind === "root") return rootDecision;
    const facts: RequestFacts = { ...asker, tags: role?.tags, roleId: role?.id };
    const { identity, boundary } = role ? iam.policiesOf(role) : noPolicies;
    const resourcePolicy = resourcePolicyOf(request.resource);
    return evaluate({
      principal,
      action: request.action,
      resource: request.resource,
      context: requestContext(facts, request),
      identity,
      boundary,
      session: sessionPoliciesOf(principal),
      resourcePolicy,
      // What has no policy, not even the default one, is not there: the caller may learn that.
      resourcePolicyDecides:
        request.action === "sts:AssumeRole" ||
        (resourcePolicy !== undefined && ownerOf(request.resource)?.resourcePolicyDecides === true),
    });
  }

  function decide(asker: Asker, request: AccessRequest): Decision {
    const { principal } = asker;
    const role = principal.kind === "role" ? iam.roleByArn(principal.roleArn) : undefined;
    const decision = decideWith(asker, role, request);
    record({
      type: "audit",
      time: asker.time,
      requestId: asker.requestId,
      principal: principalName(principal),
      service: asker.service,
      operation: asker.operation,
      action: request.action,
      resource: request.resource,
      decision: decision.allowed ? "allow" : "deny",
      reason: describeDecision(decision, request),
    });
    return decision;
  }

  return {
    decide,
    explain(roleArn, request, at) {
      const role = iam.roleByArn(roleArn);
      const session = `arn:aws:sts::${at.accountId}:assumed-role/${role?.name}/explain`;
      const principal = {
        kind: "role",
        arn: session,
        roleArn,
        sessionName: "explain",
        accountId: at.accountId,
      } as const;
      const asker = { ...at, principal, requestId: "", service: "", operation: "" };
      const decision = decideWith(asker, role, request);
      const { allowed, policy, statement } = decision;
      return { allowed, reason: describeDecision(decision, request), policy, statement };
    },
    demand(asker, requests) {
      for (const request of requests) {
        const decision = decide(asker, request);
        if (!decision.allowed) throw denial(asker.principal, request, decision);
      }
    },
  };
}

/** How audit and messages name a principal. */
export function principalName(principal: Principal): string {
  if (principal.kind === "service") return principal.service;
  return principal.kind === "anonymous" ? "anonymous" : principal.arn;
}

/** The service part of an ARN. */
function serviceOf(arn: string): string | undefined {
  if (!arn.startsWith("arn:")) return undefined;
  const from = arn.indexOf(":", 4) + 1;
  const to = arn.indexOf(":", from);
  return from > 0 && to > 0 ? arn.slice(from, to) : undefined;
}

/** The denial as AWS words it: who, what, on what, and why not. */
export function denial(principal: Principal, request: AccessRequest, decision: Decision): AwsError {
  const { action, resource } = request;
  const article = decision.kind === "identity-based policy" ? "an" : "a";
  const why = decision.explicit
    ? `with an explicit deny in ${article} ${decision.kind}`
    : `because no ${decision.kind} allows the ${action} action`;
  const message = `User: ${principalName(principal)} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
  return new AwsError("AccessDenied", message, 403);
}
