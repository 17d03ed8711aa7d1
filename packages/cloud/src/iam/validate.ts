/** What AWS demands of a policy document before it stores it. */
import { AwsError } from "../error.ts";
import { readOperator } from "./condition.ts";
import type { PolicyDocument } from "./policy.ts";

/** An identity policy names resources, a trust policy principals, a resource policy both. */
export type PolicyUse = "identity" | "trust" | "resource";

type Json = Readonly<Record<string, unknown>>;

function malformed(message: string): AwsError {
  return new AwsError("MalformedPolicyDocument", message, 400);
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads a policy document; fails with `MalformedPolicyDocument` as AWS words it. */
export function readPolicy(text: string, use: PolicyUse): PolicyDocument {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw malformed("This policy contains invalid Json");
  }
  if (!isObject(document)) throw malformed("Syntax errors in policy.");
  only(document, ["Version", "Id", "Statement"], "Syntax errors in policy.");
  const { Version, Statement } = document;
  if (Version !== undefined && Version !== "2012-10-17" && Version !== "2008-10-17") {
    throw malformed(`The policy must contain a valid version string, not ${JSON.stringify(Version)}.`);
  }
  const statements: readonly unknown[] = Array.isArray(Statement) ? Statement : [Statement];
  if (Statement === undefined || statements.length === 0)
    throw malformed("Syntax errors in policy: no Statement.");
  const sids = new Set<unknown>();
  for (const statement of statements) {
    if (!isObject(statement)) throw malformed("Syntax errors in policy: a Statement must be an object.");
    checkStatement(statement, use);
    if (statement.Sid === undefined || statement.Sid === "") continue;
    if (sids.has(statement.Sid))
      throw malformed(`Statement IDs (SID) in a single policy must be unique: ${statement.Sid}`);
    sids.add(statement.Sid);
  }
  return document as unknown as PolicyDocument;
}

const statementMembers = [
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
];

function only(object: Json, names: readonly string[], message: string): void {
  for (const name of Object.keys(object)) {
    if (!names.includes(name)) throw malformed(`${message} Unknown field ${name}`);
  }
}

function checkStatement(statement: Json, use: PolicyUse): void {
  only(statement, statementMembers, "Syntax errors in policy.");
  const { Sid, Effect } = statement;
  if (Effect !== "Allow" && Effect !== "Deny")
    throw malformed("Missing required field Effect (Allow or Deny).");
  if (Sid !== undefined && (typeof Sid !== "string" || (use === "identity" && !/^[0-9A-Za-z]*$/.test(Sid)))) {
    throw malformed("Statement IDs (SID) must be alpha-numeric.");
  }
  checkActions(statement, use);
  checkResources(statement, use);
  checkPrincipals(statement, use);
  checkCondition(statement.Condition);
}

/** The strings of exactly one of two members. */
function oneOf(statement: Json, name: string, inverse: string): readonly string[] | undefined {
  const value = statement[name] ?? statement[inverse];
  if (value === undefined) return undefined;
  if (statement[name] !== undefined && statement[inverse] !== undefined) {
    throw malformed(`A statement has either ${name} or ${inverse}, not both.`);
  }
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (values.length === 0) throw malformed(`Policy statement must contain ${name}s.`);
  for (const text of values)
    if (typeof text !== "string") throw malformed(`${name} must be a string or a list of them.`);
  return values as readonly string[];
}

function checkActions(statement: Json, use: PolicyUse): void {
  const actions = oneOf(statement, "Action", "NotAction");
  if (!actions) throw malformed("Policy statement must contain actions.");
  for (const action of actions) {
    if (use === "trust" && !/^sts:(AssumeRole|TagSession|SetSourceIdentity|SetContext)/i.test(action)) {
      throw malformed("AssumeRole policy may only specify STS AssumeRole actions.");
    }
    if (action !== "*" && !/^[\w*?-]+:[\w*?]+$/.test(action)) {
      throw malformed(
        action.includes(":")
          ? `The action ${action} is not valid.`
          : "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
      );
    }
  }
}

function checkResources(statement: Json, use: PolicyUse): void {
  const resources = oneOf(statement, "Resource", "NotResource");
  if (use === "trust") {
    if (resources) throw malformed("Has prohibited field Resource");
    return;
  }
  if (!resources) {
    if (use === "resource") return;
    throw malformed("Policy statement must contain resources.");
  }
  for (const resource of resources) {
    if (resource !== "*" && !/^(arn|\*|\$\{[^}]*\})/.test(resource)) {
      throw malformed(`Resource ${resource} must be in ARN format or "*".`);
    }
    if (resource.startsWith("arn:") && resource.split(":").length < 6 && !resource.includes("*")) {
      throw malformed(`Resource ${resource} must be in ARN format or "*".`);
    }
  }
}

const principalKinds = ["AWS", "Service", "Federated", "CanonicalUser"];

function checkPrincipals(statement: Json, use: PolicyUse): void {
  const { Principal, NotPrincipal } = statement;
  if (use === "identity") {
    if (Principal !== undefined || NotPrincipal !== undefined) {
      throw malformed("Policy document should not specify a principal.");
    }
    return;
  }
  const principal = Principal ?? NotPrincipal;
  if (principal === undefined) throw malformed("Missing required field Principal");
  if (principal === "*") return;
  if (!isObject(principal)) throw malformed("Invalid principal in policy.");
  for (const [kind, values] of Object.entries(principal)) {
    const list: readonly unknown[] = Array.isArray(values) ? values : [values];
    if (
      !principalKinds.includes(kind) ||
      list.length === 0 ||
      list.some((value) => typeof value !== "string")
    ) {
      throw malformed(`Invalid principal in policy: ${JSON.stringify({ [kind]: values })}`);
    }
  }
}

function checkCondition(condition: unknown): void {
  if (condition === undefined) return;
  if (!isObject(condition)) throw malformed("Syntax errors in policy: Condition must be an object.");
  for (const [operator, keys] of Object.entries(condition)) {
    if (!readOperator(operator)) throw malformed(`Invalid Condition type : ${operator}.`);
    if (!isObject(keys)) throw malformed(`Syntax errors in policy: ${operator} must hold condition keys.`);
    for (const [key, values] of Object.entries(keys)) {
      const list: readonly unknown[] = Array.isArray(values) ? values : [values];
      if (list.some((value) => !["string", "number", "boolean"].includes(typeof value))) {
        throw malformed(`Syntax errors in policy: the values of ${key} must be strings.`);
      }
    }
  }
}

/** The size of a document as AWS counts it: without white space. */
export function policySize(document: string): number {
  return document.replace(/\s/g, "").length;
}
