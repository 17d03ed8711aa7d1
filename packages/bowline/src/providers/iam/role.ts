import type { ResourceContext, ResourceHandler } from "@bowline/engine";
import type { RoleArgs, RoleState } from "@pulumi/aws/iam/role.js";
import { type Aws, allTags, isEmpty, jsonText, tagChanges, tagList } from "../aws.ts";
import { hasCode } from "../client.ts";
import type { Inputs, Outputs } from "../plain.ts";
import { mayAdopt, resource } from "../resource.ts";
import type { Xml } from "../xml.ts";
import { iamNames } from "./names.ts";

type RoleInputs = Inputs<RoleArgs>;

const DEFAULT_SESSION_SECONDS = 3600;

export function role(aws: Aws): ResourceHandler {
  return resource<RoleArgs, RoleState>(aws.endpoint, {
    required: ["assumeRolePolicy"],
    autoName: { property: "name", prefixProperty: "namePrefix", maxLength: 64, ...iamNames },
    replaceOn: ["name", "namePrefix", "path"],
    complete: (inputs) =>
      inputs.assumeRolePolicy === undefined
        ? inputs
        : {
            ...inputs,
            assumeRolePolicy: jsonText(inputs.assumeRolePolicy),
            inlinePolicies: inputs.inlinePolicies?.map((inline) =>
              inline.policy === undefined ? inline : { ...inline, policy: jsonText(inline.policy) },
            ),
          },
    find: (inputs) => inputs.name,
    async create(inputs, context) {
      const name = String(inputs.name);
      try {
        await aws.client.query("iam", "CreateRole", {
          RoleName: name,
          Path: inputs.path ?? "/",
          AssumeRolePolicyDocument: jsonText(inputs.assumeRolePolicy),
          Description: inputs.description,
          MaxSessionDuration: inputs.maxSessionDuration,
          PermissionsBoundary: inputs.permissionsBoundary,
          Tags: tagList(allTags(inputs.tags, context)),
        });
      } catch (error) {
        if (!hasCode(error, "EntityAlreadyExists") || !mayAdopt(name, context)) throw error;
        await changeRole(aws, name, inputs, undefined, context);
      }
      await changePolicies(aws, name, inputs, undefined);
      return name;
    },
    async describe(id, inputs, context) {
      const result = await aws.client.query("iam", "GetRole", { RoleName: id });
      return outputsOf(result.at("Role"), inputs, context);
    },
    async update(id, inputs, old, context) {
      await changeRole(aws, id, inputs, old.inputs, context);
      await changePolicies(aws, id, inputs, old.inputs);
    },
    async delete(id, old) {
      const all = old.inputs.forceDetachPolicies ?? false;
      const inline = all ? await inlineNames(aws, id) : inlineOf(old.inputs).map(([name]) => name);
      for (const PolicyName of inline)
        await ignoreMissing(aws.client.query("iam", "DeleteRolePolicy", { RoleName: id, PolicyName }));
      const attached = all ? await attachedArns(aws, id) : (old.inputs.managedPolicyArns ?? []);
      for (const PolicyArn of attached)
        await ignoreMissing(aws.client.query("iam", "DetachRolePolicy", { RoleName: id, PolicyArn }));
      await aws.client.query("iam", "DeleteRole", { RoleName: id });
    },
    predict: (inputs) => ({ arn: aws.globalArn("iam", `role${inputs.path ?? "/"}${inputs.name}`) }),
  });
}

