import type { ResourceHandler } from "@bowline/engine";
import type { Aws } from "../aws.ts";
import { resourcePolicy } from "./resource-policy.ts";
import { stream } from "./stream.ts";
import { streamConsumer } from "./stream-consumer.ts";

export function kinesis(aws: Aws): Readonly<Record<string, ResourceHandler>> {
  return {
    "aws:kinesis/stream:Stream": stream(aws),
    "aws:kinesis/streamConsumer:StreamConsumer": streamConsumer(aws),
    "aws:kinesis/resourcePolicy:ResourcePolicy": resourcePolicy(aws),
  };
}
