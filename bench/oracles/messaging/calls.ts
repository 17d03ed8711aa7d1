/** The calls that are compared: short stories, each with names of its own. */

type Seen = Readonly<Record<string, unknown>>;

export interface ScriptedCall {
  readonly service: "sqs" | "sns";
  readonly operation: string;
  readonly input: object | ((seen: Seen) => object);
  /** Keeps the answer under a name, for the inputs of later calls. */
  readonly keep?: string;
}

export interface Script {
  readonly name: string;
  readonly calls: readonly ScriptedCall[];
}

const sqs = (operation: string, input: ScriptedCall["input"], keep?: string): ScriptedCall => ({
  service: "sqs",
  operation,
  input,
  keep,
});
const sns = (operation: string, input: ScriptedCall["input"], keep?: string): ScriptedCall => ({
  service: "sns",
  operation,
  input,
  keep,
});

const url = (seen: Seen, name = "queue") => (seen[name] as { QueueUrl: string }).QueueUrl;
const topic = (seen: Seen) => (seen.topic as { TopicArn: string }).TopicArn;
const handle = (seen: Seen) =>
  (seen.received as { Messages?: { ReceiptHandle: string }[] }).Messages?.[0]?.ReceiptHandle ?? "none";
const queueArn = (name: string) => `arn:aws:sqs:us-east-1:123456789012:${name}`;
const all = { AttributeNames: ["All"], MessageAttributeNames: ["All"] };
const string = (StringValue: string) => ({ DataType: "String", StringValue });

function messages(bodies: readonly string[], fifo: boolean): ScriptedCall[] {
  return bodies.flatMap((MessageBody) => [
    sqs("SendMessage", (seen) => ({
      QueueUrl: url(seen),
      MessageBody,
      MessageAttributes: { k: string("é"), n: { DataType: "Number", StringValue: "1" } },
      ...(fifo ? { MessageGroupId: "g" } : {}),
    })),
    sqs("ReceiveMessage", (seen) => ({ QueueUrl: url(seen), VisibilityTimeout: 30, ...all }), "received"),
    sqs("ChangeMessageVisibility", (seen) => ({
      QueueUrl: url(seen),
      ReceiptHandle: handle(seen),
      VisibilityTimeout: 60,
    })),
    sqs("GetQueueAttributes", (seen) => ({
      QueueUrl: url(seen),
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    })),
    sqs("DeleteMessage", (seen) => ({ QueueUrl: url(seen), ReceiptHandle: handle(seen) })),
  ]);
}

const bodies = Array.from({ length: 20 }, (_, index) => `${"<&é>".repeat(index)} ${index}`);