async function changeRole(
  aws: Aws,
  name: string,
  inputs: RoleInputs,
  old: RoleInputs | undefined,
  context: ResourceContext,
): Promise<void> {
  const { client } = aws;
  if (!old || jsonText(old.assumeRolePolicy) !== jsonText(inputs.assumeRolePolicy)) {
    await client.query("iam", "UpdateAssumeRolePolicy", {
      RoleName: name,
      PolicyDocument: jsonText(inputs.assumeRolePolicy),
    });
  }
  if (old?.description !== inputs.description || old?.maxSessionDuration !== inputs.maxSessionDuration) {
    await client.query("iam", "UpdateRole", {
      RoleName: name,
      Description: inputs.description ?? "",
      MaxSessionDuration: inputs.maxSessionDuration ?? DEFAULT_SESSION_SECONDS,
    });
  }
  if (old?.permissionsBoundary !== inputs.permissionsBoundary) {
    await (inputs.permissionsBoundary
      ? client.query("iam", "PutRolePermissionsBoundary", {
          RoleName: name,
          PermissionsBoundary: inputs.permissionsBoundary,
        })
      : client.query("iam", "DeleteRolePermissionsBoundary", { RoleName: name }));
  }
  const tags = tagChanges(inputs, old, context);
  if (tags.removed.length > 0)
    await client.query("iam", "UntagRole", { RoleName: name, TagKeys: tags.removed });
  if (!isEmpty(tags.put)) await client.query("iam", "TagRole", { RoleName: name, Tags: tagList(tags.put) });
}

/** Policies given in the role's own inputs; those of resources of their own are left alone. */
async function changePolicies(
  aws: Aws,
  name: string,
  inputs: RoleInputs,
  old: RoleInputs | undefined,
): Promise<void> {
  const inline = new Map(inlineOf(inputs));
  const before = new Map(old ? inlineOf(old) : []);
  for (const PolicyName of before.keys()) {
    if (!inline.has(PolicyName))
      await ignoreMissing(aws.client.query("iam", "DeleteRolePolicy", { RoleName: name, PolicyName }));
  }
  for (const [PolicyName, PolicyDocument] of inline) {
    if (before.get(PolicyName) === PolicyDocument) continue;
    await aws.client.query("iam", "PutRolePolicy", { RoleName: name, PolicyName, PolicyDocument });
  }
  const attached = new Set(inputs.managedPolicyArns);
  const attachedBefore = new Set(old?.managedPolicyArns);
  for (const PolicyArn of attachedBefore) {
    if (!attached.has(PolicyArn))
      await ignoreMissing(aws.client.query("iam", "DetachRolePolicy", { RoleName: name, PolicyArn }));
  }
  for (const PolicyArn of attached) {
    if (!attachedBefore.has(PolicyArn))
      await aws.client.query("iam", "AttachRolePolicy", { RoleName: name, PolicyArn });
  }
}

function inlineOf(inputs: RoleInputs): [string, string][] {
  return (inputs.inlinePolicies ?? []).flatMap(({ name, policy }): [string, string][] =>
    name !== undefined && policy !== undefined ? [[name, jsonText(policy)]] : [],
  );
}

async function inlineNames(aws: Aws, name: string): Promise<string[]> {
  const result = await aws.client.query("iam", "ListRolePolicies", { RoleName: name });
  return texts(result.at("PolicyNames").all("member"));
}

async function attachedArns(aws: Aws, name: string): Promise<string[]> {
  const result = await aws.client.query("iam", "ListAttachedRolePolicies", { RoleName: name });
  return texts(
    result
      .at("AttachedPolicies")
      .all("member")
      .map((member) => member.at("PolicyArn")),
  );
}

function texts(places: readonly Xml[]): string[] {
  return places.flatMap(({ text }) => (text === undefined ? [] : [text]));
}

async function ignoreMissing(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!hasCode(error, "NoSuchEntity")) throw error;
  }
}

function outputsOf(found: Xml, inputs: RoleInputs, context: ResourceContext): Outputs<RoleState> {
  const document = found.at("AssumeRolePolicyDocument").text;
  return {
    name: found.at("RoleName").text,
    arn: found.at("Arn").text,
    uniqueId: found.at("RoleId").text,
    createDate: found.at("CreateDate").text,
    path: found.at("Path").text ?? "/",
    description: found.at("Description").text ?? inputs.description ?? "",
    assumeRolePolicy:
      document === undefined ? jsonText(inputs.assumeRolePolicy) : jsonText(decodeURIComponent(document)),
    maxSessionDuration: Number(found.at("MaxSessionDuration").text ?? DEFAULT_SESSION_SECONDS),
    forceDetachPolicies: inputs.forceDetachPolicies ?? false,
    inlinePolicies: inputs.inlinePolicies ?? [],
    managedPolicyArns: inputs.managedPolicyArns ?? [],
    tagsAll: allTags(inputs.tags, context),
  };
}
