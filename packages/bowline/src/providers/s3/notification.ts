import type { ResourceHandler } from "@bowline/engine";
import type { BucketNotificationArgs, BucketNotificationState } from "@pulumi/aws/s3/bucketNotification.js";
import type { Aws } from "../aws.ts";
import type { Inputs } from "../plain.ts";
import { resource } from "../resource.ts";
import { bucketPath, putSetting } from "./settings.ts";

export function bucketNotification(aws: Aws): ResourceHandler {
  const put = (bucket: string, inputs: Partial<Inputs<BucketNotificationArgs>>) =>
    putSetting(aws.client, bucket, "notification", "NotificationConfiguration", configurationOf(inputs));
  return resource<BucketNotificationArgs, BucketNotificationState>(aws.endpoint, {
    required: ["bucket"],
    replaceOn: ["bucket", "region"],
    find: (inputs) => inputs.bucket,
    async create(inputs) {
      await put(inputs.bucket, inputs);
      return inputs.bucket;
    },
    async describe(id) {
      await aws.client.s3("GetBucketNotificationConfiguration", "GET", bucketPath(id), {
        query: { notification: "" },
      });
      return { bucket: id, region: aws.region };
    },
    update: (id, inputs) => put(id, inputs),
    delete: (id) => put(id, {}),
  });
}

interface Destination {
  readonly id?: string;
  readonly events: readonly string[];
  readonly filterPrefix?: string;
  readonly filterSuffix?: string;
}

function configurationOf(inputs: Partial<Inputs<BucketNotificationArgs>>) {
  const entry = (
    name: string,
    kind: string,
    arn: string | undefined,
    destination: Destination,
    index: number,
  ) => ({
    Id: destination.id ?? `${kind}-${index + 1}`,
    [name]: arn,
    Event: destination.events,
    Filter: filterOf(destination),
  });
  return {
    TopicConfiguration: (inputs.topics ?? []).map((topic, index) =>
      entry("Topic", "topic", topic.topicArn, topic, index),
    ),
    QueueConfiguration: (inputs.queues ?? []).map((queue, index) =>
      entry("Queue", "queue", queue.queueArn, queue, index),
    ),
    CloudFunctionConfiguration: (inputs.lambdaFunctions ?? []).map((fn, index) =>
      entry("CloudFunction", "function", fn.lambdaFunctionArn, fn, index),
    ),
    EventBridgeConfiguration: inputs.eventbridge ? {} : undefined,
  };
}

function filterOf({ filterPrefix, filterSuffix }: Destination) {
  const rules = [
    ...(filterPrefix ? [{ Name: "prefix", Value: filterPrefix }] : []),
    ...(filterSuffix ? [{ Name: "suffix", Value: filterSuffix }] : []),
  ];
  return rules.length > 0 ? { S3Key: { FilterRule: rules } } : undefined;
}
