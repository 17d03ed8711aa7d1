import type { ResourceHandler } from "@bowline/engine";
import type { Aws } from "../aws.ts";
import { topic } from "./topic.ts";
import { topicPolicy } from "./topic-policy.ts";
import { topicSubscription } from "./topic-subscription.ts";

export function sns(aws: Aws): Readonly<Record<string, ResourceHandler>> {
  return {
    "aws:sns/topic:Topic": topic(aws),
    "aws:sns/topicPolicy:TopicPolicy": topicPolicy(aws),
    "aws:sns/topicSubscription:TopicSubscription": topicSubscription(aws),
  };
}
