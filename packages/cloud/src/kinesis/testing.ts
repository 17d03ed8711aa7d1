/** A client of Kinesis for tests, and streams to play with. */
import { randomUUID } from "node:crypto";
import { CreateStreamCommand, KinesisClient } from "@aws-sdk/client-kinesis";
import type { TestCloud } from "../testing.ts";

/** Makes a stream; gives its name and ARN. */
export async function newStream(
  test: Pick<TestCloud, "client">,
  ShardCount = 1,
): Promise<{ readonly StreamName: string; readonly arn: string }> {
  const StreamName = `stream-${randomUUID().slice(0, 8)}`;
  await test.client(KinesisClient).send(new CreateStreamCommand({ StreamName, ShardCount }));
  return { StreamName, arn: `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}` };
}
