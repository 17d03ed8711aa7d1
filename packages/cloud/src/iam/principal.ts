/** Whether a resource policy's statement speaks of a principal. */
import type { Principal } from "../service.ts";
import type { PolicyStatement, PrincipalElement } from "./policy.ts";

/**
 * How closely: `session` names this session, `anyone` is `*` or names the calling service, `role` names the
 * session's role; `account` names the account, which leaves the decision to identity policies. `all-but` is said of
 * everyone a NotPrincipal leaves out, `spared` of those it names.
 */
export type PrincipalMatch = "session" | "anyone" | "role" | "account" | "all-but" | "spared" | "none";

export function compilePrincipal(
  statement: PolicyStatement,
): ((principal: Principal) => PrincipalMatch) | undefined {
  if (statement.Principal !== undefined) {
    return compileElement(statement.Principal);
  }
  if (statement.NotPrincipal !== undefined) {
    const named = compileElement(statement.NotPrincipal);
    return (principal) => (named(principal) === "none" ? "all-but" : "spared");
  }
  return undefined;
}

function compileElement(element: PrincipalElement): (principal: Principal) => PrincipalMatch {
  if (typeof element === "string") return () => (element === "*" ? "anyone" : "none");
  const aws = new Set(oneOrMany(element.AWS));
  const services = new Set(oneOrMany(element.Service));
  return (principal) => {
    if (principal.kind === "service" && services.has(principal.service)) return "anyone";
    if ("arn" in principal && aws.has(principal.arn))
      return principal.kind === "root" ? "account" : "session";
    if (aws.has("*")) return "anyone";
    if (principal.kind === "service" || principal.kind === "anonymous") return "none";
    if (principal.kind === "role" && aws.has(principal.roleArn)) return "role";
    const { accountId } = principal;
    return aws.has(accountId) || aws.has(`arn:aws:iam::${accountId}:root`) ? "account" : "none";
  };
}

function oneOrMany(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}
