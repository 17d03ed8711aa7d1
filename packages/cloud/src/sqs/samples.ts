/** Sample calls of SQS's operations. */
import * as sdk from "@aws-sdk/client-sqs";
import type { PolicyStatement } from "../iam/policy.ts";
import { type SampleCall, sampleCalls } from "../samples.ts";

interface Fixture {
  readonly unique: string;
  readonly QueueUrl: string;
  readonly arn: string;
  readonly ReceiptHandle: string;
  /** A queue that has the first one as its dead-letter queue. */
  readonly sourceArn: string;
  /** A running task, slow enough to be cancelled. */
  readonly TaskHandle: string;
}

const prefix = "arn:aws:sqs:us-east-1:000000000000";

function only(action: string, resource: string): PolicyStatement {
  return { Effect: "Allow", Action: `sqs:${action}`, Resource: resource };
}

type Sample = SampleCall<sdk.SQSClient, Fixture>;

/** A call that takes one permission on the queue; batches take that of the action they repeat. */
function onQueue(action: string, call: Sample["call"]): Sample {
  return { call, allow: ({ arn }) => [only(action, arn)] };
}

const taskNeeds = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"];

export const samples = sampleCalls<sdk.SQSClient, Fixture>({
  service: "sqs",
  client: (test, credentials) => test.client(sdk.SQSClient, credentials),
  async prepare(test, unique) {
    const sqs = test.client(sdk.SQSClient);
    const arn = `${prefix}:${unique}`;
    const { QueueUrl = "" } = await sqs.send(
      new sdk.CreateQueueCommand({ QueueName: unique, Attributes: { VisibilityTimeout: "0" } }),
    );
    const policy = JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 1 });
    await sqs.send(
      new sdk.CreateQueueCommand({ QueueName: `${unique}-source`, Attributes: { RedrivePolicy: policy } }),
    );
    await sqs.send(new sdk.TagQueueCommand({ QueueUrl, Tags: { team: "red" } }));
    await sqs.send(
      new sdk.AddPermissionCommand({
        QueueUrl,
        Label: "old",
        AWSAccountIds: ["111111111111"],
        Actions: ["GetQueueUrl"],
      }),
    );
    for (const MessageBody of ["1", "2", "3"]) {
      await sqs.send(new sdk.SendMessageCommand({ QueueUrl, MessageBody }));
    }
    const { Messages } = await sqs.send(new sdk.ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 60 }));
    let TaskHandle = "";
    const other = await sqs.send(new sdk.CreateQueueCommand({ QueueName: `${unique}-other` }));
    await sqs.send(
      new sdk.CreateQueueCommand({
        QueueName: `${unique}-failing`,
        Attributes: {
          RedrivePolicy: JSON.stringify({ deadLetterTargetArn: `${arn}-other`, maxReceiveCount: 1 }),
        },
      }),
    );
    for (const MessageBody of ["1", "2", "3", "4", "5", "6", "7", "8", "9"]) {
      await sqs.send(new sdk.SendMessageCommand({ QueueUrl: other.QueueUrl, MessageBody }));
    }
    const task = await sqs.send(
      new sdk.StartMessageMoveTaskCommand({
        SourceArn: `${arn}-other`,
        DestinationArn: `${arn}-failing`,
        MaxNumberOfMessagesPerSecond: 1,
      }),
    );
    TaskHandle = task.TaskHandle ?? "";
    const ReceiptHandle = Messages?.[0]?.ReceiptHandle ?? "";
    return { unique, QueueUrl, arn, ReceiptHandle, sourceArn: `${arn}-source`, TaskHandle };
  },
  calls: {
    CreateQueue: {
      call: (sqs, { unique }) =>
        sqs.send(new sdk.CreateQueueCommand({ QueueName: `${unique}-new`, tags: { a: "b" } })),
      allow: ({ arn }) => [only("CreateQueue", `${arn}-new`), only("TagQueue", `${arn}-new`)],
    },
    DeleteQueue: onQueue("DeleteQueue", (sqs, { QueueUrl }) =>
      sqs.send(new sdk.DeleteQueueCommand({ QueueUrl })),
    ),
    PurgeQueue: onQueue("PurgeQueue", (sqs, { QueueUrl }) =>
      sqs.send(new sdk.PurgeQueueCommand({ QueueUrl })),
    ),
    GetQueueUrl: onQueue("GetQueueUrl", (sqs, { unique }) =>
      sqs.send(new sdk.GetQueueUrlCommand({ QueueName: unique })),
    ),
    ListQueues: {
      call: (sqs) => sqs.send(new sdk.ListQueuesCommand({})),
      allow: () => [only("ListQueues", "*")],
    },
    GetQueueAttributes: onQueue("GetQueueAttributes", (sqs, { QueueUrl }) =>
      sqs.send(new sdk.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] })),
    ),
    SetQueueAttributes: onQueue("SetQueueAttributes", (sqs, { QueueUrl }) =>
      sqs.send(new sdk.SetQueueAttributesCommand({ QueueUrl, Attributes: { DelaySeconds: "1" } })),
    ),
    ListDeadLetterSourceQueues: onQueue("ListDeadLetterSourceQueues", (sqs, { QueueUrl }) =>
      sqs.send(new sdk.ListDeadLetterSourceQueuesCommand({ QueueUrl })),
    ),
    TagQueue: {
      call: (sqs, { QueueUrl }) => sqs.send(new sdk.TagQueueCommand({ QueueUrl, Tags: { cost: "low" } })),
      allow: ({ arn }) => [
        { ...only("TagQueue", arn), Condition: { StringEquals: { "aws:RequestTag/cost": "low" } } },
      ],
    },
    UntagQueue: onQueue("UntagQueue", (sqs, { QueueUrl }) =>
      sqs.send(new sdk.UntagQueueCommand({ QueueUrl, TagKeys: ["team"] })),
    ),
    ListQueueTags: onQueue("ListQueueTags", (sqs, { QueueUrl }) =>
      sqs.send(new sdk.ListQueueTagsCommand({ QueueUrl })),
    ),
    AddPermission: onQueue("AddPermission", (sqs, { QueueUrl }) =>
      sqs.send(
        new sdk.AddPermissionCommand({
          QueueUrl,
          Label: "new",
          AWSAccountIds: ["111111111111"],
          Actions: ["SendMessage"],
        }),
      ),
    ),
    RemovePermission: onQueue("RemovePermission", (sqs, { QueueUrl }) =>
      sqs.send(new sdk.RemovePermissionCommand({ QueueUrl, Label: "old" })),
    ),
    SendMessage: onQueue("SendMessage", (sqs, { QueueUrl }) =>
      sqs.send(new sdk.SendMessageCommand({ QueueUrl, MessageBody: "x" })),
    ),
    SendMessageBatch: onQueue("SendMessage", (sqs, { QueueUrl }) =>
      sqs.send(new sdk.SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: "a", MessageBody: "x" }] })),
    ),
    ReceiveMessage: onQueue("ReceiveMessage", (sqs, { QueueUrl }) =>
      sqs.send(new sdk.ReceiveMessageCommand({ QueueUrl })),
    ),
    DeleteMessage: onQueue("DeleteMessage", (sqs, { QueueUrl, ReceiptHandle }) =>
      sqs.send(new sdk.DeleteMessageCommand({ QueueUrl, ReceiptHandle })),
    ),
    DeleteMessageBatch: onQueue("DeleteMessage", (sqs, { QueueUrl, ReceiptHandle }) =>
      sqs.send(new sdk.DeleteMessageBatchCommand({ QueueUrl, Entries: [{ Id: "a", ReceiptHandle }] })),
    ),
    ChangeMessageVisibility: onQueue("ChangeMessageVisibility", (sqs, { QueueUrl, ReceiptHandle }) =>
      sqs.send(new sdk.ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 9 })),
    ),
    ChangeMessageVisibilityBatch: onQueue("ChangeMessageVisibility", (sqs, { QueueUrl, ReceiptHandle }) =>
      sqs.send(
        new sdk.ChangeMessageVisibilityBatchCommand({
          QueueUrl,
          Entries: [{ Id: "a", ReceiptHandle, VisibilityTimeout: 9 }],
        }),
      ),
    ),
    StartMessageMoveTask: {
      call: (sqs, { arn, sourceArn }) =>
        sqs.send(new sdk.StartMessageMoveTaskCommand({ SourceArn: arn, DestinationArn: sourceArn })),
      allow: ({ arn, sourceArn }) => [
        ...["StartMessageMoveTask", ...taskNeeds].map((action) => only(action, arn)),
        only("SendMessage", sourceArn),
      ],
    },
    CancelMessageMoveTask: {
      call: (sqs, { TaskHandle }) => sqs.send(new sdk.CancelMessageMoveTaskCommand({ TaskHandle })),
      allow: ({ arn }) =>
        ["CancelMessageMoveTask", ...taskNeeds].map((action) => only(action, `${arn}-other`)),
    },
    ListMessageMoveTasks: {
      call: (sqs, { arn }) => sqs.send(new sdk.ListMessageMoveTasksCommand({ SourceArn: arn })),
      allow: ({ arn }) => ["ListMessageMoveTasks", ...taskNeeds].map((action) => only(action, arn)),
    },
  },
});