function queueStory(name: string, Attributes: Record<string, string>): Script {
  const fifo = Attributes.FifoQueue === "true";
  const QueueName = fifo ? `${name}.fifo` : name;
  const more = fifo ? { MessageGroupId: "g" } : {};
  return {
    name,
    calls: [
      sqs("CreateQueue", { QueueName, Attributes, tags: { a: "b" } }, "queue"),
      sqs("CreateQueue", { QueueName, Attributes }),
      sqs("GetQueueUrl", { QueueName }),
      sqs("GetQueueUrl", { QueueName: "none" }),
      sqs("ListQueues", { QueueNamePrefix: name }),
      sqs("ListQueues", { QueueNamePrefix: "none" }),
      sqs("GetQueueAttributes", (seen) => ({ QueueUrl: url(seen), AttributeNames: ["All"] })),
      sqs("GetQueueAttributes", (seen) => ({ QueueUrl: url(seen), AttributeNames: ["Nonsense"] })),
      sqs("SetQueueAttributes", (seen) => ({ QueueUrl: url(seen), Attributes: { VisibilityTimeout: "33" } })),
      sqs("GetQueueAttributes", (seen) => ({ QueueUrl: url(seen), AttributeNames: ["VisibilityTimeout"] })),
      sqs("TagQueue", (seen) => ({ QueueUrl: url(seen), Tags: { c: "d" } })),
      sqs("UntagQueue", (seen) => ({ QueueUrl: url(seen), TagKeys: ["a"] })),
      sqs("ListQueueTags", (seen) => ({ QueueUrl: url(seen) })),
      ...messages(bodies, fifo),
      sqs("SendMessage", (seen) => ({ QueueUrl: url(seen), MessageBody: "x".repeat(1_048_577), ...more })),
      sqs("SendMessage", (seen) => ({ QueueUrl: url(seen), MessageBody: "x", DelaySeconds: 901, ...more })),
      sqs("ReceiveMessage", (seen) => ({ QueueUrl: url(seen), MaxNumberOfMessages: 11 })),
      sqs("ReceiveMessage", (seen) => ({ QueueUrl: url(seen), WaitTimeSeconds: 21 })),
      sqs("ReceiveMessage", (seen) => ({ QueueUrl: url(seen) })),
      sqs("DeleteMessage", (seen) => ({ QueueUrl: url(seen), ReceiptHandle: "junk" })),
      sqs("ChangeMessageVisibility", (seen) => ({
        QueueUrl: url(seen),
        ReceiptHandle: "junk",
        VisibilityTimeout: 1,
      })),
      sqs("SendMessageBatch", (seen) => ({
        QueueUrl: url(seen),
        Entries: ["1", "2", "3"].map((Id) => ({ Id, MessageBody: Id, ...more })),
      })),
      sqs("SendMessageBatch", (seen) => ({ QueueUrl: url(seen), Entries: [] })),
      sqs("SendMessageBatch", (seen) => ({
        QueueUrl: url(seen),
        Entries: [1, 2].map(() => ({ Id: "a", MessageBody: "x", ...more })),
      })),
      sqs("SendMessageBatch", (seen) => ({
        QueueUrl: url(seen),
        Entries: Array.from({ length: 11 }, (_, Id) => ({ Id: String(Id), MessageBody: "x", ...more })),
      })),
      sqs("SendMessageBatch", (seen) => ({
        QueueUrl: url(seen),
        Entries: [{ Id: "not valid", MessageBody: "x", ...more }],
      })),
      sqs("ReceiveMessage", (seen) => ({ QueueUrl: url(seen), MaxNumberOfMessages: 10 }), "received"),
      sqs("DeleteMessageBatch", (seen) => ({
        QueueUrl: url(seen),
        Entries: [{ Id: "a", ReceiptHandle: handle(seen) }],
      })),
      sqs("AddPermission", (seen) => ({
        QueueUrl: url(seen),
        Label: "l",
        AWSAccountIds: ["111111111111"],
        Actions: ["SendMessage"],
      })),
      sqs("RemovePermission", (seen) => ({ QueueUrl: url(seen), Label: "l" })),
      sqs("RemovePermission", (seen) => ({ QueueUrl: url(seen), Label: "none" })),
      sqs("PurgeQueue", (seen) => ({ QueueUrl: url(seen) })),
      sqs("ReceiveMessage", (seen) => ({ QueueUrl: url(seen) })),
      sqs("SendMessage", (seen) => ({ QueueUrl: url(seen), MessageBody: "", ...more })),
      sqs("SendMessage", (seen) => ({ QueueUrl: url(seen), MessageBody: "\u0001", ...more })),
      sqs("DeleteQueue", (seen) => ({ QueueUrl: url(seen) })),
      sqs("SendMessage", (seen) => ({ QueueUrl: url(seen), MessageBody: "x", ...more })),
      sqs("GetQueueAttributes", (seen) => ({ QueueUrl: url(seen), AttributeNames: ["All"] })),
    ],
  };
}

const badQueues: Script = {
  name: "queues that cannot be",
  calls: [
    ["bad name!", {}],
    ["x".repeat(81), {}],
    ["fifo-without-suffix", { FifoQueue: "true" }],
    ["delay", { DelaySeconds: "901" }],
    ["visibility", { VisibilityTimeout: "43201" }],
    ["retention", { MessageRetentionPeriod: "59" }],
    ["wait", { ReceiveMessageWaitTimeSeconds: "21" }],
    ["size", { MaximumMessageSize: "1023" }],
    ["nonsense", { Nonsense: "1" }],
    [
      "redrive",
      { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn("none"), maxReceiveCount: 1 }) },
    ],
  ].map(([QueueName, Attributes]) => sqs("CreateQueue", { QueueName, Attributes })),
};

const deadLetters: Script = {
  name: "dead letters",
  calls: [
    sqs("CreateQueue", { QueueName: "dead" }, "dead"),
    sqs(
      "CreateQueue",
      {
        QueueName: "source",
        Attributes: {
          VisibilityTimeout: "0",
          RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn("dead"), maxReceiveCount: 1 }),
        },
      },
      "queue",
    ),
    sqs("ListDeadLetterSourceQueues", (seen) => ({ QueueUrl: url(seen, "dead") })),
    sqs("SendMessage", (seen) => ({ QueueUrl: url(seen), MessageBody: "poison" })),
    sqs("ReceiveMessage", (seen) => ({ QueueUrl: url(seen) })),
    sqs("ReceiveMessage", (seen) => ({ QueueUrl: url(seen) })),
    sqs("ReceiveMessage", (seen) => ({ QueueUrl: url(seen, "dead") })),
    sqs("StartMessageMoveTask", { SourceArn: queueArn("source") }),
  ],
};

