import type { ResourceContext, ResourceHandler } from "@bowline/engine";
import type { LogGroupArgs, LogGroupState } from "@pulumi/aws/cloudwatch/logGroup.js";
import { type Aws, allTags, isEmpty, tagChanges } from "../aws.ts";
import { hasCode } from "../client.ts";
import type { Inputs } from "../plain.ts";
import { mayAdopt, resource } from "../resource.ts";

type LogGroupInputs = Inputs<LogGroupArgs>;

export function logGroup(aws: Aws): ResourceHandler {
  const arnOf = (name: string | undefined) => aws.arn("logs", `log-group:${name}`);
  return resource<LogGroupArgs, LogGroupState>(aws.endpoint, {
    autoName: {
      property: "name",
      prefixProperty: "namePrefix",
      maxLength: 512,
      forbidden: /[^A-Za-z0-9_./#-]/g,
    },
    replaceOn: ["name", "namePrefix", "logGroupClass", "region"],
    recorded: ["deletionProtectionEnabled", "kmsKeyId"],
    find: (inputs) => inputs.name,
    async create(inputs, context) {
      const name = String(inputs.name);
      const tags = allTags(inputs.tags, context);
      try {
        await aws.client.json("logs", "CreateLogGroup", {
          logGroupName: name,
          logGroupClass: inputs.logGroupClass,
          ...(Object.keys(tags).length > 0 ? { tags } : {}),
        });
      } catch (error) {
        if (
          !hasCode(error, "ResourceAlreadyExistsException") ||
          !(isFunctionsOwn(name) || mayAdopt(name, context))
        )
          throw error;
      }
      if (inputs.retentionInDays) await putRetention(aws, name, inputs);
      return name;
    },
    async describe(id, inputs, context) {
      const { logGroups = [] } = await aws.client.json<{
        logGroups?: { logGroupName: string; retentionInDays?: number }[];
      }>("logs", "DescribeLogGroups", { logGroupNamePrefix: id });
      const found = logGroups.find(({ logGroupName }) => logGroupName === id);
      if (!found) return undefined;
      return {
        name: id,
        arn: arnOf(id),
        region: aws.region,
        retentionInDays: found.retentionInDays ?? 0,
        logGroupClass: inputs.logGroupClass ?? "STANDARD",
        skipDestroy: inputs.skipDestroy ?? false,
        deletionProtectionEnabled: inputs.deletionProtectionEnabled ?? false,
        tagsAll: allTags(inputs.tags, context),
      };
    },
    async update(id, inputs, old, context) {
      if ((inputs.retentionInDays ?? 0) !== (old.inputs.retentionInDays ?? 0))
        await putRetention(aws, id, inputs);
      await changeTags(aws, arnOf(id), inputs, old.inputs, context);
    },
    async delete(id, { inputs }) {
      if (!inputs.skipDestroy) await aws.client.json("logs", "DeleteLogGroup", { logGroupName: id });
    },
    predict: (inputs) => ({ arn: arnOf(inputs.name), region: aws.region }),
  });
}

/** A function that logged before its group was declared has made the group itself. */
function isFunctionsOwn(name: string): boolean {
  return name.startsWith("/aws/lambda/");
}

async function putRetention(aws: Aws, name: string, inputs: LogGroupInputs): Promise<void> {
  if (inputs.retentionInDays) {
    await aws.client.json("logs", "PutRetentionPolicy", {
      logGroupName: name,
      retentionInDays: inputs.retentionInDays,
    });
  } else {
    await aws.client.json("logs", "DeleteRetentionPolicy", { logGroupName: name });
  }
}

async function changeTags(
  aws: Aws,
  arn: string,
  inputs: LogGroupInputs,
  old: LogGroupInputs,
  context: ResourceContext,
): Promise<void> {
  const tags = tagChanges(inputs, old, context);
  if (tags.removed.length > 0)
    await aws.client.json("logs", "UntagResource", { resourceArn: arn, tagKeys: tags.removed });
  if (!isEmpty(tags.put)) await aws.client.json("logs", "TagResource", { resourceArn: arn, tags: tags.put });
}
