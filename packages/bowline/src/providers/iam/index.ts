import type { ResourceHandler } from "@bowline/engine";
import type { Aws } from "../aws.ts";
import { policy } from "./policy.ts";
import { role } from "./role.ts";
import { rolePolicy, rolePolicyAttachment } from "./role-policy.ts";

export function iam(aws: Aws): Readonly<Record<string, ResourceHandler>> {
  return {
    "aws:iam/role:Role": role(aws),
    "aws:iam/rolePolicy:RolePolicy": rolePolicy(aws),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": rolePolicyAttachment(aws),
    "aws:iam/policy:Policy": policy(aws),
  };
}
