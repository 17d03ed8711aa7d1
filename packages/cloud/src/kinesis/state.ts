/** What the operations of Kinesis share: naming streams, finding them, asking IAM about them. */

import type { AccessRequest, Hub } from "../service.ts";
import { streamSignalSource } from "../store/signal.ts";
import { constraint, invalidArgument, notFound } from "./errors.ts";
import { type Input, optionalText } from "./input.ts";
import type { Consumer, Shard, Stream } from "./model.ts";
import { openStreams, type StreamStore } from "./store.ts";

export interface KinesisState {
  readonly hub: Hub;
  readonly store: StreamStore;
  /** Tells who waits for records of shards that there are some, or who reads all shards that they are others now. */
  announce(stream: Stream, shards?: readonly string[]): void;
  arnOf(name: string): string;
  /** The name of the stream a request speaks of, by name or ARN. */
  nameIn(input: Input): string;
  stream(input: Input): Stream;
  named(name: string): Stream;
  shard(stream: Stream, id: string): Shard;
  consumer(arn: string): { readonly stream: Stream; readonly consumer: Consumer } | undefined;
  /** The permission an operation on one stream takes. */
  on(action: string): (input: Input) => readonly AccessRequest[];
}

const NAME = /^[a-zA-Z0-9_.-]{1,128}$/;
const ARN = /^arn:aws[\w-]*:kinesis:[a-z0-9-]+:\d{12}:stream\/([a-zA-Z0-9_.-]+)$/;

export function kinesisState(hub: Hub): KinesisState {
  const store = openStreams(hub.database("kinesis"));
  const signal = streamSignalSource(hub);
  const arnOf = (name: string) => `arn:aws:kinesis:${hub.region}:${hub.accountId}:stream/${name}`;

  function nameIn(input: Input): string {
    const arn = optionalText(input, "StreamARN");
    const inArn = arn === undefined ? undefined : ARN.exec(arn)?.[1];
    if (arn !== undefined && inArn === undefined) {
      throw constraint(
        arn,
        "StreamARN",
        "Member must satisfy regular expression pattern: arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+",
      );
    }
    const name = optionalText(input, "StreamName") ?? inArn;
    if (name === undefined) throw invalidArgument("Either StreamName or StreamARN must be provided.");
    if (inArn !== undefined && inArn !== name) {
      throw invalidArgument("StreamName and StreamARN name different streams.");
    }
    if (!NAME.test(name)) {
      throw constraint(name, "StreamName", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
    }
    return name;
  }

  function named(name: string): Stream {
    const stream = store.get(name);
    if (!stream) throw notFound(`Stream ${name} under account ${hub.accountId} not found.`);
    return stream;
  }

  return {
    hub,
    store,
    announce({ arn }, shards) {
      if (!shards) signal.announce(arn);
      for (const id of new Set(shards)) signal.announce(`${arn}/${id}`);
    },
    arnOf,
    nameIn,
    named,
    stream: (input) => named(nameIn(input)),
    shard(stream, id) {
      const shard = stream.shards.find((one) => one.id === id);
      if (!shard) {
        throw notFound(`Could not find shard ${id} in stream ${stream.name} under account ${hub.accountId}.`);
      }
      return shard;
    },
    consumer(arn) {
      const name = /:stream\/([^/]+)\/consumer\//.exec(arn)?.[1];
      const stream = name === undefined ? undefined : store.get(name);
      const consumer = stream?.consumers.find((one) => one.arn === arn);
      return stream && consumer && { stream, consumer };
    },
    on: (action) => (input) => [{ action: `kinesis:${action}`, resource: arnOf(nameIn(input)) }],
  };
}
