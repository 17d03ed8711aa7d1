import {
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  PublishCommand,
  SNSClient,
} from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../testing.ts";

let aws: LocalAws;
let sns: SNSClient;
beforeAll(async () => {
  aws = await startLocalAws();
  sns = aws.client(SNSClient);
});
afterAll(() => aws?.[Symbol.asyncDispose]());

const attributesOf = async (TopicArn: string) =>
  (await sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes ?? {};
const policy = (arn: string) => ({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { Service: "s3.amazonaws.com" }, Action: "sns:Publish", Resource: arn },
  ],
});

describe("a topic", () => {
  test("takes messages, and has the outputs of @pulumi/aws", async () => {
    const topic = aws.resource("aws:sns/topic:Topic", "Events");
    const inputs = { displayName: "Events", tags: { team: "a" } };
    const preview = await topic.preview(inputs);
    expect(await topic.up(inputs)).toBe("create");
    expect(topic.outputs).toMatchObject({
      name: expect.stringMatching(/^shop-test-Events-[0-9a-f]{7}$/),
      arn: `arn:aws:sns:us-east-1:000000000000:${topic.outputs.name}`,
      owner: "000000000000",
      fifoTopic: false,
    });
    expect(topic.id).toBe(topic.outputs.arn);
    expect(preview.arn).toBe(topic.id);
    await sns.send(new PublishCommand({ TopicArn: topic.id, Message: "x" }));
    expect(await topic.up(inputs)).toBe("same");
    expect(await topic.up({ displayName: "Other", tags: { b: "1" } })).toBe("update");
    expect((await attributesOf(topic.id)).DisplayName).toBe("Other");
    const { Tags } = await sns.send(new ListTagsForResourceCommand({ ResourceArn: topic.id }));
    expect(Tags).toEqual([{ Key: "b", Value: "1" }]);
    await topic.createAgain({ displayName: "Again" });
    expect((await attributesOf(topic.id)).DisplayName).toBe("Again");
    await topic.delete();
    expect(await topic.refresh()).toBe(false);
    await topic.delete();
  });

  test("of FIFO order is named so", async () => {
    const topic = aws.resource("aws:sns/topic:Topic", "Ordered");
    await topic.up({ fifoTopic: true, contentBasedDeduplication: true });
    expect(topic.id).toMatch(/\.fifo$/);
    expect(topic.outputs).toMatchObject({ fifoTopic: true, contentBasedDeduplication: true });
  });

  test("gets its first policy back when one of its own is removed", async () => {
    const topic = aws.resource("aws:sns/topic:Topic", "Guarded");
    await topic.up({});
    const before = (await attributesOf(topic.id)).Policy;
    const resource = aws.resource("aws:sns/topicPolicy:TopicPolicy");
    await resource.up({ arn: topic.id, policy: policy(topic.id) });
    expect((await attributesOf(topic.id)).Policy).toBe(JSON.stringify(policy(topic.id)));
    await resource.delete();
    expect(JSON.parse((await attributesOf(topic.id)).Policy ?? "")).toEqual(JSON.parse(before ?? ""));
  });
});

test("a subscription is made once, changed in place and removed", async () => {
  const topic = aws.resource("aws:sns/topic:Topic", "Source");
  await topic.up({});
  const queue = aws.resource("aws:sqs/queue:Queue", "Target");
  await queue.up({});
  const subscription = aws.resource("aws:sns/topicSubscription:TopicSubscription");
  const inputs = { topic: topic.id, protocol: "sqs", endpoint: String(queue.outputs.arn) };
  const attributes = async () =>
    (await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: subscription.id }))).Attributes;
  expect(await subscription.up({ ...inputs, filterPolicy: JSON.stringify({ kind: ["a"] }) })).toBe("create");
  expect(subscription.outputs).toMatchObject({
    arn: subscription.id,
    ownerId: "000000000000",
    pendingConfirmation: false,
  });
  const { id } = subscription;
  expect(await subscription.up({ ...inputs, rawMessageDelivery: true })).toBe("update");
  expect(await attributes()).toMatchObject({ RawMessageDelivery: "true" });
  expect(JSON.parse((await attributes())?.FilterPolicy ?? "{}")).toEqual({});
  await subscription.createAgain({ ...inputs, rawMessageDelivery: false });
  expect(subscription.id).toBe(id);
  await subscription.delete();
  expect(await subscription.refresh()).toBe(false);
  await subscription.delete();
});
