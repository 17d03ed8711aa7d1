/** The evaluator: policies are compiled once, a request is then a handful of comparisons. */
import type { Principal } from "../service.ts";
import { type Condition, compileConditions } from "./condition.ts";
import { actionGlob, arnGlob, type ContextLookup, type Matcher, undecidable } from "./glob.ts";
import type { PolicyDocument, PolicyStatement } from "./policy.ts";
import { compilePrincipal, type PrincipalMatch } from "./principal.ts";

export interface CompiledStatement {
  readonly effect: "Allow" | "Deny";
  /** `“ReadUploads”` or `3`: how a person finds the statement. */
  readonly label: string;
  readonly source: PolicyStatement;
  readonly principal: ((principal: Principal) => PrincipalMatch) | undefined;
  readonly matches: (lowerCaseAction: string, resource: string, context: ContextLookup) => boolean;
}

export interface CompiledPolicy {
  /** What a person calls the policy: `inline policy Main of role Api`. */
  readonly name: string;
  readonly document: PolicyDocument;
  readonly statements: readonly CompiledStatement[];
}

function list<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}

/** Compiles a policy document. The document must be valid: see `validate.ts`. */
export function compilePolicy(document: PolicyDocument, name: string): CompiledPolicy {
  // Before this version `${…}` had no meaning.
  const variables = document.Version === "2012-10-17";
  return {
    name,
    document,
    statements: list(document.Statement).map((statement, index) =>
      compileStatement(statement, index, variables),
    ),
  };
}

function compileStatement(statement: PolicyStatement, index: number, variables: boolean): CompiledStatement {
  return {
    effect: statement.Effect,
    label: statement.Sid ? `“${statement.Sid}”` : String(index + 1),
    source: statement,
    principal: compilePrincipal(statement),
    matches: compileMatch(statement, variables),
  };
}

function compileMatch(statement: PolicyStatement, variables: boolean): CompiledStatement["matches"] {
  const conditions: readonly Condition[] = compileConditions(statement.Condition, { variables });
  const actions = list(statement.Action ?? statement.NotAction).map(actionGlob);
  const wantAction = statement.Action !== undefined;
  const patterns = list(statement.Resource ?? statement.NotResource);
  const resources: readonly Matcher[] = patterns.map((pattern) => arnGlob(pattern, { variables }));
  // A variable the request cannot fill makes NotResource match nothing, rather than everything.
  const undecided =
    variables && statement.NotResource !== undefined
      ? patterns.filter((pattern) => pattern.includes("${")).map(undecidable)
      : [];
  const wantResource = statement.Resource !== undefined;
  const anyResource = patterns.length === 0;
  return (action, resource, context) => {
    if (actions.some((matches) => matches(action)) !== wantAction) return false;
    if (!anyResource) {
      if (resources.some((matches) => matches(resource, context)) !== wantResource) return false;
      if (undecided.some((matches) => matches(resource, context))) return false;
    }
    return conditions.every((holds) => holds(context));
  };
}

/** Everything that bears on one request. */
export interface Evaluation {
  readonly principal: Principal;
  readonly action: string;
  readonly resource: string;
  readonly context: ContextLookup;
  /** The policies of the role. */
  readonly identity: readonly CompiledPolicy[];
  /** The role's permissions boundary. */
  readonly boundary?: CompiledPolicy;
  /** What the session was limited to when the role was assumed. */
  readonly session?: readonly CompiledPolicy[];
  /** The policy of the resource. */
  readonly resourcePolicy?: CompiledPolicy;
  /** A role can be assumed, a key used, only if its own policy says so, whatever the caller's policies allow. */
  readonly resourcePolicyDecides?: boolean;
}

export type PolicyKind =
  | "identity-based policy"
  | "resource-based policy"
  | "permissions boundary"
  | "session policy";

