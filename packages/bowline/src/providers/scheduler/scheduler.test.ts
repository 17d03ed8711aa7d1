import { GetScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../testing.ts";

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws?.[Symbol.asyncDispose]());

test("a schedule is made, changed, taken up again and removed", async () => {
  const scheduler = aws.client(SchedulerClient);
  const Principal = { Service: "scheduler.amazonaws.com" };
  const role = aws.resource("aws:iam/role:Role", "Clock");
  await role.up({
    assumeRolePolicy: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal, Action: "sts:AssumeRole" }],
    },
  });
  const queue = aws.resource("aws:sqs/queue:Queue", "Ticks");
  await queue.up({});
  const schedule = aws.resource("aws:scheduler/schedule:Schedule", "Nightly");
  const inputs = {
    scheduleExpression: "rate(1 hour)",
    flexibleTimeWindow: { mode: "OFF" },
    target: { arn: String(queue.outputs.arn), roleArn: String(role.outputs.arn), input: '{"tick":1}' },
  };
  expect(await schedule.up(inputs)).toBe("create");
  expect(schedule.id).toBe(`default/${schedule.outputs.name}`);
  expect(schedule.outputs).toMatchObject({
    arn: `arn:aws:scheduler:us-east-1:000000000000:schedule/${schedule.id}`,
    state: "ENABLED",
  });
  expect(await schedule.up({ ...inputs, state: "DISABLED", scheduleExpression: "rate(2 hours)" })).toBe(
    "update",
  );
  const found = await scheduler.send(new GetScheduleCommand({ Name: String(schedule.outputs.name) }));
  expect(found).toMatchObject({
    ScheduleExpression: "rate(2 hours)",
    State: "DISABLED",
    Target: { Input: '{"tick":1}' },
  });
  await schedule.createAgain(inputs);
  expect(schedule.outputs.state).toBe("ENABLED");
  await schedule.delete();
  expect(await schedule.refresh()).toBe(false);
  await schedule.delete();
});
