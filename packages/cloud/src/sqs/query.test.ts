import { createHmac, hash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseXml } from "../protocol/rest-xml.ts";
import { startTestCloud, type TestCloud } from "../testing.ts";

let test: TestCloud;
beforeAll(async () => {
  test = await startTestCloud();
});
afterAll(async () => test?.[Symbol.asyncDispose]());

/** Calls as SDKs did before 2023: form parameters to the queue's own URL, XML back. */
async function query(Action: string, parameters: Record<string, string> = {}, path = "/") {
  const { accessKeyId, secretAccessKey } = test.cloud.credentials;
  const host = test.cloud.endpoint.slice("http://".length);
  const body = new URLSearchParams({ Action, Version: "2012-11-05", ...parameters }).toString();
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = `${date.slice(0, 8)}/us-east-1/sqs/aws4_request`;
  const headers = `host:${host}\nx-amz-date:${date}\n`;
  const canonical = `POST\n${path}\n\n${headers}\nhost;x-amz-date\n${hash("sha256", body)}`;
  const hmac = (key: Buffer | string, text: string) => createHmac("sha256", key).update(text).digest();
  const key = scope.split("/").reduce<Buffer | string>(hmac, `AWS4${secretAccessKey}`);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash("sha256", canonical)}`);
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature.toString("hex")}`;
  const response = await fetch(test.cloud.endpoint + path, {
    method: "POST",
    headers: {
      authorization,
      "x-amz-date": date,
      "content-type": "application/x-www-form-urlencoded; charset=utf-8",
    },
    body,
  });
  return { status: response.status, xml: parseXml(await response.text()) as Record<string, unknown> };
}

it("speaks Query to old clients, with the queue named by path or parameter", async () => {
  const created = await query("CreateQueue", {
    QueueName: "old",
    "Attribute.1.Name": "VisibilityTimeout",
    "Attribute.1.Value": "7",
    "Tag.1.Key": "a",
    "Tag.1.Value": "b",
  });
  const QueueUrl = `${test.cloud.endpoint}/000000000000/old`;
  expect(created.xml).toMatchObject({ CreateQueueResponse: { CreateQueueResult: { QueueUrl } } });

  const path = "/000000000000/old";
  const sent = await query(
    "SendMessage",
    {
      MessageBody: "<h>&",
      "MessageAttribute.1.Name": "k",
      "MessageAttribute.1.Value.DataType": "String",
      "MessageAttribute.1.Value.StringValue": "v",
    },
    path,
  );
  expect(sent.xml).toMatchObject({
    SendMessageResponse: { SendMessageResult: { MD5OfMessageBody: hash("md5", "<h>&") } },
  });
  const received = await query("ReceiveMessage", {
    QueueUrl,
    "AttributeName.1": "All",
    "MessageAttributeName.1": "All",
  });
  const { Message } = (
    received.xml.ReceiveMessageResponse as { ReceiveMessageResult: { Message: Record<string, unknown> } }
  ).ReceiveMessageResult;
  expect(Message).toMatchObject({
    Body: "<h>&",
    MessageAttribute: { Name: "k", Value: { DataType: "String", StringValue: "v" } },
  });
  expect(Message.Attribute).toContainEqual({ Name: "ApproximateReceiveCount", Value: "1" });
  const batch = await query("DeleteMessageBatch", {
    QueueUrl,
    "DeleteMessageBatchRequestEntry.1.Id": "a",
    "DeleteMessageBatchRequestEntry.1.ReceiptHandle": String(Message.ReceiptHandle),
    "DeleteMessageBatchRequestEntry.2.Id": "b",
    "DeleteMessageBatchRequestEntry.2.ReceiptHandle": "junk",
  });
  expect(batch.xml).toMatchObject({
    DeleteMessageBatchResponse: {
      DeleteMessageBatchResult: {
        DeleteMessageBatchResultEntry: { Id: "a" },
        BatchResultErrorEntry: { Id: "b", SenderFault: "true", Code: "ReceiptHandleIsInvalid" },
      },
    },
  });
  const attributes = await query("GetQueueAttributes", { QueueUrl, "AttributeName.1": "VisibilityTimeout" });
  expect(attributes.xml).toMatchObject({
    GetQueueAttributesResponse: {
      GetQueueAttributesResult: { Attribute: { Name: "VisibilityTimeout", Value: "7" } },
    },
  });
  expect((await query("ListQueueTags", { QueueUrl })).xml).toMatchObject({
    ListQueueTagsResponse: { ListQueueTagsResult: { Tag: { Key: "a", Value: "b" } } },
  });
  expect((await query("ListQueues")).xml).toMatchObject({
    ListQueuesResponse: { ListQueuesResult: { QueueUrl } },
  });
});

it("names errors as Query did", async () => {
  const { status, xml } = await query("GetQueueUrl", { QueueName: "none" });
  expect(status).toBe(400);
  expect(xml).toMatchObject({
    ErrorResponse: { Error: { Type: "Sender", Code: "AWS.SimpleQueueService.NonExistentQueue" } },
  });
});
