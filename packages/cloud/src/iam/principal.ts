/** Whether a resource policy's statement speaks of a principal. */
import type { Principal } from "../service.ts";
import type { PolicyStatement, PrincipalElement } from "./policy.ts";

/**
 * How closely: `session` names this session (or the service), `role` its role, `anyone` is `*`; `account` names the
 * account, which leaves the decision to identity policies.
 */
export type PrincipalMatch = "session" | "role" | "anyone" | "account" | "none";

export function compilePrincipal(
  statement: PolicyStatement,
): ((principal: Principal) => PrincipalMatch) | undefined {
  if (statement.Principal !== undefined) {
    const named = compileElement(statement.Principal);
    if (statement.Effect === "Allow") return named;
    return (principal) => (named(principal) === "none" ? "none" : "session");
  }
  if (statement.NotPrincipal !== undefined) {
    const named = compileElement(statement.NotPrincipal);
    return (principal) => (named(principal) === "none" ? "session" : "none");
  }
  return undefined;
}

function compileElement(element: PrincipalElement): (principal: Principal) => PrincipalMatch {
  if (typeof element === "string") return (principal) => (element === "*" ? anyone(principal) : "none");
  const aws = new Set(oneOrMany(element.AWS));
  const services = new Set(oneOrMany(element.Service));
  return (principal) => {
    if (principal.kind === "service") {
      return services.has(principal.service) || services.has("*") ? "session" : "none";
    }
    if (principal.kind === "anonymous") return aws.has("*") ? "anyone" : "none";
    if (aws.has(principal.arn)) return principal.kind === "root" ? "account" : "session";
    if (principal.kind === "role" && aws.has(principal.roleArn)) return "role";
    if (aws.has("*")) return "anyone";
    const { accountId } = principal;
    return aws.has(accountId) || aws.has(`arn:aws:iam::${accountId}:root`) ? "account" : "none";
  };
}

function anyone(principal: Principal): PrincipalMatch {
  return principal.kind === "service" ? "session" : "anyone";
}

function oneOrMany(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}
