/** One point that a cloud must get right, and what a check has at hand. */
import assert from "node:assert/strict";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { S3 } from "@aws-sdk/client-s3";
import { SNS } from "@aws-sdk/client-sns";
import { type QueueAttributeName, SQS } from "@aws-sdk/client-sqs";
import { DynamoDBDocument } from "@aws-sdk/lib-dynamodb";

export interface Check {
  readonly name: string;
  run(cloud: Cloud): Promise<void>;
}

export interface Endpoint {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A queue of one check. */
export interface Queue {
  readonly url: string;
  readonly arn: string;
}

export type Cloud = ReturnType<typeof connect>;

/** Clients of a cloud, and fresh things in it: no check meets what another one made. */
export function connect({ endpoint, credentials }: Endpoint) {
  const options = { endpoint, credentials, region: "us-east-1", maxAttempts: 1 } as const;
  const s3 = new S3({ ...options, forcePathStyle: true });
  const sqs = new SQS(options);
  const sns = new SNS(options);
  const dynamodb = new DynamoDBClient(options);
  let made = 0;
  const name = (what: string) => `${what}-${++made}`;

  async function queue(attributes: Partial<Record<QueueAttributeName, string>> = {}): Promise<Queue> {
    const QueueName = name("queue") + (attributes.FifoQueue ? ".fifo" : "");
    const { QueueUrl: url = "" } = await sqs.createQueue({ QueueName, Attributes: attributes });
    const { Attributes } = await sqs.getQueueAttributes({ QueueUrl: url, AttributeNames: ["QueueArn"] });
    return { url, arn: Attributes?.QueueArn ?? "" };
  }

  return {
    endpoint,
    credentials,
    s3,
    sqs,
    sns,
    dynamodb,
    documents: DynamoDBDocument.from(dynamodb),
    streams: new DynamoDBStreamsClient(options),
    name,
    queue,

    async bucket(): Promise<string> {
      const Bucket = name("bucket");
      await s3.createBucket({ Bucket });
      return Bucket;
    },

    /** A queue that a service may send to: on AWS nothing arrives without this. */
    async queueFor(service: "s3" | "sns"): Promise<Queue> {
      const made = await queue();
      const statement = {
        Effect: "Allow",
        Principal: { Service: `${service}.amazonaws.com` },
        Action: "sqs:SendMessage",
        Resource: made.arn,
      };
      const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
      await sqs.setQueueAttributes({ QueueUrl: made.url, Attributes: { Policy } });
      return made;
    },

    async topic(attributes: Record<string, string> = {}): Promise<string> {
      const Name = name("topic") + (attributes.FifoTopic ? ".fifo" : "");
      return (await sns.createTopic({ Name, Attributes: attributes })).TopicArn ?? "";
    },

    /** The next messages of a queue, taken out of it; none when none comes within `seconds`. */
    async take({ url: QueueUrl }: Queue, seconds = 0): Promise<string[]> {
      const { Messages = [] } = await sqs.receiveMessage({
        QueueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: seconds,
      });
      for (const { ReceiptHandle } of Messages) await sqs.deleteMessage({ QueueUrl, ReceiptHandle });
      return Messages.map(({ Body = "" }) => Body);
    },
  };
}

/** Refused with this code, by its name or by its HTTP status. */
export async function refused(call: Promise<unknown>, code: string | number): Promise<void> {
  const outcome = await call.then(
    () => "an answer",
    (error: { name: string; $metadata?: { httpStatusCode?: number } }) =>
      typeof code === "number" ? error.$metadata?.httpStatusCode : error.name,
  );
  assert.equal(outcome, code);
}
