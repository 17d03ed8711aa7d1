import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import { all, type Input, type InvokeOptions, type Output } from "@pulumi/pulumi";
import type { App } from "../../config/app.ts";

/** What a link to a function says of it, known without the function. */
export interface EarlyIdentity {
  readonly name: Output<string>;
  readonly arn: Output<string>;
}

const LONGEST = 64;

/** A name of the form that is generated otherwise, which no other function of the app and stage has. */
export function earlyName(app: App, name: string): string {
  const full = `${app.name}-${app.stage}-${name}`;
  const hash = createHash("sha256").update(full).digest("hex").slice(0, 7);
  return `${full.slice(0, LONGEST - hash.length - 1)}-${hash}`;
}

/** The ARN that a function of this name and role will have. */
export function earlyArn(
  name: Input<string>,
  roleArn: Input<string>,
  options: InvokeOptions,
): Output<string> {
  const { region } = aws.getRegionOutput({}, options);
  return all([name, roleArn, region]).apply(([known, role, where]) => {
    const [, partition, , , account] = role.split(":");
    return `arn:${partition}:lambda:${where}:${account}:function:${known}`;
  });
}
