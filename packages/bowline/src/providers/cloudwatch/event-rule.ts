import type { ResourceContext, ResourceHandler } from "@bowline/engine";
import type { EventRuleArgs, EventRuleState } from "@pulumi/aws/cloudwatch/eventRule.js";
import { type Aws, allTags, jsonText, nameOf, tagChanges, tagList } from "../aws.ts";
import type { Inputs } from "../plain.ts";
import { resource } from "../resource.ts";
import { changeTags, DEFAULT_BUS } from "./event-bus.ts";

type RuleInputs = Inputs<EventRuleArgs>;

export function eventRule(aws: Aws): ResourceHandler {
  const busOf = (inputs: RuleInputs) => nameOf(inputs.eventBusName ?? DEFAULT_BUS);
  const pathOf = (inputs: RuleInputs) =>
    busOf(inputs) === DEFAULT_BUS ? `${inputs.name}` : `${busOf(inputs)}/${inputs.name}`;
  const reference = (inputs: RuleInputs) => ({
    Name: inputs.name,
    EventBusName: inputs.eventBusName ?? DEFAULT_BUS,
  });
  // Putting a rule that exists changes it: an attempt cut short is simply done again.
  const put = (inputs: RuleInputs, context: ResourceContext) =>
    aws.client.json("events", "PutRule", {
      ...reference(inputs),
      EventPattern: inputs.eventPattern,
      ScheduleExpression: inputs.scheduleExpression,
      State: stateOf(inputs),
      Description: inputs.description,
      RoleArn: inputs.roleArn,
      Tags: tagList(allTags(inputs.tags, context)),
    });

  return resource<EventRuleArgs, EventRuleState>(aws.endpoint, {
    autoName: {
      property: "name",
      prefixProperty: "namePrefix",
      maxLength: 64,
      forbidden: /[^A-Za-z0-9_.-]/g,
    },
    replaceOn: ["name", "namePrefix", "eventBusName", "region"],
    complete: (inputs) => ({ ...inputs, eventPattern: inputs.eventPattern && jsonText(inputs.eventPattern) }),
    validate: (inputs) =>
      inputs.eventPattern || inputs.scheduleExpression
        ? []
        : [{ property: "eventPattern", reason: 'A rule needs an "eventPattern" or a "scheduleExpression".' }],
    find: pathOf,
    async create(inputs, context) {
      await put(inputs, context);
      return pathOf(inputs);
    },
    async describe(id, inputs, context) {
      const name = id.slice(id.lastIndexOf("/") + 1);
      const bus = inputs.eventBusName ?? (id.includes("/") ? id.slice(0, id.lastIndexOf("/")) : DEFAULT_BUS);
      const found = await aws.client.json<{ Arn: string; State?: string }>("events", "DescribeRule", {
        Name: name,
        EventBusName: bus,
      });
      return {
        name,
        arn: found.Arn,
        eventBusName: bus,
        state: found.State ?? "ENABLED",
        isEnabled: found.State !== "DISABLED",
        forceDestroy: inputs.forceDestroy ?? false,
        region: aws.region,
        tagsAll: allTags(inputs.tags, context),
      };
    },
    async update(_id, inputs, old, context) {
      await put(inputs, context);
      await changeTags(
        aws,
        aws.arn("events", `rule/${pathOf(inputs)}`),
        tagChanges(inputs, old.inputs, context),
      );
    },
    async delete(_id, { inputs }) {
      if (inputs.forceDestroy) await removeTargets(aws, inputs);
      await aws.client.json("events", "DeleteRule", reference(inputs));
    },
    predict: (inputs) => ({ arn: aws.arn("events", `rule/${pathOf(inputs)}`), region: aws.region }),
  });
}

function stateOf(inputs: RuleInputs): string {
  return inputs.state ?? (inputs.isEnabled === false ? "DISABLED" : "ENABLED");
}

async function removeTargets(aws: Aws, inputs: RuleInputs): Promise<void> {
  const rule = { Rule: inputs.name, EventBusName: inputs.eventBusName ?? DEFAULT_BUS };
  const { Targets = [] } = await aws.client.json<{ Targets?: { Id: string }[] }>(
    "events",
    "ListTargetsByRule",
    rule,
  );
  if (Targets.length > 0)
    await aws.client.json("events", "RemoveTargets", { ...rule, Ids: Targets.map(({ Id }) => Id) });
}
