import * as aws from "@pulumi/aws";
import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import type { Access } from "../../link/grant.ts";
import type { Link } from "../../link/link.ts";
import { Component, type Transform, transformed } from "../component.ts";
import type { Function as LambdaFunction } from "./function.ts";
import type { Queue } from "./queue.ts";
import { allowSender } from "./queue-sender.ts";
import { childName, type Subscriber, subscribedFunction } from "./subscriber.ts";

export interface SnsTopicArgs {
  /** Keeps the order of messages; its subscribers are FIFO queues. Default `false`. */
  readonly fifo?: boolean | { readonly contentBasedDeduplication?: boolean };
  readonly transform?: {
    readonly topic?: Transform<aws.sns.TopicArgs>;
  };
}

export interface SnsTopicSubscribeArgs {
  /** Only messages that match are delivered. */
  readonly filter?: Readonly<Record<string, unknown>>;
  readonly transform?: {
    readonly subscription?: Transform<aws.sns.TopicSubscriptionArgs>;
  };
}

const TYPE = "bowline:aws:SnsTopic";

/**
 * An SNS topic: every subscriber gets every message.
 *
 * @example
 * const paid = new aws.SnsTopic("Paid");
 * paid.subscribe("Mail", "src/mail.handler");
 * new aws.Function("Api", { handler: "src/api.handler", link: [paid] });
 */
export class SnsTopic extends Component {
  readonly nodes: { readonly topic: aws.sns.Topic };

  constructor(name: string, args: SnsTopicArgs = {}, options?: ComponentResourceOptions) {
    super(TYPE, name, options);
    const fifo = typeof args.fifo === "object" ? args.fifo : {};
    const topic = new aws.sns.Topic(
      name,
      transformed(
        args.transform?.topic,
        name,
        args.fifo
          ? { fifoTopic: true, contentBasedDeduplication: fifo.contentBasedDeduplication ?? false }
          : {},
      ),
      { parent: this },
    );
    this.nodes = { topic };
    this.registerLinkable({ arn: this.arn, name: this.name });
  }

  get arn(): Output<string> {
    return this.nodes.topic.arn;
  }

  /** The name SNS knows it by. */
  get name(): Output<string> {
    return this.nodes.topic.name;
  }

  /** Lets a consumer publish to it. */
  link(...access: Access<typeof TYPE>[]): Link<{ arn: string; name: string }> {
    return this.linkWith(TYPE, access, { arn: this.arn, name: this.name });
  }

  /** Runs a function for every message. */
  subscribe(subscription: string, subscriber: Subscriber, args: SnsTopicSubscribeArgs = {}): LambdaFunction {
    const name = childName(this.logicalName, subscription);
    const parent = { parent: this };
    const { function: made } = subscribedFunction(name, subscriber, [], parent);
    const allowed = new aws.lambda.Permission(
      `${name}Access`,
      {
        function: made.name,
        action: "lambda:InvokeFunction",
        principal: "sns.amazonaws.com",
        sourceArn: this.arn,
      },
      parent,
    );
    this.#subscribe(name, { protocol: "lambda", endpoint: made.arn }, args, {
      ...parent,
      dependsOn: [allowed],
    });
    return made;
  }

  /** Sends every message to a queue. */
  subscribeQueue(subscription: string, queue: Queue, args: SnsTopicSubscribeArgs = {}): void {
    const name = childName(this.logicalName, subscription);
    const parent = { parent: this };
    const policy = allowSender(name, queue, { service: "sns.amazonaws.com", source: this.arn });
    this.#subscribe(name, { protocol: "sqs", endpoint: queue.arn }, args, { ...parent, dependsOn: [policy] });
  }

  #subscribe(
    name: string,
    target: { protocol: string; endpoint: Output<string> },
    args: SnsTopicSubscribeArgs,
    options: ComponentResourceOptions,
  ): void {
    new aws.sns.TopicSubscription(
      name,
      transformed(args.transform?.subscription, name, {
        topic: this.arn,
        ...target,
        ...(args.filter ? { filterPolicy: JSON.stringify(args.filter) } : {}),
      }),
      options,
    );
  }
}
