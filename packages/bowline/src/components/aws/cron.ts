import * as aws from "@pulumi/aws";
import type { ComponentResourceOptions } from "@pulumi/pulumi";
import { BowlineError } from "../../error.ts";
import { Component, type Transform, transformed } from "../component.ts";
import type { Function as LambdaFunction } from "./function.ts";
import { type Subscriber, subscribedFunction } from "./subscriber.ts";

export interface CronArgs {
  /** `rate(5 minutes)`, or `cron(0 3 * * ? *)` in UTC. */
  readonly schedule: string;
  /** What runs: a handler, a function's arguments, or a function that exists. */
  readonly function: Subscriber;
  /** What the function is called with. Default: what EventBridge tells of the event. */
  readonly event?: Readonly<Record<string, unknown>>;
  /** Default `true`. */
  readonly enabled?: boolean;
  readonly transform?: {
    readonly rule?: Transform<aws.cloudwatch.EventRuleArgs>;
    readonly target?: Transform<aws.cloudwatch.EventTargetArgs>;
  };
}

const TYPE = "bowline:aws:Cron";

/**
 * Runs a function by the clock.
 *
 * @example
 * new aws.Cron("Nightly", { schedule: "cron(0 3 * * ? *)", function: { handler: "src/report.handler", link: [orders] } });
 */
export class Cron extends Component {
  readonly nodes: {
    readonly function: LambdaFunction;
    readonly rule: aws.cloudwatch.EventRule;
  };

  constructor(name: string, args: CronArgs, options?: ComponentResourceOptions) {
    super(TYPE, name, options);
    if (!/^(rate|cron)\(.+\)$/.test(args.schedule ?? "")) {
      throw new BowlineError(
        "bad-schedule",
        `Cron "${name}": the schedule is ${JSON.stringify(args.schedule)}.`,
        {
          hint: 'Write "rate(5 minutes)", or "cron(0 3 * * ? *)" for three o\'clock at night (UTC).',
        },
      );
    }
    const parent = { parent: this };
    const { function: made } = subscribedFunction(`${name}Handler`, args.function, [], parent);
    const rule = new aws.cloudwatch.EventRule(
      name,
      transformed(args.transform?.rule, name, {
        scheduleExpression: args.schedule,
        state: args.enabled === false ? "DISABLED" : "ENABLED",
      }),
      parent,
    );
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
    new aws.cloudwatch.EventTarget(
      name,
      transformed(args.transform?.target, name, {
        rule: rule.name,
        arn: made.arn,
        ...(args.event ? { input: JSON.stringify(args.event) } : {}),
      }),
      { ...parent, dependsOn: [allowed] },
    );
    this.nodes = { function: made, rule };
    this.registerOutputs({});
  }
}
