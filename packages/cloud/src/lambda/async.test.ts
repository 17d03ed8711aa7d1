import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DeleteFunctionConcurrencyCommand,
  GetFunctionEventInvokeConfigCommand,
  InvokeCommand,
  ListFunctionEventInvokeConfigsCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
} from "@aws-sdk/client-lambda";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CloudEvent, InvocationEvent } from "../events.ts";
import { type LambdaCloud, startLambdaCloud } from "./testing.ts";

let cloud: LambdaCloud;
beforeAll(async () => {
  cloud = await startLambdaCloud({ retryDelays: [20, 40] });
});
afterAll(() => cloud[Symbol.asyncDispose]());

const failing = { "index.mjs": "export const handler = async () => { throw new Error('no') }" };
const echo = { "index.mjs": "export const handler = async (event) => event" };

async function queue(name: string): Promise<{ url: string; arn: string }> {
  const { QueueUrl } = await cloud.client(SQSClient).send(new CreateQueueCommand({ QueueName: name }));
  return { url: QueueUrl ?? "", arn: `arn:aws:sqs:us-east-1:000000000000:${name}` };
}

async function receive(url: string) {
  const { Messages } = await cloud
    .client(SQSClient)
    .send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 10, MessageAttributeNames: ["All"] }));
  return { body: JSON.parse(Messages?.[0]?.Body ?? "null"), attributes: Messages?.[0]?.MessageAttributes };
}

const event = (name: string, payload: unknown = {}) =>
  cloud.lambda.send(
    new InvokeCommand({
      FunctionName: name,
      InvocationType: "Event",
      Payload: Buffer.from(JSON.stringify(payload)),
    }),
  );

const ran =
  (name: string) =>
  (one: CloudEvent): one is InvocationEvent =>
    one.type === "function.invocation" && one.functionName === name;

const sendTo = (arn: string) => [{ Effect: "Allow" as const, Action: "sqs:SendMessage", Resource: arn }];

test("an Event invocation is accepted at once and runs", async () => {
  const name = await cloud.create(echo);
  expect((await event(name)).StatusCode).toBe(202);
  expect(await cloud.event(ran(name))).not.toHaveProperty("error");
});

test("a failing handler is tried three times under one request id, then the dead-letter queue has its event", async () => {
  const { url, arn } = await queue("dead-letters");
  const name = await cloud.create(failing, { DeadLetterConfig: { TargetArn: arn }, statements: sendTo(arn) });
  await event(name, { order: 7 });
  const { body, attributes } = await receive(url);
  expect(body).toEqual({ order: 7 });
  const runs = cloud.events.filter(ran(name));
  expect(runs).toHaveLength(3);
  expect(new Set(runs.map(({ requestId }) => requestId)).size).toBe(1);
  expect(attributes).toMatchObject({
    RequestID: { StringValue: runs[0]?.requestId },
    ErrorMessage: { StringValue: "no" },
  });
});

test("destinations get a record of success and of failure", async () => {
  const good = await queue("on-success");
  const bad = await queue("on-failure");
  const name = await cloud.create(
    {
      "index.mjs":
        "export const handler = async ({ fail }) => { if (fail) throw new Error('no'); return 'yes' }",
    },
    { statements: [...sendTo(good.arn), ...sendTo(bad.arn)] },
  );
  const { lambda } = cloud;
  await lambda.send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: name,
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnSuccess: { Destination: good.arn }, OnFailure: { Destination: bad.arn } },
    }),
  );
  expect(await lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName: name }))).toMatchObject({
    MaximumRetryAttempts: 1,
    LastModified: expect.any(Date),
    DestinationConfig: { OnSuccess: { Destination: good.arn } },
  });
  const listed = await lambda.send(new ListFunctionEventInvokeConfigsCommand({ FunctionName: name }));
  expect(listed.FunctionEventInvokeConfigs).toHaveLength(1);

  await event(name, { fail: false });
  expect((await receive(good.url)).body).toMatchObject({
    version: "1.0",
    requestContext: { condition: "Success", approximateInvokeCount: 1 },
    requestPayload: { fail: false },
    responseContext: { statusCode: 200, executedVersion: "$LATEST" },
    responsePayload: "yes",
  });
  await event(name, { fail: true });
  expect((await receive(bad.url)).body).toMatchObject({
    requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 2 },
    responseContext: { functionError: "Unhandled" },
    responsePayload: { errorMessage: "no" },
  });
});

test("a destination the role may not send to is named in the log", async () => {
  const { arn } = await queue("forbidden");
  const name = await cloud.create(echo);
  await cloud.lambda.send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: name,
      DestinationConfig: { OnSuccess: { Destination: arn } },
    }),
  );
  await event(name);
  await cloud.event(
    (one) => one.type === "function.log" && one.functionName === name && one.line.includes(arn),
  );
});

test("reserved concurrency turns away what is over it, and Event invocations wait for it", async () => {
  const name = await cloud.create({
    "index.mjs":
      "export const handler = async () => { await new Promise((r) => setTimeout(r, 300)); return 1 }",
  });
  const { lambda } = cloud;
  await lambda.send(
    new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions: 1 }),
  );
  const once = () => lambda.send(new InvokeCommand({ FunctionName: name }));
  const answers = await Promise.allSettled([once(), once()]);
  const refused = answers.filter((answer) => answer.status === "rejected");
  // The SDK itself retries what was throttled; when both came through, they came one after the other.
  for (const { reason } of refused) expect(reason).toMatchObject({ name: "TooManyRequestsException" });
  await lambda.send(
    new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions: 0 }),
  );
  await expect(once()).rejects.toMatchObject({
    name: "TooManyRequestsException",
    $metadata: { httpStatusCode: 429 },
  });
  const before = cloud.events.filter(ran(name)).length;
  await event(name);
  await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: name }));
  await cloud.event(() => cloud.events.filter(ran(name)).length > before);
});

test("what was accepted is run after the cloud was killed", async () => {
  const dir = await mkdtemp(join(tmpdir(), "bowline-async-"));
  const program = `
    import { startLambdaCloud } from ${JSON.stringify(new URL("./testing.ts", import.meta.url).href)};
    import { InvokeCommand } from "@aws-sdk/client-lambda";
    const cloud = await startLambdaCloud({ dir: ${JSON.stringify(dir)} });
    const name = await cloud.create({
      "index.mjs": "export const handler = async (e) => { console.log('ran ' + e.n); if (!process.env.DONE) await new Promise((r) => setTimeout(r, 60000)) }",
    }, { FunctionName: "kept", Timeout: 1 });
    for (let n = 0; n < 5; n++) await cloud.lambda.send(new InvokeCommand({
      FunctionName: name, InvocationType: "Event", Payload: Buffer.from(JSON.stringify({ n })),
    }));
    console.log("accepted");
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ["--conditions=source", "--input-type=module", "-e", program], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const chunk of child.stdout) if (String(chunk).includes("accepted")) break;
  child.kill("SIGKILL");
  await once(child, "exit");

  await using again = await startLambdaCloud({ dir });
  const lines = new Set<string>();
  await again.event((one) => {
    if (one.type === "function.log" && one.functionName === "kept") lines.add(one.line);
    return lines.size >= 5;
  });
  expect([...lines].sort()).toEqual([0, 1, 2, 3, 4].map((n) => `ran ${n}`));
});
