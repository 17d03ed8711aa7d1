import { EventBridge } from "@aws-sdk/client-eventbridge";
import { Lambda } from "@aws-sdk/client-lambda";
import { S3 } from "@aws-sdk/client-s3";
import { SNS } from "@aws-sdk/client-sns";
import { SQS } from "@aws-sdk/client-sqs";
import { expect, test } from "vitest";
import { startLambdaCloud } from "../lambda/testing.ts";
import { startTestCloud, type TestCloud } from "../testing.ts";
import { newBucket, put } from "./testing.ts";

const openTo = (service: string, action: string, resource: string) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: { Effect: "Allow", Principal: { Service: service }, Action: action, Resource: resource },
  });

async function newQueue(cloud: TestCloud, sender: string) {
  const sqs = cloud.client(SQS);
  const arn = `arn:aws:sqs:us-east-1:${cloud.cloud.accountId}:told`;
  const { QueueUrl } = await sqs.createQueue({
    QueueName: "told",
    Attributes: { Policy: openTo(sender, "sqs:SendMessage", arn) },
  });
  return {
    arn,
    async next(): Promise<unknown> {
      const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 10 });
      const [message] = Messages;
      await sqs.deleteMessage({ QueueUrl, ReceiptHandle: message?.ReceiptHandle });
      return JSON.parse(message?.Body ?? "null");
    },
  };
}

test("a topic is told, and hands it on", async () => {
  await using cloud = await startTestCloud();
  const s3 = cloud.client(S3);
  const sns = cloud.client(SNS);
  const Bucket = await newBucket(s3);
  const queue = await newQueue(cloud, "sns.amazonaws.com");
  const { TopicArn = "" } = await sns.createTopic({ Name: "topic" });
  await sns.setTopicAttributes({
    TopicArn,
    AttributeName: "Policy",
    AttributeValue: openTo("s3.amazonaws.com", "sns:Publish", TopicArn),
  });
  await sns.subscribe({
    TopicArn,
    Protocol: "sqs",
    Endpoint: queue.arn,
    Attributes: { RawMessageDelivery: "true" },
  });
  await s3.putBucketNotificationConfiguration({
    Bucket,
    NotificationConfiguration: { TopicConfigurations: [{ TopicArn, Events: ["s3:ObjectCreated:*"] }] },
  });
  expect(await queue.next()).toMatchObject({ Event: "s3:TestEvent" });
  await put(s3, Bucket, "k", "x");
  expect(await queue.next()).toMatchObject({ Records: [{ s3: { object: { key: "k" } } }] });
});

test("EventBridge is told", async () => {
  await using cloud = await startTestCloud();
  const s3 = cloud.client(S3);
  const bridge = cloud.client(EventBridge);
  const Bucket = await newBucket(s3);
  const queue = await newQueue(cloud, "events.amazonaws.com");
  await bridge.putRule({ Name: "rule", EventPattern: JSON.stringify({ source: ["aws.s3"] }) });
  await bridge.putTargets({ Rule: "rule", Targets: [{ Id: "queue", Arn: queue.arn }] });
  await s3.putBucketNotificationConfiguration({
    Bucket,
    NotificationConfiguration: { EventBridgeConfiguration: {} },
  });
  const { EventBridgeConfiguration } = await s3.getBucketNotificationConfiguration({ Bucket });
  expect(EventBridgeConfiguration).toEqual({});
  await put(s3, Bucket, "a b", "x");
  expect(await queue.next()).toMatchObject({
    source: "aws.s3",
    "detail-type": "Object Created",
    resources: [`arn:aws:s3:::${Bucket}`],
    detail: { bucket: { name: Bucket }, object: { key: "a b", size: 1 }, reason: "PutObject" },
  });
});

test("a function is told, once it lets itself be invoked", async () => {
  await using cloud = await startLambdaCloud();
  const s3 = cloud.client(S3);
  const Bucket = await newBucket(s3);
  const name = await cloud.create({
    "index.mjs":
      "export const handler = async (event) => console.log('told of', event.Records[0].s3.object.key);",
  });
  const LambdaFunctionArn = `arn:aws:lambda:us-east-1:${cloud.cloud.accountId}:function:${name}`;
  const configure = () =>
    s3.putBucketNotificationConfiguration({
      Bucket,
      NotificationConfiguration: {
        LambdaFunctionConfigurations: [{ LambdaFunctionArn, Events: ["s3:ObjectCreated:Put"] }],
      },
    });
  await expect(configure()).rejects.toMatchObject({ name: "InvalidArgument" });
  await cloud.client(Lambda).addPermission({
    FunctionName: name,
    StatementId: "s3",
    Action: "lambda:InvokeFunction",
    Principal: "s3.amazonaws.com",
    SourceArn: `arn:aws:s3:::${Bucket}`,
  });
  await configure();
  await put(s3, Bucket, "photo.png", "x");
  const told = await cloud.event(
    (event) => event.type === "function.log" && event.line.includes("told of photo.png"),
  );
  expect(told.type).toBe("function.log");
});
