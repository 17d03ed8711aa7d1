/** Who is told what happens in a bucket. */
import * as aws from "@pulumi/aws";
import type { ComponentResourceOptions, Output, Resource } from "@pulumi/pulumi";
import { BowlineError } from "../../error.ts";
import { type Transform, transformed } from "../component.ts";
import type { Function as LambdaFunction } from "./function.ts";
import type { Queue } from "./queue.ts";
import { allowSender } from "./queue-sender.ts";
import type { SnsTopic } from "./sns-topic.ts";
import { childName, type Subscriber, subscribedFunction } from "./subscriber.ts";
import { allowPublisher } from "./topic-publisher.ts";

export type BucketEvent =
  | "s3:ObjectCreated:*"
  | "s3:ObjectCreated:Put"
  | "s3:ObjectCreated:Post"
  | "s3:ObjectCreated:Copy"
  | "s3:ObjectCreated:CompleteMultipartUpload"
  | "s3:ObjectRemoved:*"
  | "s3:ObjectRemoved:Delete"
  | "s3:ObjectRemoved:DeleteMarkerCreated"
  | "s3:ObjectRestore:*"
  | "s3:ObjectRestore:Post"
  | "s3:ObjectRestore:Completed"
  | "s3:ObjectRestore:Delete"
  | "s3:ReducedRedundancyLostObject"
  | "s3:Replication:*"
  | "s3:LifecycleExpiration:*"
  | "s3:LifecycleExpiration:Delete"
  | "s3:LifecycleExpiration:DeleteMarkerCreated"
  | "s3:LifecycleTransition"
  | "s3:IntelligentTiering"
  | "s3:ObjectTagging:*"
  | "s3:ObjectTagging:Put"
  | "s3:ObjectTagging:Delete"
  | "s3:ObjectAcl:Put";

/** A notification goes to one of: a function, a queue, a topic. */
export interface BucketNotificationArgs {
  /** Its name; the function's begins with the bucket's. */
  readonly name: string;
  readonly function?: Subscriber;
  readonly queue?: Queue;
  readonly topic?: SnsTopic;
  /** Of what. Default: whatever happens to an object. */
  readonly events?: readonly BucketEvent[];
  /** Only objects whose key begins with it. */
  readonly filterPrefix?: string;
  /** Only objects whose key ends with it. */
  readonly filterSuffix?: string;
}

export interface BucketNotificationsArgs {
  readonly notifications: readonly BucketNotificationArgs[];
  readonly transform?: {
    readonly notification?: Transform<aws.s3.BucketNotificationArgs>;
  };
}

export interface BucketNotifications {
  /** Of every notification to a function, by the notification's name. */
  readonly functions: Readonly<Record<string, LambdaFunction>>;
}

const ALL_EVENTS: readonly BucketEvent[] = [
  "s3:ObjectCreated:*",
  "s3:ObjectRemoved:*",
  "s3:ObjectRestore:*",
  "s3:ReducedRedundancyLostObject",
  "s3:Replication:*",
  "s3:LifecycleExpiration:*",
  "s3:LifecycleTransition",
  "s3:IntelligentTiering",
  "s3:ObjectTagging:*",
  "s3:ObjectAcl:Put",
];

/** A bucket has one configuration of notifications, with all who are told in it. */
export function notifyOf(
  bucketName: string,
  bucket: { readonly name: Output<string>; readonly arn: Output<string> },
  args: BucketNotificationsArgs,
  options: ComponentResourceOptions,
): BucketNotifications {
  const functions: Record<string, LambdaFunction> = {};
  const lambdaFunctions = [];
  const queues = [];
  const topics = [];
  const ready: Resource[] = [];
  for (const notification of args.notifications) {
    const name = childName(bucketName, notification.name);
    const what = {
      id: name,
      events: [...(notification.events ?? ALL_EVENTS)],
      ...(notification.filterPrefix === undefined ? {} : { filterPrefix: notification.filterPrefix }),
      ...(notification.filterSuffix === undefined ? {} : { filterSuffix: notification.filterSuffix }),
    };
    const sender = { service: "s3.amazonaws.com", source: bucket.arn };
    const target = targetOf(name, notification);
    if (target.kind === "function") {
      const { function: made } = subscribedFunction(name, target.function, [], options);
      functions[notification.name] = made;
      lambdaFunctions.push({ ...what, lambdaFunctionArn: made.arn });
      ready.push(invokePermission(name, made, bucket.arn, options));
    } else if (target.kind === "queue") {
      queues.push({ ...what, queueArn: target.queue.arn });
      ready.push(allowSender(name, target.queue, sender));
    } else {
      topics.push({ ...what, topicArn: target.topic.arn });
      ready.push(allowPublisher(name, target.topic, sender));
    }
  }
  new aws.s3.BucketNotification(
    `${bucketName}Notifications`,
    transformed(args.transform?.notification, bucketName, {
      bucket: bucket.name,
      lambdaFunctions,
      queues,
      topics,
    }),
    { ...options, dependsOn: ready },
  );
  return { functions };
}

function invokePermission(
  name: string,
  made: LambdaFunction,
  sourceArn: Output<string>,
  options: ComponentResourceOptions,
): Resource {
  return new aws.lambda.Permission(
    `${name}Access`,
    { function: made.name, action: "lambda:InvokeFunction", principal: "s3.amazonaws.com", sourceArn },
    options,
  );
}

type Target =
  | { readonly kind: "function"; readonly function: Subscriber }
  | { readonly kind: "queue"; readonly queue: Queue }
  | { readonly kind: "topic"; readonly topic: SnsTopic };

function targetOf(name: string, { function: subscriber, queue, topic }: BucketNotificationArgs): Target {
  const targets: Target[] = [
    ...(subscriber === undefined ? [] : [{ kind: "function" as const, function: subscriber }]),
    ...(queue === undefined ? [] : [{ kind: "queue" as const, queue }]),
    ...(topic === undefined ? [] : [{ kind: "topic" as const, topic }]),
  ];
  const [target, another] = targets;
  if (target && !another) return target;
  throw new BowlineError(
    "bad-notification",
    `${name}: a notification goes to one of function, queue and topic; this one names ${targets.length === 0 ? "none" : targets.map(({ kind }) => kind).join(" and ")}.`,
    {
      hint: 'For example: { name: "Resize", function: "src/resize.handler", events: ["s3:ObjectCreated:*"] }.',
    },
  );
}
