import * as aws from "@pulumi/aws";
import { all, type ComponentResourceOptions, type Resource } from "@pulumi/pulumi";
import { BowlineError } from "../../error.ts";
import type { PermissionArgs } from "../../link/include.ts";
import { type FunctionArgs, Function as LambdaFunction } from "./function.ts";

/** What handles messages: a handler, a function's arguments, or a function that exists. */
export type Subscriber = string | FunctionArgs | LambdaFunction;

export interface SubscribedFunction {
  readonly function: LambdaFunction;
  /** What must be there before messages flow. */
  readonly ready: readonly Resource[];
}

/** The subscriber's function, allowed to take what it is subscribed to. */
export function subscribedFunction(
  name: string,
  subscriber: Subscriber,
  permissions: readonly PermissionArgs[],
  options: ComponentResourceOptions,
): SubscribedFunction {
  if (subscriber instanceof LambdaFunction) {
    return {
      function: subscriber,
      ready: permissions.length > 0 ? [grant(name, subscriber, permissions, options)] : [],
    };
  }
  const args = typeof subscriber === "string" ? { handler: subscriber } : subscriber;
  const made = new LambdaFunction(
    name,
    { ...args, permissions: [...(args.permissions ?? []), ...permissions] },
    options,
  );
  return { function: made, ready: [made] };
}

/** A function that exists has its links' policy already; this one is beside it. */
function grant(
  name: string,
  subscriber: LambdaFunction,
  permissions: readonly PermissionArgs[],
  options: ComponentResourceOptions,
): Resource {
  const { role } = subscriber.nodes;
  if (!role) {
    throw new BowlineError(
      "bad-subscriber",
      `${name}: the function has a role of yours, which is not given the permission to take messages.`,
      {
        hint: "Subscribe with a handler instead of the function, or leave the function's role to Bowline.",
      },
    );
  }
  const statements = all(
    permissions.map(({ actions, resources }) =>
      all([...resources]).apply((Resource) => ({ Effect: "Allow", Action: [...actions], Resource })),
    ),
  );
  const policy = statements.apply((Statement) => JSON.stringify({ Version: "2012-10-17", Statement }));
  return new aws.iam.RolePolicy(`${name}Access`, { role: role.name, policy }, options);
}

/** `OrdersPaid` for a subscription `Paid` of `Orders`: names are the app's, so a child's begins with its parent's. */
export function childName(parent: string, name: string): string {
  return parent + name.slice(0, 1).toUpperCase() + name.slice(1);
}
