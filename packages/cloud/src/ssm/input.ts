/** Reading the inputs of Systems Manager's parameters. */
import { AwsError } from "../error.ts";
import { type Input, optionalText, pageFrom, structures } from "../protocol/json-input.ts";
import type { AccessRequest, Hub } from "../service.ts";

export function invalid(message: string): AwsError {
  return new AwsError("ValidationException", message);
}

export function text(input: Input, name: string): string {
  const value = optionalText(input, name);
  if (!value)
    throw invalid(
      `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must not be null`,
    );
  return value;
}

export function texts(input: Input, name: string, most: number): string[] {
  const value = input[name];
  if (
    !Array.isArray(value) ||
    value.length === 0 ||
    value.length > most ||
    value.some((item) => typeof item !== "string")
  ) {
    throw invalid(`${name} must be a list of 1 to ${most} strings.`);
  }
  return value as string[];
}

/** A parameter's name as stored, from a name, a name with `:version`, or an ARN. */
export function readName(given: string): { readonly name: string; readonly version: number | undefined } {
  const arn = /^arn:aws:ssm:[^:]*:[^:]*:parameter(\/.+)$/.exec(given);
  const plain = arn?.[1] ?? given;
  const [base = "", selector] = plain.split(":");
  // The ARN of `name` reads like that of `/name`: only a name with further slashes begins with one.
  const name = arn && !base.slice(1).includes("/") ? base.slice(1) : base;
  if (selector === undefined) return { name, version: undefined };
  const version = Number(selector);
  if (!Number.isInteger(version)) {
    throw new AwsError(
      "ParameterVersionNotFound",
      `Parameter labels (“${selector}”) are not part of the local cloud.`,
    );
  }
  return { name, version };
}

export function arnOf(hub: Hub, name: string): string {
  return `arn:aws:ssm:${hub.region}:${hub.accountId}:parameter${name.startsWith("/") ? "" : "/"}${name}`;
}

/** The permissions to act on parameters by name. */
export function onNames(hub: Hub, action: string, names: (input: Input) => unknown) {
  return (input: Input): readonly AccessRequest[] => {
    const given = [names(input)].flat().filter((name) => typeof name === "string");
    const distinct = [...new Set(given.map((name) => arnOf(hub, readName(name).name)))];
    return (distinct.length > 0 ? distinct : ["*"]).map((resource) => ({
      action: `ssm:${action}`,
      resource,
    }));
  };
}

export function page<T>(
  input: Input,
  all: readonly T[],
  most: number,
): { items: readonly T[]; NextToken?: string } {
  const size = input.MaxResults === undefined ? most : Number(input.MaxResults);
  if (!Number.isInteger(size) || size < 1 || size > most)
    throw invalid(`MaxResults must be between 1 and ${most}.`);
  const found = pageFrom(all, optionalText(input, "NextToken"), size);
  if (!found) throw new AwsError("InvalidNextToken", "The specified token is not valid.");
  const { items, next } = found;
  return next ? { items, NextToken: next } : { items };
}

export function tagsIn(input: Input): Record<string, string> {
  const found = structures(input, "Tags").map((tag): [string, string] => [
    text(tag, "Key"),
    optionalText(tag, "Value") ?? "",
  ]);
  if (found.length > 50) throw new AwsError("TooManyTagsError", "A parameter may have 50 tags.");
  return Object.fromEntries(found);
}

interface Filter {
  readonly key: string;
  readonly option: string;
  readonly values: readonly string[];
}

/** `ParameterFilters`, and the older `Filters` which only know equality. */
export function filtersIn(input: Input): readonly Filter[] {
  const read = (member: string, usual: (key: string) => string): Filter[] =>
    structures(input, member).map((filter) => {
      const key = text(filter, "Key");
      return {
        key,
        option: optionalText(filter, "Option") ?? usual(key),
        values: texts(filter, "Values", 50),
      };
    });
  return [
    ...read("ParameterFilters", () => "Equals"),
    ...read("Filters", (key) => (key === "Name" ? "BeginsWith" : "Equals")),
  ];
}
