import * as aws from "@pulumi/aws";
import {
  type ComponentResourceOptions,
  type Input,
  type Output,
  output,
  type Resource,
} from "@pulumi/pulumi";
import { BowlineError } from "../../error.ts";
import { type Transform, transformed } from "../component.ts";
import type { LinkedConsumer } from "../consumer.ts";

const BASIC_EXECUTION = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

const TRUST_LAMBDA = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/** Who a function is, and what must be there before it runs. */
export interface FunctionRole {
  readonly arn: Output<string>;
  /** Absent when the user brought a role. */
  readonly role: aws.iam.Role | undefined;
  readonly policies: readonly Resource[];
}

/** The role of a function with its links' permissions: a new one, or the one the user brings. */
export function functionRole(
  name: string,
  args: {
    readonly role?: Input<string>;
    readonly logging?: unknown;
    readonly transform?: { readonly role?: Transform<aws.iam.RoleArgs> };
  },
  linked: LinkedConsumer,
  parent: ComponentResourceOptions,
): FunctionRole {
  if (args.role !== undefined) {
    const arn = output(args.role);
    const roleName = arn.apply((known) => roleNameOf(name, known));
    return { arn, role: undefined, policies: attach(name, roleName, linked, parent) };
  }
  const role = new aws.iam.Role(
    name,
    transformed(args.transform?.role, name, { assumeRolePolicy: TRUST_LAMBDA }),
    parent,
  );
  const logs =
    args.logging === false
      ? []
      : [
          new aws.iam.RolePolicyAttachment(
            `${name}Logs`,
            { role: role.name, policyArn: BASIC_EXECUTION },
            parent,
          ),
        ];
  return { arn: role.arn, role, policies: [...logs, ...attach(name, role.name, linked, parent)] };
}

/** Inline, and managed for what does not fit. */
function attach(
  name: string,
  role: Output<string>,
  linked: LinkedConsumer,
  parent: ComponentResourceOptions,
): Resource[] {
  if (linked.managed === undefined) return [];
  const inline = new aws.iam.RolePolicy(`${name}Links`, { role, policy: linked.policies.inline }, parent);
  const spilled = Array.from({ length: linked.managed }, (_, i) => {
    const own = `${name}Links${i + 1}`;
    const policy = new aws.iam.Policy(
      own,
      { policy: linked.policies.apply((all) => all.managed[i] ?? "") },
      parent,
    );
    return new aws.iam.RolePolicyAttachment(own, { role, policyArn: policy.arn }, parent);
  });
  return [inline, ...spilled];
}

function roleNameOf(name: string, arn: string): string {
  const found = /^arn:[^:]+:iam::\d+:role\/(?:.*\/)?([^/]+)$/.exec(arn)?.[1];
  if (found) return found;
  throw new BowlineError("bad-role", `${name}: role is ${JSON.stringify(arn)}, which is no role's ARN.`, {
    hint: "Give the ARN of the role: role: myRole.arn",
  });
}