const subscription = (seen: Seen) => (seen.subscription as { SubscriptionArn: string }).SubscriptionArn;

function topicStory(name: string, Attributes: Record<string, string>): Script {
  const fifo = Attributes.FifoTopic === "true";
  const suffix = fifo ? ".fifo" : "";
  const queue = `${name}-queue${suffix}`;
  const more = fifo ? { MessageGroupId: "g" } : {};
  const Policy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "sns.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: queueArn(queue),
      },
    ],
  });
  const queueAttributes = fifo
    ? { Policy, FifoQueue: "true", ContentBasedDeduplication: "true" }
    : { Policy };
  const attribute = (AttributeName: string, AttributeValue: string) =>
    sns("SetSubscriptionAttributes", (seen) => ({
      SubscriptionArn: subscription(seen),
      AttributeName,
      AttributeValue,
    }));
  const publish = (k: string) => [
    sns("Publish", (seen) => ({
      TopicArn: topic(seen),
      Message: `m ${k}`,
      Subject: "s",
      MessageAttributes: { k: string(k) },
      ...more,
    })),
    sqs(
      "ReceiveMessage",
      (seen) => ({ QueueUrl: url(seen), WaitTimeSeconds: 1, MessageAttributeNames: ["All"] }),
      "received",
    ),
    sqs("DeleteMessage", (seen) => ({ QueueUrl: url(seen), ReceiptHandle: handle(seen) })),
  ];
  return {
    name,
    calls: [
      sns("CreateTopic", { Name: name + suffix, Attributes, Tags: [{ Key: "a", Value: "b" }] }, "topic"),
      sns("CreateTopic", { Name: name + suffix, Attributes, Tags: [{ Key: "a", Value: "b" }] }),
      sqs("CreateQueue", { QueueName: queue, Attributes: queueAttributes }, "queue"),
      sns("GetTopicAttributes", (seen) => ({ TopicArn: topic(seen) })),
      sns("SetTopicAttributes", (seen) => ({
        TopicArn: topic(seen),
        AttributeName: "DisplayName",
        AttributeValue: "d",
      })),
      sns("ListTagsForResource", (seen) => ({ ResourceArn: topic(seen) })),
      sns(
        "Subscribe",
        (seen) => ({
          TopicArn: topic(seen),
          Protocol: "sqs",
          Endpoint: queueArn(queue),
          ReturnSubscriptionArn: true,
        }),
        "subscription",
      ),
      sns("GetSubscriptionAttributes", (seen) => ({ SubscriptionArn: subscription(seen) })),
      sns("ListSubscriptionsByTopic", (seen) => ({ TopicArn: topic(seen) })),
      ...publish("wrapped"),
      attribute("RawMessageDelivery", "true"),
      ...publish("raw"),
      attribute("FilterPolicy", '{"k":["yes",{"prefix":"ab"}]}'),
      ...publish("yes"),
      ...publish("abc"),
      attribute("FilterPolicy", "no json"),
      attribute("Nonsense", "1"),
      sns("PublishBatch", (seen) => ({
        TopicArn: topic(seen),
        PublishBatchRequestEntries: [{ Id: "a", Message: "1", ...more }],
      })),
      sns("PublishBatch", (seen) => ({
        TopicArn: topic(seen),
        PublishBatchRequestEntries: [1, 2].map(() => ({ Id: "a", Message: "1", ...more })),
      })),
      sns("Publish", (seen) => ({ TopicArn: topic(seen), Message: "", ...more })),
      sns("Publish", (seen) => ({ TopicArn: topic(seen), Message: "x".repeat(262_145), ...more })),
      sns("Publish", (seen) => ({ TopicArn: topic(seen), Message: "{}", MessageStructure: "json", ...more })),
      sns("Publish", { TopicArn: "arn:aws:sns:us-east-1:123456789012:none", Message: "x" }),
      sns("Subscribe", (seen) => ({ TopicArn: topic(seen), Protocol: "pigeon", Endpoint: "x" })),
      sns("Unsubscribe", (seen) => ({ SubscriptionArn: subscription(seen) })),
      sns("GetSubscriptionAttributes", (seen) => ({ SubscriptionArn: subscription(seen) })),
      sns("DeleteTopic", (seen) => ({ TopicArn: topic(seen) })),
      sns("GetTopicAttributes", (seen) => ({ TopicArn: topic(seen) })),
    ],
  };
}

export const scripts: readonly Script[] = [
  queueStory("standard", { VisibilityTimeout: "30" }),
  queueStory("ordered", { FifoQueue: "true", ContentBasedDeduplication: "true" }),
  badQueues,
  deadLetters,
  topicStory("plain", {}),
  topicStory("sequence", { FifoTopic: "true", ContentBasedDeduplication: "true" }),
];
