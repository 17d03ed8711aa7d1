import * as aws from "@pulumi/aws";
import type { Queue } from "./queue.ts";
import { senderPolicies } from "./sender-policy.ts";

/** Lets a service send to a queue. */
export const allowSender = senderPolicies(
  "sqs:SendMessage",
  (name, queue: Queue, policy) =>
    new aws.sqs.QueuePolicy(`${name}Access`, { queueUrl: queue.url, policy }, { parent: queue }),
);
