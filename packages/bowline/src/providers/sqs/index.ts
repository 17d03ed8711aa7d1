import type { ResourceHandler } from "@bowline/engine";
import type { Aws } from "../aws.ts";
import { queue } from "./queue.ts";
import { queuePolicy, redriveAllowPolicy, redrivePolicy } from "./queue-policy.ts";

export function sqs(aws: Aws): Readonly<Record<string, ResourceHandler>> {
  return {
    "aws:sqs/queue:Queue": queue(aws),
    "aws:sqs/queuePolicy:QueuePolicy": queuePolicy(aws),
    "aws:sqs/redrivePolicy:RedrivePolicy": redrivePolicy(aws),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": redriveAllowPolicy(aws),
  };
}
