/** What queues, tables and streams have in common when a function reads them. */
import * as aws from "@pulumi/aws";
import type { ComponentResourceOptions, Input } from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.ts";
import type { Function as LambdaFunction } from "./function.ts";
import { type Subscriber, subscribedFunction } from "./subscriber.ts";

/** Only what matches one of these is given to the function. */
export type Filters = readonly Readonly<Record<string, unknown>>[];

export interface StreamSubscribeArgs {
  /** Only records that match one of these are given to the function. */
  readonly filters?: Filters;
  readonly transform?: {
    readonly eventSourceMapping?: Transform<aws.lambda.EventSourceMappingArgs>;
  };
}

export function filterCriteria(filters: Filters | undefined) {
  return filters
    ? { filterCriteria: { filters: filters.map((filter) => ({ pattern: JSON.stringify(filter) })) } }
    : {};
}

/** Runs a function for the records of a stream that come from now on. */
export function subscribeToStream(
  name: string,
  subscriber: Subscriber,
  stream: { readonly arn: Input<string>; readonly actions: readonly string[] },
  args: StreamSubscribeArgs,
  options: ComponentResourceOptions,
): LambdaFunction {
  const { arn, actions } = stream;
  const { function: made, ready } = subscribedFunction(
    name,
    subscriber,
    [{ actions, resources: [arn] }],
    options,
  );
  new aws.lambda.EventSourceMapping(
    name,
    transformed(args.transform?.eventSourceMapping, name, {
      eventSourceArn: arn,
      functionName: made.name,
      startingPosition: "LATEST",
      ...filterCriteria(args.filters),
    }),
    { ...options, dependsOn: [...ready] },
  );
  return made;
}
