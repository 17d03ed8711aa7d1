import * as aws from "@pulumi/aws";
import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { profiles } from "../../link/access.ts";
import type { Access } from "../../link/grant.ts";
import type { Link } from "../../link/link.ts";
import { Component, type Transform, transformed } from "../component.ts";
import { type StreamSubscribeArgs, subscribeToStream } from "./event-source.ts";
import type { Function as LambdaFunction } from "./function.ts";
import { childName, type Subscriber } from "./subscriber.ts";

export interface KinesisStreamArgs {
  readonly transform?: {
    readonly stream?: Transform<aws.kinesis.StreamArgs>;
  };
}

export type KinesisStreamSubscribeArgs = StreamSubscribeArgs;

const TYPE = "bowline:aws:KinesisStream";

/**
 * A Kinesis stream, with as many shards as its load takes: records of one key are kept in order.
 *
 * @example
 * const clicks = new aws.KinesisStream("Clicks");
 * clicks.subscribe("Count", "src/count.handler", { filters: [{ data: { page: ["/"] } }] });
 * new aws.Function("Api", { handler: "src/api.handler", link: [clicks] });
 */
export class KinesisStream extends Component {
  readonly nodes: { readonly stream: aws.kinesis.Stream };

  constructor(name: string, args: KinesisStreamArgs = {}, options?: ComponentResourceOptions) {
    super(TYPE, name, options);
    const stream = new aws.kinesis.Stream(
      name,
      transformed(args.transform?.stream, name, { streamModeDetails: { streamMode: "ON_DEMAND" } }),
      { parent: this },
    );
    this.nodes = { stream };
    this.registerLinkable({ name: this.name, arn: this.arn });
  }

  /** The name Kinesis knows it by. */
  get name(): Output<string> {
    return this.nodes.stream.name;
  }

  get arn(): Output<string> {
    return this.nodes.stream.arn;
  }

  /** How a consumer may use it. Without an argument: `"write"`. */
  link(...access: Access<typeof TYPE>[]): Link<{ name: string; arn: string }> {
    return this.linkWith(TYPE, access, { name: this.name, arn: this.arn });
  }

  /**
   * Runs a function for the records that are put from now on, in batches and in the order of each key.
   *
   * @example
   * clicks.subscribe("Count", { handler: "src/count.handler", link: [counts] });
   */
  subscribe(
    subscription: string,
    subscriber: Subscriber,
    args: KinesisStreamSubscribeArgs = {},
  ): LambdaFunction {
    const actions = profiles[TYPE].levels.read.flatMap((grant) => grant.actions);
    const name = childName(this.logicalName, subscription);
    return subscribeToStream(name, subscriber, { arn: this.arn, actions }, args, { parent: this });
  }
}
