import { GetEventSourceMappingCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../testing.ts";

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws?.[Symbol.asyncDispose]());

test("a queue feeds a function: made once, changed in place, removed", async () => {
  const lambda = aws.client(LambdaClient);
  const queue = aws.resource("aws:sqs/queue:Queue", "Jobs");
  await queue.up({});
  const Principal = { Service: "lambda.amazonaws.com" };
  const actions = [
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ChangeMessageVisibility",
  ];
  const policy = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: actions, Resource: queue.outputs.arn ?? "" }],
  };
  const role = aws.resource("aws:iam/role:Role", "Worker");
  await role.up({
    assumeRolePolicy: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal, Action: "sts:AssumeRole" }],
    },
    inlinePolicies: [{ name: "consume", policy: JSON.stringify(policy) }],
  });
  const fn = aws.resource("aws:lambda/function:Function", "Worker");
  const text = "export const handler = async () => {};";
  await fn.up({
    role: String(role.outputs.arn),
    runtime: "nodejs22.x",
    handler: "index.handler",
    code: {
      "4dabf18193072939515e22adb298388d": "0def7320c3a5731c473e5ecbe6d01bc7",
      assets: {
        "index.mjs": { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", text },
      },
    },
  });

  const mapping = aws.resource("aws:lambda/eventSourceMapping:EventSourceMapping");
  const inputs = { eventSourceArn: String(queue.outputs.arn), functionName: fn.id };
  const filterCriteria = { filters: [{ pattern: JSON.stringify({ body: { kind: ["a"] } }) }] };
  expect(await mapping.up({ ...inputs, batchSize: 5, filterCriteria })).toBe("create");
  expect(mapping.outputs).toMatchObject({
    uuid: mapping.id,
    functionArn: fn.outputs.arn,
    state: "Enabled",
    batchSize: 5,
  });
  const { id } = mapping;
  expect(
    await mapping.up({ ...inputs, batchSize: 2, functionResponseTypes: ["ReportBatchItemFailures"] }),
  ).toBe("update");
  const found = await lambda.send(new GetEventSourceMappingCommand({ UUID: id }));
  expect(found).toMatchObject({ BatchSize: 2, FunctionResponseTypes: ["ReportBatchItemFailures"] });
  expect(found.FilterCriteria?.Filters ?? []).toEqual([]);
  await mapping.createAgain({ ...inputs, batchSize: 3 });
  expect(mapping.id).toBe(id);
  expect(await mapping.recover({ ...inputs, batchSize: 3 })).toBe(true);
  expect(await mapping.up({ ...inputs, batchSize: 3, enabled: false })).toBe("update");
  expect(mapping.outputs.state).toBe("Disabled");
  await mapping.delete();
  expect(await mapping.refresh()).toBe(false);
  await mapping.delete();
});
