import type { ResourceHandler } from "@bowline/engine";
import type { RolePolicyArgs, RolePolicyState } from "@pulumi/aws/iam/rolePolicy.js";
import type {
  RolePolicyAttachmentArgs,
  RolePolicyAttachmentState,
} from "@pulumi/aws/iam/rolePolicyAttachment.js";
import { type Aws, jsonText } from "../aws.ts";
import { resource } from "../resource.ts";
import { iamNames } from "./names.ts";

export function rolePolicy(aws: Aws): ResourceHandler {
  return resource<RolePolicyArgs, RolePolicyState>(aws.endpoint, {
    required: ["role", "policy"],
    autoName: { property: "name", prefixProperty: "namePrefix", maxLength: 128, ...iamNames },
    replaceOn: ["name", "namePrefix", "role"],
    complete: (inputs) =>
      inputs.policy === undefined ? inputs : { ...inputs, policy: jsonText(inputs.policy) },
    find: (inputs) => `${inputs.role}:${inputs.name}`,
    async create(inputs) {
      await put(inputs.role, String(inputs.name), inputs.policy);
      return `${inputs.role}:${inputs.name}`;
    },
    async describe(_id, { role, name }) {
      const result = await aws.client.query("iam", "GetRolePolicy", { RoleName: role, PolicyName: name });
      const document = result.at("PolicyDocument").text;
      return {
        role,
        name,
        policy: document === undefined ? undefined : jsonText(decodeURIComponent(document)),
      };
    },
    update: (_id, inputs) => put(inputs.role, String(inputs.name), inputs.policy),
    async delete(_id, { inputs }) {
      await aws.client.query("iam", "DeleteRolePolicy", { RoleName: inputs.role, PolicyName: inputs.name });
    },
  });

  async function put(role: string, name: string, policy: string | object): Promise<void> {
    await aws.client.query("iam", "PutRolePolicy", {
      RoleName: role,
      PolicyName: name,
      PolicyDocument: jsonText(policy),
    });
  }
}

export function rolePolicyAttachment(aws: Aws): ResourceHandler {
  return resource<RolePolicyAttachmentArgs, RolePolicyAttachmentState>(aws.endpoint, {
    required: ["role", "policyArn"],
    replaceOn: ["role", "policyArn"],
    find: ({ role, policyArn }) => `${role}/${policyArn}`,
    async create({ role, policyArn }) {
      await aws.client.query("iam", "AttachRolePolicy", { RoleName: role, PolicyArn: policyArn });
      return `${role}/${policyArn}`;
    },
    async describe(_id, { role, policyArn }) {
      const result = await aws.client.query("iam", "ListAttachedRolePolicies", { RoleName: role });
      const attached = result
        .at("AttachedPolicies")
        .all("member")
        .some((member) => member.at("PolicyArn").text === policyArn);
      return attached ? { role, policyArn } : undefined;
    },
    async delete(_id, { inputs }) {
      await aws.client.query("iam", "DetachRolePolicy", {
        RoleName: inputs.role,
        PolicyArn: inputs.policyArn,
      });
    },
  });
}
