import * as sdk from "@aws-sdk/client-scheduler";
import { expect, it } from "vitest";
import { startTestCloud } from "../testing.ts";

const absent = { name: "ResourceNotFoundException" };

it("schedules have groups, which take them along when they go", async () => {
  await using test = await startTestCloud();
  const scheduler = () => test.client(sdk.SchedulerClient);
  const { roleArn: RoleArn } = await test.roleWith([]);
  const schedule = {
    Name: "nightly",
    ScheduleExpression: "rate(1 day)",
    FlexibleTimeWindow: { Mode: "OFF" as const },
    Target: { Arn: "arn:aws:sqs:us-east-1:000000000000:q", RoleArn },
  };
  const create = (GroupName?: string) =>
    scheduler().send(new sdk.CreateScheduleCommand({ ...schedule, GroupName }));
  await expect(create("reports")).rejects.toMatchObject(absent);
  const { ScheduleGroupArn } = await scheduler().send(
    new sdk.CreateScheduleGroupCommand({ Name: "reports", Tags: [{ Key: "team", Value: "red" }] }),
  );
  expect(ScheduleGroupArn).toBe("arn:aws:scheduler:us-east-1:000000000000:schedule-group/reports");
  await expect(
    scheduler().send(new sdk.CreateScheduleGroupCommand({ Name: "reports" })),
  ).rejects.toMatchObject({ name: "ConflictException" });
  await create();
  expect((await create("reports")).ScheduleArn).toContain(":schedule/reports/nightly");
  await test.restart();
  const list = async (GroupName?: string) => {
    const { Schedules = [] } = await scheduler().send(new sdk.ListSchedulesCommand({ GroupName }));
    return Schedules.map((one) => one.GroupName);
  };
  expect((await list()).sort()).toEqual(["default", "reports"]);
  expect(await list("reports")).toEqual(["reports"]);
  const group = await scheduler().send(new sdk.GetScheduleGroupCommand({ Name: "reports" }));
  expect(group).toMatchObject({ Name: "reports", Arn: ScheduleGroupArn, State: "ACTIVE" });
  expect(group.CreationDate).toBeInstanceOf(Date);
  const { ScheduleGroups } = await scheduler().send(new sdk.ListScheduleGroupsCommand({ NamePrefix: "r" }));
  expect(ScheduleGroups?.map(({ Name }) => Name)).toEqual(["reports"]);
  await scheduler().send(new sdk.DeleteScheduleGroupCommand({ Name: "reports" }));
  expect(await list()).toEqual(["default"]);
  await expect(scheduler().send(new sdk.GetScheduleGroupCommand({ Name: "reports" }))).rejects.toMatchObject(
    absent,
  );
  await expect(
    scheduler().send(new sdk.DeleteScheduleGroupCommand({ Name: "default" })),
  ).rejects.toMatchObject({ name: "ValidationException" });
});

it("groups have tags", async () => {
  await using test = await startTestCloud();
  const scheduler = test.client(sdk.SchedulerClient);
  const { ScheduleGroupArn: ResourceArn } = await scheduler.send(
    new sdk.CreateScheduleGroupCommand({ Name: "tagged", Tags: [{ Key: "team", Value: "red" }] }),
  );
  const tags = async () => (await scheduler.send(new sdk.ListTagsForResourceCommand({ ResourceArn }))).Tags;
  await scheduler.send(new sdk.TagResourceCommand({ ResourceArn, Tags: [{ Key: "cost", Value: "1" }] }));
  expect(await tags()).toEqual([
    { Key: "team", Value: "red" },
    { Key: "cost", Value: "1" },
  ]);
  await scheduler.send(new sdk.UntagResourceCommand({ ResourceArn, TagKeys: ["team"] }));
  expect(await tags()).toEqual([{ Key: "cost", Value: "1" }]);
});

it("a schedule whose end has come is forgotten if it asked for that", async () => {
  await using test = await startTestCloud();
  const scheduler = test.client(sdk.SchedulerClient);
  const { roleArn: RoleArn } = await test.roleWith([]);
  const create = (Name: string, ActionAfterCompletion: sdk.ActionAfterCompletion) =>
    scheduler.send(
      new sdk.CreateScheduleCommand({
        Name,
        ActionAfterCompletion,
        ScheduleExpression: "rate(1 day)",
        EndDate: new Date(Date.now() + 1500),
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: { Arn: "arn:aws:sqs:us-east-1:000000000000:q", RoleArn },
      }),
    );
  await create("passing", "DELETE");
  await create("staying", "NONE");
  const names = async () =>
    (await scheduler.send(new sdk.ListSchedulesCommand({}))).Schedules?.map(({ Name }) => Name);
  expect(await names()).toEqual(["passing", "staying"]);
  await expect.poll(names, { timeout: 10_000 }).toEqual(["staying"]);
});
