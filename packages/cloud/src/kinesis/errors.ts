/** Kinesis's errors. */
import { AwsError } from "../error.ts";

export function invalidArgument(message: string): AwsError {
  return new AwsError("InvalidArgumentException", message);
}

export function validation(message: string): AwsError {
  return new AwsError("ValidationException", message);
}

export function constraint(value: unknown, member: string, rule: string): AwsError {
  const shown = value === undefined || value === null ? "null" : `'${String(value).slice(0, 200)}'`;
  const name = member.charAt(0).toLowerCase() + member.slice(1);
  return validation(
    `1 validation error detected: Value ${shown} at '${name}' failed to satisfy constraint: ${rule}`,
  );
}

export function notFound(message: string): AwsError {
  return new AwsError("ResourceNotFoundException", message);
}

export function inUse(message: string): AwsError {
  return new AwsError("ResourceInUseException", message);
}

export function overLimit(message: string): AwsError {
  return new AwsError("LimitExceededException", message);
}
