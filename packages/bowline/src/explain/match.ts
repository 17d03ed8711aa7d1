import { explain, type PolicyStatement } from "@bowline/cloud";
import { targetArn } from "../link/access.ts";
import type { Statement } from "../link/statement.ts";
import { profileOf } from "./access-words.ts";

/** Stands for any object, index or stream of a resource. */
const ANY = "any";

const ANYONE = {
  kind: "role",
  arn: "arn:aws:sts::000000000000:assumed-role/any/any",
  roleArn: "arn:aws:iam::000000000000:role/any",
  sessionName: "any",
  accountId: "000000000000",
} as const;

/** Whether a statement speaks of an action on a resource, were its conditions met. */
export function speaksOf(statement: PolicyStatement, action: string, resource: string): boolean {
  const { Condition: _, ...rest } = statement;
  return explain({
    principal: ANYONE,
    action,
    resource,
    identity: { own: { Version: "2012-10-17", Statement: { ...rest, Effect: "Allow" } } },
  }).allowed;
}

/** Whether a statement speaks of anything that is of a resource: itself, or what is in it. */
export function concerns(statement: PolicyStatement, arn: string): boolean {
  return listOf(statement.Resource).some(
    (pattern) =>
      pattern === arn ||
      pattern.startsWith(`${arn}/`) ||
      [arn, `${arn}/${ANY}`].some((own) => covers(pattern, own)),
  );
}

/** Whether a pattern of a policy (`s3:Get*`, an ARN with `*`) covers a name. Without regard to case, as actions are. */
export function covers(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*/g, ".*")
    .replace(/\?/g, ".");
  return new RegExp(`^${source}$`, "is").test(name);
}

/** What an action is asked of: a bucket's objects for `s3:GetObject`, the bucket for `s3:ListBucket`. */
export function resourcesOf(type: string, arn: string, action: string): string[] {
  const profile = profileOf(type);
  const grants = Object.values(profile?.levels ?? {}).flat();
  const targets = new Set(grants.filter(({ actions }) => actions.includes(action)).flatMap(({ on }) => on));
  if (targets.size === 0) return [arn, `${arn}/${ANY}`];
  return [...targets].map((target) => targetArn(arn, target).replace(/\*$/, ANY));
}

/** A statement of ours as IAM writes it. */
export function asPolicy({ effect, actions, resources, conditions }: Statement): PolicyStatement {
  return {
    Effect: effect,
    Action: actions,
    Resource: resources,
    ...(Object.keys(conditions).length > 0 ? { Condition: conditions } : {}),
  };
}

export function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
}
