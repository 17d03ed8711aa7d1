import type { ResourceHandler } from "@bowline/engine";
import type { PolicyArgs, PolicyState } from "@pulumi/aws/iam/policy.js";
import { type Aws, allTags, isEmpty, jsonText, tagChanges, tagList } from "../aws.ts";
import { hasCode } from "../client.ts";
import type { Inputs } from "../plain.ts";
import { mayAdopt, resource } from "../resource.ts";
import { iamNames } from "./names.ts";

/** A policy keeps five versions; a sixth is refused. */
const MAX_VERSIONS = 5;

export function policy(aws: Aws): ResourceHandler {
  const arnOf = (inputs: Inputs<PolicyArgs>) =>
    aws.globalArn("iam", `policy${inputs.path ?? "/"}${inputs.name}`);
  return resource<PolicyArgs, PolicyState>(aws.endpoint, {
    required: ["policy"],
    autoName: { property: "name", prefixProperty: "namePrefix", maxLength: 128, ...iamNames },
    replaceOn: ["name", "namePrefix", "path", "description"],
    complete: (inputs) =>
      inputs.policy === undefined ? inputs : { ...inputs, policy: jsonText(inputs.policy) },
    find: arnOf,
    async create(inputs, context) {
      try {
        await aws.client.query("iam", "CreatePolicy", {
          PolicyName: inputs.name,
          Path: inputs.path ?? "/",
          Description: inputs.description,
          PolicyDocument: jsonText(inputs.policy),
          Tags: tagList(allTags(inputs.tags, context)),
        });
      } catch (error) {
        if (!hasCode(error, "EntityAlreadyExists") || !mayAdopt(String(inputs.name), context)) throw error;
        await putVersion(aws, arnOf(inputs), jsonText(inputs.policy));
      }
      return arnOf(inputs);
    },
    async describe(id, inputs, context) {
      const found = (await aws.client.query("iam", "GetPolicy", { PolicyArn: id })).at("Policy");
      return {
        arn: id,
        name: found.at("PolicyName").text,
        path: found.at("Path").text ?? "/",
        policyId: found.at("PolicyId").text,
        attachmentCount: Number(found.at("AttachmentCount").text ?? 0),
        description: found.at("Description").text ?? inputs.description ?? "",
        tagsAll: allTags(inputs.tags, context),
      };
    },
    async update(id, inputs, old, context) {
      if (jsonText(inputs.policy) !== jsonText(old.inputs.policy))
        await putVersion(aws, id, jsonText(inputs.policy));
      const tags = tagChanges(inputs, old.inputs, context);
      if (tags.removed.length > 0) {
        await aws.client.query("iam", "UntagPolicy", { PolicyArn: id, TagKeys: tags.removed });
      }
      if (!isEmpty(tags.put))
        await aws.client.query("iam", "TagPolicy", { PolicyArn: id, Tags: tagList(tags.put) });
    },
    async delete(id) {
      for (const VersionId of await spareVersions(aws, id)) {
        await aws.client.query("iam", "DeletePolicyVersion", { PolicyArn: id, VersionId });
      }
      await aws.client.query("iam", "DeletePolicy", { PolicyArn: id });
    },
    predict: (inputs) => ({ arn: arnOf(inputs) }),
  });
}

async function putVersion(aws: Aws, arn: string, document: string): Promise<void> {
  const spare = await spareVersions(aws, arn);
  const oldest = spare.at(-1);
  if (oldest !== undefined && spare.length >= MAX_VERSIONS - 1) {
    await aws.client.query("iam", "DeletePolicyVersion", { PolicyArn: arn, VersionId: oldest });
  }
  await aws.client.query("iam", "CreatePolicyVersion", {
    PolicyArn: arn,
    PolicyDocument: document,
    SetAsDefault: true,
  });
}

/** Versions that are not the default one, newest first. */
async function spareVersions(aws: Aws, arn: string): Promise<string[]> {
  const result = await aws.client.query("iam", "ListPolicyVersions", { PolicyArn: arn });
  return result
    .at("Versions")
    .all("member")
    .filter((version) => version.at("IsDefaultVersion").text !== "true")
    .flatMap((version) => version.at("VersionId").text ?? [])
    .sort((a, b) => Number(b.slice(1)) - Number(a.slice(1)));
}
