/** Sample calls of the Scheduler's operations. */
import * as sdk from "@aws-sdk/client-scheduler";
import type { PolicyStatement } from "../iam/policy.ts";
import { sampleCalls } from "../samples.ts";

interface Fixture {
  readonly unique: string;
  readonly arn: string;
}

const role = "arn:aws:iam::000000000000:role/r";
const schedule = {
  ScheduleExpression: "rate(1 day)",
  FlexibleTimeWindow: { Mode: "OFF" as const },
  Target: { Arn: "arn:aws:sqs:us-east-1:000000000000:q", RoleArn: role },
};

function only(action: string, resource: string): PolicyStatement {
  return { Effect: "Allow", Action: `scheduler:${action}`, Resource: resource };
}

const pass: PolicyStatement = {
  Effect: "Allow",
  Action: "iam:PassRole",
  Resource: role,
  Condition: { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } },
};

export const samples = sampleCalls<sdk.SchedulerClient, Fixture>({
  service: "scheduler",
  client: (test, credentials) => test.client(sdk.SchedulerClient, credentials),
  async prepare(test, unique) {
    const client = test.client(sdk.SchedulerClient);
    const { ScheduleArn = "" } = await client.send(
      new sdk.CreateScheduleCommand({ ...schedule, Name: unique }),
    );
    return { unique, arn: ScheduleArn };
  },
  calls: {
    CreateSchedule: {
      call: (client, { unique }) =>
        client.send(new sdk.CreateScheduleCommand({ ...schedule, Name: `${unique}-new` })),
      allow: ({ arn }) => [only("CreateSchedule", `${arn}-new`), pass],
    },
    UpdateSchedule: {
      call: (client, { unique: Name }) => client.send(new sdk.UpdateScheduleCommand({ ...schedule, Name })),
      allow: ({ arn }) => [only("UpdateSchedule", arn), pass],
    },
    GetSchedule: {
      call: (client, { unique: Name }) => client.send(new sdk.GetScheduleCommand({ Name })),
      allow: ({ arn }) => [only("GetSchedule", arn)],
    },
    DeleteSchedule: {
      call: (client, { unique: Name }) => client.send(new sdk.DeleteScheduleCommand({ Name })),
      allow: ({ arn }) => [only("DeleteSchedule", arn)],
    },
    ListSchedules: {
      call: (client) => client.send(new sdk.ListSchedulesCommand({})),
      allow: () => [only("ListSchedules", "*")],
    },
  },
});