export interface Decision {
  readonly allowed: boolean;
  /** The policy and statement that decided; absent when nothing matched. */
  readonly policy?: string;
  readonly statement?: string;
  /** Of which kind the deciding policy is, or would have to be. */
  readonly kind: PolicyKind;
  /** True when a Deny decided. */
  readonly explicit: boolean;
}

interface Hit {
  readonly policy: CompiledPolicy;
  readonly statement: CompiledStatement;
}

function find(
  effect: "Allow" | "Deny",
  policies: readonly CompiledPolicy[],
  request: Evaluation,
  action: string,
): Hit | undefined {
  for (const policy of policies) {
    for (const statement of policy.statements) {
      if (statement.effect === effect && statement.matches(action, request.resource, request.context)) {
        return { policy, statement };
      }
    }
  }
  return undefined;
}

function decided(allowed: boolean, hit: Hit, kind: PolicyKind): Decision {
  return { allowed, explicit: !allowed, kind, policy: hit.policy.name, statement: hit.statement.label };
}

function undecided(kind: PolicyKind): Decision {
  return { allowed: false, explicit: false, kind };
}

interface ResourceHits {
  deny?: Hit;
  /** Allows, by how closely the statement names the principal. */
  session?: Hit;
  anyone?: Hit;
  role?: Hit;
  account?: Hit;
}

function searchResourcePolicy(request: Evaluation, action: string): ResourceHits {
  const hits: ResourceHits = {};
  const policy = request.resourcePolicy;
  if (!policy) return hits;
  for (const statement of policy.statements) {
    const named = statement.principal?.(request.principal) ?? "none";
    // AWS denies whoever has a permissions boundary, even those the NotPrincipal of a Deny names.
    if (named === "none" || (named === "spared" && !request.boundary)) continue;
    if (!statement.matches(action, request.resource, request.context)) continue;
    const hit = { policy, statement };
    if (statement.effect === "Deny") return { deny: hit };
    if (named === "session" || named === "anyone" || named === "role" || named === "account")
      hits[named] ??= hit;
  }
  return hits;
}

/**
 * Decides one request as AWS does within one account: a Deny anywhere wins; then the resource's policy or the
 * principal's own must allow it, within the permissions boundary and the session's policies.
 */
export function evaluate(request: Evaluation): Decision {
  const action = request.action.toLowerCase();
  const { identity, boundary, session } = request;
  const boundaries = boundary ? [boundary] : [];

  const onResource = searchResourcePolicy(request, action);
  if (onResource.deny) return decided(false, onResource.deny, "resource-based policy");
  const identityDeny = find("Deny", identity, request, action);
  if (identityDeny) return decided(false, identityDeny, "identity-based policy");
  const boundaryDeny = find("Deny", boundaries, request, action);
  if (boundaryDeny) return decided(false, boundaryDeny, "permissions boundary");
  const sessionDeny = session && find("Deny", session, request, action);
  if (sessionDeny) return decided(false, sessionDeny, "session policy");

  if (request.principal.kind === "anonymous" || request.principal.kind === "service") {
    const hit = onResource.anyone;
    return hit ? decided(true, hit, "resource-based policy") : undecided("resource-based policy");
  }
  // A grant to the session itself is bounded by nothing else.
  if (onResource.session) return decided(true, onResource.session, "resource-based policy");

  const identityAllow = find("Allow", identity, request, action);
  // The account as principal only lets identity policies decide: it grants nothing itself.
  const delegated = !request.resourcePolicyDecides || onResource.account ? identityAllow : undefined;
  const granted = delegated ?? onResource.anyone ?? onResource.role;
  if (!granted) return undecided(identityAllow ? "resource-based policy" : "identity-based policy");
  // Nor does a boundary bound what is granted to everybody.
  const bounded = boundary && !onResource.anyone;
  if (bounded && !find("Allow", boundaries, request, action)) return undecided("permissions boundary");
  if (session && !find("Allow", session, request, action)) return undecided("session policy");
  return decided(
    true,
    granted,
    granted === identityAllow ? "identity-based policy" : "resource-based policy",
  );
}
