import { isUnknown, Output } from "@pulumi/pulumi";

const UNKNOWN = Symbol("unknown");

/** The value of an Output with what is not known marked in it: see `isUnknownValue`. */
export async function valueWithUnknowns(output: Output<unknown>): Promise<unknown> {
  // The SDK's types do not show these.
  const { promise, isKnown } = output as unknown as {
    promise?: (withUnknowns: boolean) => Promise<unknown>;
    isKnown?: Promise<boolean>;
  };
  if (typeof promise !== "function") throw new Error("this version of @pulumi/pulumi has no Output.promise");
  const value = await promise.call(output, true);
  // What is made of something unknown was not made at all.
  return value === undefined && (await isKnown) === false ? UNKNOWN : value;
}

export function isUnknownValue(value: unknown): boolean {
  return value === UNKNOWN || isUnknown(value);
}

/** Whether an Output is anywhere in a list, however nested. */
export function hasOutputs(items: unknown): boolean {
  return Array.isArray(items) ? items.some(hasOutputs) : Output.isInstance(items);
}

/**
 * The list with what its Outputs hold. Those that are not known in this run, or not yet when `deadline` resolves, stay
 * as they are.
 */
export async function settleOutputs(items: unknown, deadline?: Promise<unknown>): Promise<unknown> {
  if (Array.isArray(items)) return Promise.all(items.map((item) => settleOutputs(item, deadline)));
  if (!Output.isInstance(items)) return items;
  const later = Symbol("later");
  const value = valueWithUnknowns(items);
  const known = await (deadline ? Promise.race([value, deadline.then(() => later)]) : value);
  return known === later ? items : withOutput(known, items);
}

/** What is unknown of a value is as unknown as where it comes from. */
function withOutput(value: unknown, from: Output<unknown>): unknown {
  if (isUnknownValue(value)) return from;
  return Array.isArray(value) ? value.map((item) => withOutput(item, from)) : value;
}
