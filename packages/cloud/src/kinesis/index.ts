/** Kinesis data streams: ordered records in shards, kept as long as the stream says. */
import { Readable } from "node:stream";
import type { PolicyDocument } from "../iam/policy.ts";
import { jsonProtocol } from "../protocol/json.ts";
import type { ServiceFactory } from "../service.ts";
import { consumerOperations } from "./consumers.ts";
import { recordOperations } from "./records.ts";
import { shardOperations } from "./shards.ts";
import { kinesisState } from "./state.ts";
import { streamOperations } from "./streams.ts";
import { subscribeOperations } from "./subscribe.ts";
import { tagOperations } from "./tags.ts";

const SWEEP_EVERY = 60_000;
const eventStream = { "content-type": "application/vnd.amazon.eventstream" };
const json = jsonProtocol({
  version: "1.1",
  namespace: "com.amazonaws.kinesis.v20131202",
  targetPrefix: "Kinesis_20131202",
  // Base64 of ten megabytes, and then some.
  bodyLimit: 16 * 1024 * 1024,
});

export const createKinesis: ServiceFactory = (hub) => {
  const state = kinesisState(hub);
  const { store } = state;
  let sweeper: NodeJS.Timeout | undefined;
  return {
    name: "kinesis",
    protocol: {
      ...json,
      success: (output, call) =>
        output instanceof Readable
          ? { ...json.success({}, call), headers: eventStream, body: output }
          : json.success(output, call),
    },
    operations: {
      ...streamOperations(state),
      ...recordOperations(state),
      ...subscribeOperations(state),
      ...shardOperations(state),
      ...consumerOperations(state),
      ...tagOperations(state),
    },
    resourcePolicy(arn) {
      const policy =
        state.consumer(arn)?.consumer.policy ?? store.get(arn.split(":stream/")[1] ?? "")?.policy;
      return policy === undefined ? undefined : (JSON.parse(policy) as PolicyDocument);
    },
    start() {
      const sweep = () =>
        void store.sweep(Date.now()).catch((error: unknown) => {
          process.emitWarning(`Old records of Kinesis streams could not be removed: ${error}`);
        });
      sweeper = setInterval(sweep, SWEEP_EVERY);
      sweeper.unref();
      sweep();
    },
    stop() {
      clearInterval(sweeper);
      store.flush();
    },
  };
};
