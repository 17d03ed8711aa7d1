/** Sample calls of the Scheduler's operations. */
import * as sdk from "@aws-sdk/client-scheduler";
import type { PolicyStatement } from "../iam/policy.ts";
import { sampleCalls } from "../samples.ts";

interface Fixture {
  readonly unique: string;
  readonly arn: string;
  readonly roleArn: string;
  /** A group's name. */
  readonly group: string;
}

const groupArn = (name: string) => `arn:aws:scheduler:us-east-1:000000000000:schedule-group/${name}`;

const scheduleAs = (RoleArn: string) => ({
  ScheduleExpression: "rate(1 day)",
  FlexibleTimeWindow: { Mode: "OFF" as const },
  Target: { Arn: "arn:aws:sqs:us-east-1:000000000000:q", RoleArn },
});

function only(action: string, resource: string): PolicyStatement {
  return { Effect: "Allow", Action: `scheduler:${action}`, Resource: resource };
}

const pass = ({ roleArn }: Fixture): PolicyStatement => ({
  Effect: "Allow",
  Action: "iam:PassRole",
  Resource: roleArn,
  Condition: { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } },
});

export const samples = sampleCalls<sdk.SchedulerClient, Fixture>({
  service: "scheduler",
  client: (test, credentials) => test.client(sdk.SchedulerClient, credentials),
  async prepare(test, unique) {
    const client = test.client(sdk.SchedulerClient);
    const { roleArn } = await test.roleWith([], `${unique}Role`);
    const { ScheduleArn = "" } = await client.send(
      new sdk.CreateScheduleCommand({ ...scheduleAs(roleArn), Name: unique }),
    );
    const group = `${unique}Group`;
    await client.send(new sdk.CreateScheduleGroupCommand({ Name: group }));
    return { unique, arn: ScheduleArn, roleArn, group };
  },
  calls: {
    CreateSchedule: {
      call: (client, { unique, roleArn }) =>
        client.send(new sdk.CreateScheduleCommand({ ...scheduleAs(roleArn), Name: `${unique}-new` })),
      allow: (fixture) => [only("CreateSchedule", `${fixture.arn}-new`), pass(fixture)],
    },
    UpdateSchedule: {
      call: (client, { unique: Name, roleArn }) =>
        client.send(new sdk.UpdateScheduleCommand({ ...scheduleAs(roleArn), Name })),
      allow: (fixture) => [only("UpdateSchedule", fixture.arn), pass(fixture)],
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
    CreateScheduleGroup: {
      call: (client, { unique: Name }) =>
        client.send(new sdk.CreateScheduleGroupCommand({ Name, Tags: [{ Key: "a", Value: "b" }] })),
      allow: ({ unique }) =>
        ["CreateScheduleGroup", "TagResource"].map((action) => only(action, groupArn(unique))),
    },
    GetScheduleGroup: {
      call: (client, { group: Name }) => client.send(new sdk.GetScheduleGroupCommand({ Name })),
      allow: ({ group }) => [only("GetScheduleGroup", groupArn(group))],
    },
    DeleteScheduleGroup: {
      call: (client, { group: Name }) => client.send(new sdk.DeleteScheduleGroupCommand({ Name })),
      allow: ({ group }) => [only("DeleteScheduleGroup", groupArn(group))],
    },
    ListScheduleGroups: {
      call: (client) => client.send(new sdk.ListScheduleGroupsCommand({})),
      allow: () => [only("ListScheduleGroups", "*")],
    },
    ListTagsForResource: {
      call: (client, { group }) =>
        client.send(new sdk.ListTagsForResourceCommand({ ResourceArn: groupArn(group) })),
      allow: ({ group }) => [only("ListTagsForResource", groupArn(group))],
    },
    TagResource: {
      call: (client, { group }) =>
        client.send(
          new sdk.TagResourceCommand({ ResourceArn: groupArn(group), Tags: [{ Key: "a", Value: "b" }] }),
        ),
      allow: ({ group }) => [only("TagResource", groupArn(group))],
    },
    UntagResource: {
      call: (client, { group }) =>
        client.send(new sdk.UntagResourceCommand({ ResourceArn: groupArn(group), TagKeys: ["a"] })),
      allow: ({ group }) => [only("UntagResource", groupArn(group))],
    },
  },
});
