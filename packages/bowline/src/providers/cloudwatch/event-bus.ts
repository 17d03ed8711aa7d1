import type { ResourceHandler } from "@bowline/engine";
import type { EventBusArgs, EventBusState } from "@pulumi/aws/cloudwatch/eventBus.js";
import type { EventPermissionArgs, EventPermissionState } from "@pulumi/aws/cloudwatch/eventPermission.js";
import { type Aws, allTags, isEmpty, tagChanges, tagList } from "../aws.ts";
import { hasCode } from "../client.ts";
import type { Inputs } from "../plain.ts";
import { mayAdopt, resource } from "../resource.ts";

type BusInputs = Inputs<EventBusArgs>;

export const DEFAULT_BUS = "default";

export function eventBus(aws: Aws): ResourceHandler {
  const settings = (inputs: BusInputs) => ({
    Name: inputs.name,
    Description: inputs.description,
    KmsKeyIdentifier: inputs.kmsKeyIdentifier,
    DeadLetterConfig: inputs.deadLetterConfig && { Arn: inputs.deadLetterConfig.arn },
  });
  return resource<EventBusArgs, EventBusState>(aws.endpoint, {
    autoName: { property: "name", maxLength: 256, forbidden: /[^A-Za-z0-9_./-]/g },
    replaceOn: ["name", "eventSourceName", "region"],
    recorded: ["logConfig"],
    find: (inputs) => inputs.name,
    async create(inputs, context) {
      const name = String(inputs.name);
      try {
        await aws.client.json("events", "CreateEventBus", {
          ...settings(inputs),
          EventSourceName: inputs.eventSourceName,
          Tags: tagList(allTags(inputs.tags, context)),
        });
      } catch (error) {
        if (!hasCode(error, "ResourceAlreadyExistsException") || !mayAdopt(name, context)) throw error;
      }
      return name;
    },
    async describe(id, inputs, context) {
      const found = await aws.client.json<{ Arn: string; Description?: string }>(
        "events",
        "DescribeEventBus",
        { Name: id },
      );
      return {
        name: id,
        arn: found.Arn,
        description: found.Description ?? "",
        region: aws.region,
        tagsAll: allTags(inputs.tags, context),
      };
    },
    async update(id, inputs, old, context) {
      if (JSON.stringify(settings(inputs)) !== JSON.stringify(settings(old.inputs))) {
        await aws.client.json("events", "UpdateEventBus", settings(inputs));
      }
      await changeTags(aws, aws.arn("events", `event-bus/${id}`), tagChanges(inputs, old.inputs, context));
    },
    async delete(id) {
      await aws.client.json("events", "DeleteEventBus", { Name: id });
    },
    predict: (inputs) => ({ arn: aws.arn("events", `event-bus/${inputs.name}`), region: aws.region }),
  });
}

export async function changeTags(
  aws: Aws,
  ResourceARN: string,
  changes: ReturnType<typeof tagChanges>,
): Promise<void> {
  if (changes.removed.length > 0)
    await aws.client.json("events", "UntagResource", { ResourceARN, TagKeys: changes.removed });
  if (!isEmpty(changes.put))
    await aws.client.json("events", "TagResource", { ResourceARN, Tags: tagList(changes.put) });
}

export function eventPermission(aws: Aws): ResourceHandler {
  const put = (inputs: Inputs<EventPermissionArgs>) =>
    aws.client.json("events", "PutPermission", {
      EventBusName: inputs.eventBusName ?? DEFAULT_BUS,
      Action: inputs.action ?? "events:PutEvents",
      Principal: inputs.principal,
      StatementId: inputs.statementId,
      Condition: inputs.condition && {
        Type: inputs.condition.type,
        Key: inputs.condition.key,
        Value: inputs.condition.value,
      },
    });
  return resource<EventPermissionArgs, EventPermissionState>(aws.endpoint, {
    required: ["principal", "statementId"],
    replaceOn: ["eventBusName", "statementId", "region"],
    find: permissionId,
    async create(inputs) {
      await put(inputs);
      return permissionId(inputs);
    },
    async describe(_id, inputs) {
      const { Policy } = await aws.client.json<{ Policy?: string }>("events", "DescribeEventBus", {
        Name: inputs.eventBusName ?? DEFAULT_BUS,
      });
      const { Statement = [] } = JSON.parse(Policy || "{}") as { Statement?: { Sid?: string }[] };
      if (!Statement.some(({ Sid }) => Sid === inputs.statementId)) return undefined;
      return {
        action: inputs.action ?? "events:PutEvents",
        eventBusName: inputs.eventBusName ?? DEFAULT_BUS,
        region: aws.region,
      };
    },
    async update(_id, inputs) {
      await put(inputs);
    },
    async delete(_id, { inputs }) {
      await aws.client.json("events", "RemovePermission", {
        EventBusName: inputs.eventBusName ?? DEFAULT_BUS,
        StatementId: inputs.statementId,
      });
    },
  });
}

function permissionId(inputs: Inputs<EventPermissionArgs>): string {
  return `${inputs.eventBusName ?? DEFAULT_BUS}/${inputs.statementId}`;
}
