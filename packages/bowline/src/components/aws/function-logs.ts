import * as aws from "@pulumi/aws";
import type { ComponentResourceOptions, Input } from "@pulumi/pulumi";
import type { App } from "../../config/app.ts";
import { BowlineError } from "../../error.ts";
import { type Transform, transformed } from "../component.ts";

/** The times that CloudWatch can keep logs for, in days. */
const RETENTION = {
  "1 day": 1,
  "3 days": 3,
  "5 days": 5,
  "1 week": 7,
  "2 weeks": 14,
  "1 month": 30,
  "2 months": 60,
  "3 months": 90,
  "4 months": 120,
  "5 months": 150,
  "6 months": 180,
  "1 year": 365,
  "13 months": 400,
  "18 months": 545,
  "2 years": 731,
  "3 years": 1096,
  "5 years": 1827,
  "6 years": 2192,
  "7 years": 2557,
  "8 years": 2922,
  "9 years": 3288,
  "10 years": 3653,
  forever: 0,
} as const;

export interface LoggingArgs {
  /** How long logs are kept. Default `"1 month"`. */
  readonly retention?: keyof typeof RETENTION;
  /** Default `"text"`. */
  readonly format?: "text" | "json";
  /** The name of a log group of yours, which keeps its own retention. Default: one of its own. */
  readonly logGroup?: Input<string>;
}

/** Where a function logs; undefined where it may not. */
export type FunctionLogs = aws.lambda.FunctionArgs["loggingConfig"];

/** The function's log group, there before the function is, and gone with it. */
export function functionLogs(
  app: App,
  name: string,
  args: {
    readonly logging?: false | LoggingArgs;
    readonly transform?: { readonly logGroup?: Transform<aws.cloudwatch.LogGroupArgs> };
  },
  parent: ComponentResourceOptions,
): FunctionLogs {
  if (args.logging === false) return undefined;
  const { retention = "1 month", format = "text", logGroup } = args.logging ?? {};
  if (!Object.hasOwn(RETENTION, retention)) {
    throw new BowlineError("bad-retention", `${name}: logging.retention is ${JSON.stringify(retention)}.`, {
      hint: `CloudWatch can keep logs for ${Object.keys(RETENTION).join(", ")}.`,
    });
  }
  const own = () =>
    new aws.cloudwatch.LogGroup(
      `${name}LogGroup`,
      transformed(args.transform?.logGroup, name, {
        // Where the console looks for a function's logs. The rest is by chance: Lambda may bring a group back that was
        // deleted, by the last lines of the function.
        namePrefix: `/aws/lambda/${app.name}-${app.stage}-${name}-`,
        retentionInDays: RETENTION[retention],
      }),
      parent,
    ).name;
  return { logFormat: format === "json" ? "JSON" : "Text", logGroup: logGroup ?? own() };
}
