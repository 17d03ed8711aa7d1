import * as aws from "@pulumi/aws";
import { type ComponentResourceOptions, type Input, type Output, output } from "@pulumi/pulumi";
import { BowlineError } from "../../error.ts";
import { profiles } from "../../link/access.ts";
import type { Access } from "../../link/grant.ts";
import type { Link } from "../../link/link.ts";
import { Component, type Transform, transformed } from "../component.ts";
import { type Filters, filterCriteria } from "./event-source.ts";
import type { Function as LambdaFunction } from "./function.ts";
import { seconds } from "./quantity.ts";
import { type Subscriber, subscribedFunction } from "./subscriber.ts";

export interface QueueArgs {
  /** Keeps the order of messages, and delivers each once. Default `false`. */
  readonly fifo?: boolean | { readonly contentBasedDeduplication?: boolean };
  /** How long a message that was taken is hidden from others. Default 30 seconds. */
  readonly visibilityTimeout?: number | string;
  /** How long a message waits before it can be taken. Default: not at all. */
  readonly delay?: number | string;
  /** Where messages go that failed too often: the ARN of a queue, which is tried 3 times before, or how often. */
  readonly dlq?: Input<string> | { readonly queue: Input<string>; readonly retry: number };
  readonly transform?: {
    readonly queue?: Transform<aws.sqs.QueueArgs>;
  };
}

export interface QueueSubscribeArgs {
  readonly batch?: {
    /** How many messages one call gets at most. Default 10. */
    readonly size?: number;
    /** How long to wait for a batch to fill. Default: not at all. */
    readonly window?: number | string;
    /** The handler reports which messages failed, and only those come again. Default `false`. */
    readonly partialResponses?: boolean;
  };
  /** Only messages that match one of these are given to the function. */
  readonly filters?: Filters;
  readonly transform?: {
    readonly eventSourceMapping?: Transform<aws.lambda.EventSourceMappingArgs>;
  };
}

const TYPE = "bowline:aws:Queue";
const RETRIES = 3;

/**
 * An SQS queue.
 *
 * @example
 * const jobs = new aws.Queue("Jobs");
 * jobs.subscribe("src/worker.handler");
 * new aws.Function("Api", { handler: "src/api.handler", link: [jobs] });
 */
export class Queue extends Component {
  readonly nodes: { readonly queue: aws.sqs.Queue };
  #subscriber: string | undefined;

  constructor(name: string, args: QueueArgs = {}, options?: ComponentResourceOptions) {
    super(TYPE, name, options);
    const fifo = typeof args.fifo === "object" ? args.fifo : {};
    const queue = new aws.sqs.Queue(
      name,
      transformed(args.transform?.queue, name, {
        ...(args.fifo
          ? { fifoQueue: true, contentBasedDeduplication: fifo.contentBasedDeduplication ?? false }
          : {}),
        visibilityTimeoutSeconds: seconds(args.visibilityTimeout ?? 30, name, "visibilityTimeout"),
        ...(args.delay === undefined ? {} : { delaySeconds: seconds(args.delay, name, "delay") }),
        ...(args.dlq === undefined ? {} : { redrivePolicy: redrivePolicy(args.dlq) }),
      }),
      { parent: this },
    );
    this.nodes = { queue };
    this.registerLinkable({ url: this.url, arn: this.arn, name: this.name });
  }

  get url(): Output<string> {
    return this.nodes.queue.url;
  }

  get arn(): Output<string> {
    return this.nodes.queue.arn;
  }

  /** The name SQS knows it by. */
  get name(): Output<string> {
    return this.nodes.queue.name;
  }

  /** How a consumer may use it. Without an argument: `"send"`. */
  link(...access: Access<typeof TYPE>[]): Link<{ url: string; arn: string; name: string }> {
    return this.linkWith(TYPE, access, { url: this.url, arn: this.arn, name: this.name });
  }

  /**
   * Runs a function for its messages. A queue has one subscriber: each message is taken once.
   *
   * @example
   * jobs.subscribe({ handler: "src/worker.handler", link: [orders] }, { batch: { size: 1 } });
   */
  subscribe(subscriber: Subscriber, args: QueueSubscribeArgs = {}): LambdaFunction {
    const name = `${this.logicalName}Subscriber`;
    if (this.#subscriber !== undefined) {
      throw new BowlineError("subscribed-twice", `The queue ${this.logicalName} has a subscriber already.`, {
        hint: "Two subscribers would each get some of the messages. Send them to an aws.SnsTopic or aws.Bus instead, which give every subscriber all of them.",
      });
    }
    this.#subscriber = name;
    const parent = { parent: this };
    const actions = profiles[TYPE].levels.consume.flatMap((level) => level.actions);
    const { function: made, ready } = subscribedFunction(
      name,
      subscriber,
      [{ actions, resources: [this.arn] }],
      parent,
    );
    new aws.lambda.EventSourceMapping(
      name,
      transformed(args.transform?.eventSourceMapping, name, {
        eventSourceArn: this.arn,
        functionName: made.name,
        batchSize: args.batch?.size ?? 10,
        ...(args.batch?.window === undefined
          ? {}
          : { maximumBatchingWindowInSeconds: seconds(args.batch.window, name, "batch.window") }),
        ...(args.batch?.partialResponses ? { functionResponseTypes: ["ReportBatchItemFailures"] } : {}),
        ...filterCriteria(args.filters),
      }),
      { ...parent, dependsOn: [...ready] },
    );
    return made;
  }
}

function redrivePolicy(dlq: NonNullable<QueueArgs["dlq"]>): Output<string> {
  const given = typeof dlq === "object" && "queue" in dlq ? dlq : { queue: dlq, retry: RETRIES };
  return output(given).apply(({ queue, retry }) =>
    JSON.stringify({ deadLetterTargetArn: queue, maxReceiveCount: retry }),
  );
}
