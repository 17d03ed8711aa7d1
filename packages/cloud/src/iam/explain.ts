/** IAM's answer to one question, in words: for people, who want to know which statement it was. */
import { AwsError } from "../error.ts";
import type { AccessRequest, Principal } from "../service.ts";
import { requestContext } from "./context.ts";
import { compilePolicy, evaluate } from "./evaluate.ts";
import { describeDecision, type Explanation } from "./explanation.ts";
import type { PolicyDocument } from "./policy.ts";
import { readPolicy } from "./validate.ts";

export interface ExplainRequest extends AccessRequest {
  readonly principal: Principal;
  /** The principal's own policies, by the names the answer should call them. */
  readonly identity?: Readonly<Record<string, PolicyDocument>>;
  readonly boundary?: PolicyDocument;
  readonly resourcePolicy?: PolicyDocument;
  readonly region?: string;
}

/**
 * Decides a request against policies given here, and says which statement decided.
 *
 * @example
 * const { allowed, reason } = explain({
 *   principal: { kind: "role", arn: sessionArn, roleArn, sessionName: "main", accountId: "000000000000" },
 *   action: "s3:GetObject",
 *   resource: "arn:aws:s3:::photos/cat.jpg",
 *   identity: { Main: { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "s3:Get*", Resource: "*" } } },
 * });
 * // reason: "allowed by statement 1 of Main"
 */
export function explain(request: ExplainRequest): Explanation {
  const { principal, identity = {}, boundary, resourcePolicy, region = "us-east-1" } = request;
  const accountId = "accountId" in principal ? principal.accountId : "";
  const checked = (document: PolicyDocument, use: "identity" | "resource", name: string) => {
    try {
      return compilePolicy(readPolicy(JSON.stringify(document), use), name);
    } catch (error) {
      if (error instanceof AwsError)
        throw new AwsError(error.code, `${name}: ${error.message}`, error.status);
      throw error;
    }
  };
  const decision = evaluate({
    principal,
    action: request.action,
    resource: request.resource,
    context: requestContext({ principal, time: Date.now(), region, accountId }, request),
    identity: Object.entries(identity).map(([name, document]) => checked(document, "identity", name)),
    boundary: boundary && checked(boundary, "identity", "the permissions boundary"),
    resourcePolicy:
      resourcePolicy && checked(resourcePolicy, "resource", `the policy of ${request.resource}`),
    resourcePolicyDecides: request.action === "sts:AssumeRole",
  });
  return {
    allowed: decision.allowed,
    reason: describeDecision(decision, request),
    policy: decision.policy,
    statement: decision.statement,
  };
}
