/** EventBridge's errors. */
import { AwsError } from "../error.ts";

export function invalid(message: string): AwsError {
  return new AwsError("ValidationException", message);
}

export function notFound(what: string, name: string): AwsError {
  return new AwsError("ResourceNotFoundException", `${what} ${name} does not exist.`);
}
