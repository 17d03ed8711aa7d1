import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../testing.ts";

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws?.[Symbol.asyncDispose]());

test("a log group is made, kept for a time, and removed", async () => {
  const logs = aws.client(CloudWatchLogsClient);
  const group = aws.resource("aws:cloudwatch/logGroup:LogGroup", "Api");
  const preview = await group.preview({ retentionInDays: 7 });
  expect(await group.up({ retentionInDays: 7, tags: { a: "1" } })).toBe("create");
  expect(group.outputs).toMatchObject({
    arn: `arn:aws:logs:us-east-1:000000000000:log-group:${group.id}`,
    retentionInDays: 7,
  });
  expect(preview.arn).toBe(group.outputs.arn);
  expect(await group.up({ retentionInDays: 30, tags: { b: "1" } })).toBe("update");
  const found = async () =>
    (await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: group.id }))).logGroups?.[0]
      ?.retentionInDays;
  expect(await found()).toBe(30);
  expect(await group.up({})).toBe("update");
  expect(await found()).toBeUndefined();
  await group.createAgain({});
  await group.delete();
  expect(await group.refresh()).toBe(false);
  await group.delete();
});

test("a function's own log group is taken over, another's is not", async () => {
  const first = aws.resource("aws:cloudwatch/logGroup:LogGroup", "First");
  await first.up({ name: "/aws/lambda/talkative" });
  await aws
    .resource("aws:cloudwatch/logGroup:LogGroup", "Second")
    .up({ name: "/aws/lambda/talkative", retentionInDays: 3 });
  await first.up({ name: "mine" });
  await expect(
    aws.resource("aws:cloudwatch/logGroup:LogGroup", "Third").up({ name: "mine" }),
  ).rejects.toThrow("ResourceAlreadyExistsException");
});
