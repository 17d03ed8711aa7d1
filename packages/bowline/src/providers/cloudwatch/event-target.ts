import type { ResourceHandler } from "@bowline/engine";
import type { EventTargetArgs, EventTargetState } from "@pulumi/aws/cloudwatch/eventTarget.js";
import type { Aws } from "../aws.ts";
import type { Inputs } from "../plain.ts";
import { resource } from "../resource.ts";
import { DEFAULT_BUS } from "./event-bus.ts";

type TargetInputs = Inputs<EventTargetArgs>;

interface Failures {
  readonly FailedEntryCount?: number;
  readonly FailedEntries?: readonly { readonly ErrorCode?: string; readonly ErrorMessage?: string }[];
}

export function eventTarget(aws: Aws): ResourceHandler {
  const ruleOf = (inputs: TargetInputs) => ({
    Rule: inputs.rule,
    EventBusName: inputs.eventBusName ?? DEFAULT_BUS,
  });

  async function put(inputs: TargetInputs): Promise<void> {
    const answer = await aws.client.json<Failures>("events", "PutTargets", {
      ...ruleOf(inputs),
      Targets: [targetOf(inputs)],
    });
    failOn(answer, `events:PutTargets on the rule ${inputs.rule}`);
  }

  return resource<EventTargetArgs, EventTargetState>(aws.endpoint, {
    required: ["arn", "rule"],
    autoName: { property: "targetId", maxLength: 64, forbidden: /[^A-Za-z0-9_.-]/g },
    replaceOn: ["rule", "eventBusName", "targetId", "region"],
    recorded: [
      "appsyncTarget",
      "batchTarget",
      "ecsTarget",
      "redshiftTarget",
      "runCommandTargets",
      "sagemakerPipelineTarget",
    ],
    find: targetPath,
    async create(inputs) {
      await put(inputs);
      return targetPath(inputs);
    },
    async describe(_id, inputs) {
      const { Targets = [] } = await aws.client.json<{ Targets?: { Id: string }[] }>(
        "events",
        "ListTargetsByRule",
        ruleOf(inputs),
      );
      if (!Targets.some(({ Id }) => Id === inputs.targetId)) return undefined;
      return {
        targetId: inputs.targetId,
        eventBusName: inputs.eventBusName ?? DEFAULT_BUS,
        region: aws.region,
      };
    },
    update: (_id, inputs) => put(inputs),
    async delete(_id, { inputs }) {
      const answer = await aws.client.json<Failures>("events", "RemoveTargets", {
        ...ruleOf(inputs),
        Ids: [inputs.targetId],
      });
      failOn(answer, `events:RemoveTargets on the rule ${inputs.rule}`);
    },
  });
}

/** Both operations answer 200 and say in the body what they did not do. */
function failOn(answer: Failures, what: string): void {
  if (!answer.FailedEntryCount) return;
  const [failure] = answer.FailedEntries ?? [];
  throw new Error(
    `${what}: ${failure?.ErrorCode ?? "failed"}${failure?.ErrorMessage ? `: ${failure.ErrorMessage}` : ""}`,
  );
}

function targetOf(inputs: TargetInputs) {
  const { inputTransformer, sqsTarget, retryPolicy, httpTarget } = inputs;
  return {
    Id: inputs.targetId,
    Arn: inputs.arn,
    RoleArn: inputs.roleArn,
    Input: inputs.input,
    InputPath: inputs.inputPath,
    InputTransformer: inputTransformer && {
      InputPathsMap: inputTransformer.inputPaths,
      InputTemplate: inputTransformer.inputTemplate,
    },
    SqsParameters: sqsTarget && { MessageGroupId: sqsTarget.messageGroupId },
    KinesisParameters: inputs.kinesisTarget && { PartitionKeyPath: inputs.kinesisTarget.partitionKeyPath },
    DeadLetterConfig: inputs.deadLetterConfig && { Arn: inputs.deadLetterConfig.arn },
    RetryPolicy: retryPolicy && {
      MaximumEventAgeInSeconds: retryPolicy.maximumEventAgeInSeconds,
      MaximumRetryAttempts: retryPolicy.maximumRetryAttempts,
    },
    HttpParameters: httpTarget && {
      HeaderParameters: httpTarget.headerParameters,
      PathParameterValues: httpTarget.pathParameterValues,
      QueryStringParameters: httpTarget.queryStringParameters,
    },
  };
}

function targetPath(inputs: TargetInputs): string {
  return [inputs.eventBusName, inputs.rule, inputs.targetId].filter((part) => part !== undefined).join("-");
}
