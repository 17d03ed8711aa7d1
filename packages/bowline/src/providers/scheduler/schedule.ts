import type { ResourceHandler } from "@bowline/engine";
import type { ScheduleArgs, ScheduleState } from "@pulumi/aws/scheduler/schedule.js";
import type { Aws } from "../aws.ts";
import { hasCode } from "../client.ts";
import type { Inputs } from "../plain.ts";
import { mayAdopt, resource } from "../resource.ts";

type ScheduleInputs = Inputs<ScheduleArgs>;

export function schedule(aws: Aws): ResourceHandler {
  const pathOf = (inputs: ScheduleInputs) => `/schedules/${encodeURIComponent(String(inputs.name))}`;
  const idOf = (inputs: ScheduleInputs) => `${groupOf(inputs)}/${inputs.name}`;
  const groupOf = (inputs: ScheduleInputs) => inputs.groupName ?? "default";

  return resource<ScheduleArgs, ScheduleState>(aws.endpoint, {
    required: ["flexibleTimeWindow", "scheduleExpression", "target"],
    autoName: {
      property: "name",
      prefixProperty: "namePrefix",
      maxLength: 64,
      forbidden: /[^A-Za-z0-9_.-]/g,
    },
    replaceOn: ["name", "namePrefix", "groupName", "region"],
    recorded: ["kmsKeyArn"],
    find: idOf,
    async create(inputs, context) {
      try {
        await aws.client.restJson("scheduler", "POST", pathOf(inputs), bodyOf(inputs));
      } catch (error) {
        if (!hasCode(error, "ConflictException") || !mayAdopt(String(inputs.name), context)) throw error;
        await aws.client.restJson("scheduler", "PUT", pathOf(inputs), bodyOf(inputs));
      }
      return idOf(inputs);
    },
    async describe(_id, inputs) {
      const found = await aws.client.restJson<{ Arn: string; State?: string }>(
        "scheduler",
        "GET",
        pathOf(inputs),
        undefined,
        {
          groupName: groupOf(inputs),
        },
      );
      return {
        name: inputs.name,
        groupName: groupOf(inputs),
        arn: found.Arn,
        state: found.State ?? "ENABLED",
        scheduleExpressionTimezone: inputs.scheduleExpressionTimezone ?? "UTC",
        region: aws.region,
      };
    },
    async update(_id, inputs) {
      await aws.client.restJson("scheduler", "PUT", pathOf(inputs), bodyOf(inputs));
    },
    async delete(_id, { inputs }) {
      await aws.client.restJson("scheduler", "DELETE", pathOf(inputs), undefined, {
        groupName: groupOf(inputs),
      });
    },
    predict: (inputs) => ({
      arn: aws.arn("scheduler", `schedule/${groupOf(inputs)}/${inputs.name}`),
      region: aws.region,
    }),
  });
}

function bodyOf(inputs: ScheduleInputs) {
  const { target, flexibleTimeWindow } = inputs;
  return {
    GroupName: inputs.groupName,
    Description: inputs.description,
    ScheduleExpression: inputs.scheduleExpression,
    ScheduleExpressionTimezone: inputs.scheduleExpressionTimezone,
    StartDate: epochSeconds(inputs.startDate),
    EndDate: epochSeconds(inputs.endDate),
    State: inputs.state,
    ActionAfterCompletion: inputs.actionAfterCompletion,
    FlexibleTimeWindow: {
      Mode: flexibleTimeWindow.mode,
      MaximumWindowInMinutes: flexibleTimeWindow.maximumWindowInMinutes,
    },
    Target: {
      Arn: target.arn,
      RoleArn: target.roleArn,
      Input: target.input,
      DeadLetterConfig: target.deadLetterConfig && { Arn: target.deadLetterConfig.arn },
      RetryPolicy: target.retryPolicy && {
        MaximumEventAgeInSeconds: target.retryPolicy.maximumEventAgeInSeconds,
        MaximumRetryAttempts: target.retryPolicy.maximumRetryAttempts,
      },
      SqsParameters: target.sqsParameters && { MessageGroupId: target.sqsParameters.messageGroupId },
      EventBridgeParameters: target.eventbridgeParameters && {
        DetailType: target.eventbridgeParameters.detailType,
        Source: target.eventbridgeParameters.source,
      },
      KinesisParameters: target.kinesisParameters && { PartitionKey: target.kinesisParameters.partitionKey },
    },
  };
}

function epochSeconds(date: string | undefined): number | undefined {
  return date === undefined ? undefined : Date.parse(date) / 1000;
}
