/** How callers may name a function: bare, partial ARN or full ARN, each with a version or alias behind it. */
import { AwsError } from "../error.ts";

export interface FunctionReference {
  readonly name: string;
  /** `$LATEST`, a version number or an alias; undefined when none was named. */
  readonly qualifier: string | undefined;
}

const NAME = /^[A-Za-z0-9-_]{1,64}$/;
const QUALIFIER = /^(\$LATEST|[A-Za-z0-9-_]{1,128})$/;
const REFERENCE =
  /^(?:(?:arn:aws[\w-]*:lambda:[a-z0-9-]+:)?\d{12}:function:)?([^:]+)(?::(\$LATEST|[A-Za-z0-9-_]+))?$/;

/** Reads a `FunctionName` member and the separate `Qualifier` that may come with it. */
export function parseFunctionName(value: unknown, qualifier?: unknown): FunctionReference {
  const match = REFERENCE.exec(String(value ?? ""));
  const name = match?.[1];
  if (!name || !NAME.test(name)) {
    throw new AwsError(
      "ValidationException",
      `1 validation error detected: Value '${String(value)}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?`,
    );
  }
  const explicit = qualifier === undefined || qualifier === "" ? undefined : String(qualifier);
  if (explicit !== undefined && !QUALIFIER.test(explicit)) {
    throw new AwsError(
      "ValidationException",
      `1 validation error detected: Value '${explicit}' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: (|[a-zA-Z0-9$_-]+)`,
    );
  }
  if (explicit !== undefined && match?.[2] !== undefined && match[2] !== explicit) {
    throw new AwsError(
      "InvalidParameterValueException",
      `The derived qualifier from the function name does not match the specified qualifier.`,
    );
  }
  return { name, qualifier: explicit ?? match?.[2] };
}

/** The ARN of a function, of its version or of its alias. */
export function functionArn(
  scope: { readonly region: string; readonly accountId: string },
  reference: FunctionReference,
): string {
  const arn = `arn:aws:lambda:${scope.region}:${scope.accountId}:function:${reference.name}`;
  return reference.qualifier === undefined ? arn : `${arn}:${reference.qualifier}`;
}

export function layerArn(
  scope: { readonly region: string; readonly accountId: string },
  name: string,
): string {
  return `arn:aws:lambda:${scope.region}:${scope.accountId}:layer:${name}`;
}
