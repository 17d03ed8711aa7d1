import * as aws from "@pulumi/aws";
import { senderPolicies } from "./sender-policy.ts";
import type { SnsTopic } from "./sns-topic.ts";

/** Lets a service publish to a topic. */
export const allowPublisher = senderPolicies(
  "sns:Publish",
  (name, topic: SnsTopic, policy) =>
    new aws.sns.TopicPolicy(`${name}Access`, { arn: topic.arn, policy }, { parent: topic }),
);
