/** Where the oracle and we differ knowingly. */
import type { PolicyStatement } from "../../../packages/cloud/src/iam/policy.ts";
import type { Case } from "./cases.ts";

/** Why these two answers differ; undefined when nobody knows. */
export function explainDifference(question: Case, ours: string, oracle: string): string | undefined {
  const { principal, session, resourcePolicy } = question;
  const statements = [resourcePolicy?.Statement ?? []].flat() as PolicyStatement[];
  const namesSession = statements.some(({ Effect, Principal }) => {
    const named = typeof Principal === "object" ? [Principal.AWS ?? []].flat() : [];
    return Effect === "Allow" && principal.kind === "role" && named.includes(principal.arn);
  });
  if (session && namesSession && ours === "Allowed" && oracle === "ImplicitlyDenied") {
    // IAM User Guide, “Session policies”: such permissions “are not limited by the session policy”.
    return "A resource policy grants to the session's own ARN: AWS documents that session policies do not limit it.";
  }
  return undefined;
}
