import * as kms from "@aws-sdk/client-kms";
import * as sns from "@aws-sdk/client-sns";
import * as sdk from "@aws-sdk/client-sqs";
import { afterAll, expect, it } from "vitest";
import type { PolicyStatement } from "../iam/policy.ts";
import { startTestCloud } from "../testing.ts";

const test = await startTestCloud();
afterAll(() => test[Symbol.asyncDispose]());
const sqs = () => test.client(sdk.SQSClient);
const keys = () => test.client(kms.KMSClient);

async function encryptedQueue(QueueName: string, KmsMasterKeyId: string): Promise<string> {
  const { QueueUrl } = await sqs().send(
    new sdk.CreateQueueCommand({ QueueName, Attributes: { KmsMasterKeyId } }),
  );
  return QueueUrl ?? "";
}

it("an encrypted queue is for those only who may use its key", async () => {
  const { KeyMetadata } = await keys().send(new kms.CreateKeyCommand({}));
  const { KeyId = "", Arn = "" } = KeyMetadata ?? {};
  const QueueUrl = await encryptedQueue("sealed", KeyId);
  const Resource = "arn:aws:sqs:us-east-1:000000000000:sealed";
  const use: PolicyStatement = {
    Effect: "Allow",
    Action: ["sqs:SendMessage", "sqs:ReceiveMessage"],
    Resource,
  };
  const key = (Action: string): PolicyStatement => ({ Effect: "Allow", Action, Resource: Arn });
  const as = async (...more: PolicyStatement[]) => {
    const client = test.client(sdk.SQSClient, await test.roleWith([use, ...more]));
    return {
      send: () => client.send(new sdk.SendMessageCommand({ QueueUrl, MessageBody: "x" })),
      receive: () => client.send(new sdk.ReceiveMessageCommand({ QueueUrl })),
    };
  };
  const nobody = await as();
  const denied = { name: "KmsAccessDenied" };
  await expect(nobody.send()).rejects.toMatchObject(denied);
  await expect(nobody.receive()).rejects.toMatchObject(denied);
  const consumer = await as(key("kms:Decrypt"));
  await expect(consumer.send()).rejects.toMatchObject(denied);
  const producer = await as(key("kms:Decrypt"), key("kms:GenerateDataKey"));
  await producer.send();
  expect((await consumer.receive()).Messages).toHaveLength(1);
  await keys().send(new kms.DisableKeyCommand({ KeyId }));
  await expect(producer.send()).rejects.toMatchObject({ name: "KmsDisabled" });
  const lost = await encryptedQueue("lost", "alias/none");
  const send = new sdk.SendMessageCommand({ QueueUrl: lost, MessageBody: "x" });
  await expect(sqs().send(send)).rejects.toMatchObject({ name: "KmsNotFound" });
});

it("the key SQS has itself lets the account in, but no other service", async () => {
  const QueueUrl = await encryptedQueue("managed", "alias/aws/sqs");
  const QueueArn = "arn:aws:sqs:us-east-1:000000000000:managed";
  const role = await test.roleWith([{ Effect: "Allow", Action: "sqs:*", Resource: QueueArn }]);
  const client = test.client(sdk.SQSClient, role);
  await client.send(new sdk.SendMessageCommand({ QueueUrl, MessageBody: "x" }));
  expect((await client.send(new sdk.ReceiveMessageCommand({ QueueUrl }))).Messages).toHaveLength(1);
  const topics = test.client(sns.SNSClient);
  const { TopicArn } = await topics.send(new sns.CreateTopicCommand({ Name: "telling" }));
  const Statement = {
    Effect: "Allow",
    Principal: { Service: "sns.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: QueueArn,
  };
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
  await sqs().send(new sdk.SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  await topics.send(new sns.SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: QueueArn }));
  await topics.send(new sns.PublishCommand({ TopicArn, Message: "x" }));
  const refused = () =>
    test.cloud.audit({ decision: "deny" }).find(({ principal }) => principal === "sns.amazonaws.com");
  await expect.poll(refused).toMatchObject({ action: "kms:GenerateDataKey" });
});
