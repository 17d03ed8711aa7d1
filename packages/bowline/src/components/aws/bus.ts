import * as aws from "@pulumi/aws";
import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import type { Access } from "../../link/grant.ts";
import type { Link } from "../../link/link.ts";
import { Component, type Transform, transformed } from "../component.ts";
import type { Function as LambdaFunction } from "./function.ts";
import type { Queue } from "./queue.ts";
import { allowSender } from "./queue-sender.ts";
import { childName, type Subscriber, subscribedFunction } from "./subscriber.ts";

export interface BusArgs {
  readonly transform?: {
    readonly bus?: Transform<aws.cloudwatch.EventBusArgs>;
  };
}

export interface BusSubscribeArgs {
  /** Which events. Default: all that are put on the bus. */
  readonly pattern?: {
    readonly source?: readonly unknown[];
    readonly detailType?: readonly unknown[];
    readonly detail?: Readonly<Record<string, unknown>>;
  };
  readonly transform?: {
    readonly rule?: Transform<aws.cloudwatch.EventRuleArgs>;
    readonly target?: Transform<aws.cloudwatch.EventTargetArgs>;
  };
}

const TYPE = "bowline:aws:Bus";

/**
 * An EventBridge bus: subscribers say which events they get.
 *
 * @example
 * const bus = new aws.Bus("Bus");
 * bus.subscribe("Mail", "src/mail.handler", { pattern: { detailType: ["order.paid"] } });
 * new aws.Function("Api", { handler: "src/api.handler", link: [bus] });
 */
export class Bus extends Component {
  readonly nodes: { readonly bus: aws.cloudwatch.EventBus };

  constructor(name: string, args: BusArgs = {}, options?: ComponentResourceOptions) {
    super(TYPE, name, options);
    this.nodes = {
      bus: new aws.cloudwatch.EventBus(name, transformed(args.transform?.bus, name, {}), { parent: this }),
    };
    this.registerLinkable({ name: this.name, arn: this.arn });
  }

  /** The name EventBridge knows it by. */
  get name(): Output<string> {
    return this.nodes.bus.name;
  }

  get arn(): Output<string> {
    return this.nodes.bus.arn;
  }

  /** Lets a consumer put events on it. */
  link(...access: Access<typeof TYPE>[]): Link<{ name: string; arn: string }> {
    return this.linkWith(TYPE, access, { name: this.name, arn: this.arn });
  }

  /** Runs a function for the events of a pattern. */
  subscribe(subscription: string, subscriber: Subscriber, args: BusSubscribeArgs = {}): LambdaFunction {
    const name = childName(this.logicalName, subscription);
    const parent = { parent: this };
    const { function: made } = subscribedFunction(name, subscriber, [], parent);
    const rule = this.#rule(name, args);
    const allowed = new aws.lambda.Permission(
      `${name}Access`,
      {
        function: made.name,
        action: "lambda:InvokeFunction",
        principal: "events.amazonaws.com",
        sourceArn: rule.arn,
      },
      parent,
    );
    this.#target(name, rule, made.arn, args, { ...parent, dependsOn: [allowed] });
    return made;
  }

  /** Sends the events of a pattern to a queue. */
  subscribeQueue(subscription: string, queue: Queue, args: BusSubscribeArgs = {}): void {
    const name = childName(this.logicalName, subscription);
    const rule = this.#rule(name, args);
    const policy = allowSender(name, queue, { service: "events.amazonaws.com", source: rule.arn });
    this.#target(name, rule, queue.arn, args, { parent: this, dependsOn: [policy] });
  }

  #rule(name: string, args: BusSubscribeArgs): aws.cloudwatch.EventRule {
    return new aws.cloudwatch.EventRule(
      name,
      transformed(args.transform?.rule, name, {
        eventBusName: this.name,
        eventPattern: JSON.stringify(patternOf(args.pattern)),
      }),
      { parent: this },
    );
  }

  #target(
    name: string,
    rule: aws.cloudwatch.EventRule,
    arn: Output<string>,
    args: BusSubscribeArgs,
    options: ComponentResourceOptions,
  ): void {
    new aws.cloudwatch.EventTarget(
      name,
      transformed(args.transform?.target, name, { rule: rule.name, eventBusName: this.name, arn }),
      options,
    );
  }
}

function patternOf(pattern: BusSubscribeArgs["pattern"]) {
  const wanted = {
    ...(pattern?.source ? { source: pattern.source } : {}),
    ...(pattern?.detailType ? { "detail-type": pattern.detailType } : {}),
    ...(pattern?.detail ? { detail: pattern.detail } : {}),
  };
  // A pattern cannot be empty; every event has a source.
  return Object.keys(wanted).length > 0 ? wanted : { source: [{ prefix: "" }] };
}
