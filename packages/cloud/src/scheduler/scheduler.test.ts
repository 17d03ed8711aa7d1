import * as sdk from "@aws-sdk/client-scheduler";
import * as sqs from "@aws-sdk/client-sqs";
import { expect, it } from "vitest";
import { startTestCloud } from "../testing.ts";

it("runs a schedule once, as its role, and forgets it", async () => {
  await using test = await startTestCloud();
  const scheduler = test.client(sdk.SchedulerClient);
  const queues = test.client(sqs.SQSClient);
  const { QueueUrl } = await queues.send(new sqs.CreateQueueCommand({ QueueName: "q" }));
  const Arn = "arn:aws:sqs:us-east-1:000000000000:q";
  const { roleArn: RoleArn } = await test.roleWith([
    { Effect: "Allow", Action: "sqs:SendMessage", Resource: Arn },
  ]);
  const at = new Date(Date.now() + 1500).toISOString().slice(0, 19);
  const { ScheduleArn } = await scheduler.send(
    new sdk.CreateScheduleCommand({
      Name: "once",
      ScheduleExpression: `at(${at})`,
      FlexibleTimeWindow: { Mode: "OFF" },
      ActionAfterCompletion: "DELETE",
      Target: { Arn, RoleArn, Input: "<aws.scheduler.schedule-arn> at <aws.scheduler.scheduled-time>" },
    }),
  );
  const { Messages } = await queues.send(new sqs.ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }));
  expect(Messages?.map(({ Body }) => Body)).toEqual([`${ScheduleArn} at ${at}Z`]);
  await expect(scheduler.send(new sdk.GetScheduleCommand({ Name: "once" }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
});

it("keeps schedules through a restart, and says what is wrong with others", async () => {
  await using test = await startTestCloud();
  const scheduler = test.client(sdk.SchedulerClient);
  const { roleArn } = await test.roleWith([]);
  const schedule = {
    Name: "nightly",
    ScheduleExpression: "cron(0 3 * * ? *)",
    ScheduleExpressionTimezone: "Europe/Berlin",
    FlexibleTimeWindow: { Mode: "OFF" as const },
    Target: {
      Arn: "arn:aws:sqs:us-east-1:000000000000:q",
      RoleArn: roleArn,
    },
  };
  await scheduler.send(new sdk.CreateScheduleCommand(schedule));
  await test.restart();
  await scheduler.send(new sdk.UpdateScheduleCommand({ ...schedule, State: "DISABLED" }));
  expect(await scheduler.send(new sdk.GetScheduleCommand({ Name: "nightly" }))).toMatchObject({
    State: "DISABLED",
    ScheduleExpressionTimezone: "Europe/Berlin",
  });
  const { Schedules } = await scheduler.send(new sdk.ListSchedulesCommand({}));
  expect(Schedules?.map(({ Name }) => Name)).toEqual(["nightly"]);
  await expect(scheduler.send(new sdk.CreateScheduleCommand(schedule))).rejects.toMatchObject({
    name: "ConflictException",
  });
  await expect(
    scheduler.send(new sdk.CreateScheduleCommand({ ...schedule, Name: "bad", ScheduleExpression: "daily" })),
  ).rejects.toMatchObject({ name: "ValidationException" });
  await scheduler.send(new sdk.DeleteScheduleCommand({ Name: "nightly" }));
});
