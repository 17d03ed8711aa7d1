/** `aws.iam.getPolicyDocument`: statements in Terraform's words, rendered as AWS's JSON. */
import { createHash } from "node:crypto";
import type { GetPolicyDocumentArgs, GetPolicyDocumentResult } from "@pulumi/aws/iam/getPolicyDocument.js";
import { BowlineError } from "../../error.ts";

type StatementArgs = NonNullable<GetPolicyDocumentArgs["statements"]>[number];
type Statement = Readonly<Record<string, unknown>> & { readonly Sid?: string };

export function policyDocument(args: GetPolicyDocumentArgs): GetPolicyDocumentResult {
  const sources = [args.sourceJson, ...(args.sourcePolicyDocuments ?? [])].filter(
    (text) => text !== undefined && text !== "",
  );
  const overrides = [args.overrideJson, ...(args.overridePolicyDocuments ?? [])].filter(
    (text) => text !== undefined && text !== "",
  );
  const own = (args.statements ?? []).map((statement) => render(statement, args.version ?? "2012-10-17"));
  const inherited = sources.map((text) => parsePolicy(String(text)));
  const statements = overrides
    .map((text) => parsePolicy(String(text)))
    .reduce(
      (sofar, override) => override.statements.reduce(putBySid, sofar),
      uniqueBySid([...inherited.flatMap((source) => source.statements), ...own]),
    );
  const document = {
    Version: args.version ?? inherited.at(-1)?.version ?? "2012-10-17",
    ...(args.policyId ? { Id: args.policyId } : {}),
    Statement: statements,
  };
  const json = JSON.stringify(document, undefined, 2);
  return {
    ...args,
    id: createHash("sha256").update(json).digest("hex").slice(0, 10),
    json,
    minifiedJson: JSON.stringify(document),
  };
}

function parsePolicy(text: string): { version: string | undefined; statements: Statement[] } {
  try {
    const { Version, Statement = [] } = JSON.parse(text) as {
      Version?: string;
      Statement?: Statement | Statement[];
    };
    return { version: Version, statements: Array.isArray(Statement) ? Statement : [Statement] };
  } catch (cause) {
    throw new BowlineError(
      "bad-policy",
      `getPolicyDocument was given a policy that is not JSON: ${text.slice(0, 80)}`,
      { cause },
    );
  }
}

function uniqueBySid(statements: readonly Statement[]): Statement[] {
  const seen = new Set<string>();
  for (const { Sid } of statements) {
    if (!Sid) continue;
    if (seen.has(Sid)) {
      throw new BowlineError("bad-policy", `getPolicyDocument has two statements with the sid "${Sid}".`, {
        hint: "Give each its own sid, or use overridePolicyDocuments to replace one by the other.",
      });
    }
    seen.add(Sid);
  }
  return [...statements];
}

/** An override takes the place of the statement with its sid, or comes last. */
function putBySid(statements: readonly Statement[], statement: Statement): Statement[] {
  const at = statement.Sid ? statements.findIndex(({ Sid }) => Sid === statement.Sid) : -1;
  return at < 0 ? [...statements, statement] : statements.with(at, statement);
}

function render(statement: StatementArgs, version: string): Statement {
  // Terraform writes &{…} for policy variables, which would be its own interpolation otherwise.
  const texts = (values: readonly string[] | undefined) =>
    oneOrMany(
      (values ?? []).map((value) => (version === "2012-10-17" ? value.replace(/&\{/g, "${") : value)),
    );
  return {
    ...(statement.sid ? { Sid: statement.sid } : {}),
    Effect: statement.effect ?? "Allow",
    ...member("Action", texts(statement.actions)),
    ...member("NotAction", texts(statement.notActions)),
    ...member("Resource", texts(statement.resources)),
    ...member("NotResource", texts(statement.notResources)),
    ...member("Principal", principals(statement.principals)),
    ...member("NotPrincipal", principals(statement.notPrincipals)),
    ...member("Condition", conditions(statement.conditions, texts)),
  };
}

function member(name: string, value: unknown): Readonly<Record<string, unknown>> {
  return value === undefined ? {} : { [name]: value };
}

/** Like Terraform, so that policies it rendered compare equal: several values come in descending order. */
function oneOrMany(values: readonly string[]): string | readonly string[] | undefined {
  if (values.length === 0) return undefined;
  return values.length === 1 ? values[0] : [...new Set(values)].sort().reverse();
}

function principals(given: StatementArgs["principals"]): unknown {
  if (!given || given.length === 0) return undefined;
  const everyone = given.length === 1 && given[0]?.type === "*" && given[0].identifiers.includes("*");
  if (everyone) return "*";
  const byType = new Map<string, string[]>();
  for (const { type, identifiers } of given) byType.set(type, [...(byType.get(type) ?? []), ...identifiers]);
  return Object.fromEntries([...byType].map(([type, identifiers]) => [type, oneOrMany(identifiers)]));
}

function conditions(
  given: StatementArgs["conditions"],
  texts: (values: readonly string[]) => unknown,
): unknown {
  if (!given || given.length === 0) return undefined;
  const operators = new Map<string, Map<string, string[]>>();
  for (const { test, variable, values } of given) {
    const variables = operators.get(test) ?? new Map<string, string[]>();
    variables.set(variable, [...(variables.get(variable) ?? []), ...values]);
    operators.set(test, variables);
  }
  return Object.fromEntries(
    [...operators].map(([test, variables]) => [
      test,
      Object.fromEntries([...variables].map(([variable, values]) => [variable, texts(values)])),
    ]),
  );
}
