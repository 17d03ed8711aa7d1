/** Reading the inputs of CloudWatch Logs. */
import { AwsError } from "../error.ts";
import type { AccessRequest, Hub } from "../service.ts";

export type Input = Readonly<Record<string, unknown>>;

export function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterException", message);
}

export function notFound(what: string): AwsError {
  return new AwsError("ResourceNotFoundException", `The specified ${what} does not exist.`);
}

export function optionalText(input: Input, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw invalid(`${name} must be a string.`);
  return value;
}

export function text(input: Input, name: string): string {
  const value = optionalText(input, name);
  if (!value)
    throw invalid(
      `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must not be null`,
    );
  return value;
}

export function optionalNumber(input: Input, name: string): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isFinite(value)) throw invalid(`${name} must be a number.`);
  return value;
}

export function limitOf(input: Input, most: number, fallback: number): number {
  const limit = optionalNumber(input, "limit") ?? fallback;
  if (!Number.isInteger(limit) || limit < 1 || limit > most)
    throw invalid(`limit must be between 1 and ${most}.`);
  return limit;
}

export function tagsIn(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw invalid("tags must be a map of strings.");
  const entries = Object.entries(value);
  if (entries.length > 50) throw new AwsError("TooManyTagsException", "A log group may have 50 tags.");
  if (entries.some(([, tag]) => typeof tag !== "string")) throw invalid("tags must be a map of strings.");
  return Object.fromEntries(entries) as Record<string, string>;
}

/** The group's name, given as such or as an ARN. */
export function groupOf(input: Input): string {
  const name = optionalText(input, "logGroupName");
  const identifier = optionalText(input, "logGroupIdentifier");
  if (name && identifier) throw invalid("Give either logGroupName or logGroupIdentifier.");
  return nameInArn(identifier ?? text(input, "logGroupName"));
}

export function nameInArn(arn: string): string {
  const match = /^arn:aws:logs:[^:]*:[^:]*:log-group:([^:]+)/.exec(arn);
  return match?.[1] ?? arn;
}

/**
 * What IAM is asked on. CloudWatch Logs asks about a group as about its streams, with the stream left empty, which
 * is why policies name groups with `:*` at the end.
 */
export function access(hub: Hub, action: string, stream: (input: Input) => string = () => "") {
  return (input: Input): readonly AccessRequest[] => {
    const group = nameInArn(String(input.logGroupName ?? input.logGroupIdentifier ?? ""));
    const resource = `${groupArn(hub, group)}:log-stream:${stream(input)}`;
    return [{ action: `logs:${action}`, resource }];
  };
}

export function groupArn(hub: Hub, name: string): string {
  return `arn:aws:logs:${hub.region}:${hub.accountId}:log-group:${name}`;
}

/** One page of a list; the token is the position it goes on from. */
export function page<T>(
  input: Input,
  all: readonly T[],
  limit: number,
): { items: readonly T[]; nextToken?: string } {
  const token = optionalText(input, "nextToken");
  const from = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(from) || from < 0) throw invalid("The specified nextToken is invalid.");
  const items = all.slice(from, from + limit);
  const next = from + items.length;
  return next < all.length ? { items, nextToken: String(next) } : { items };
}
