/** SNS's errors. */
import { AwsError } from "../error.ts";

export function invalid(message: string): AwsError {
  return new AwsError("InvalidParameter", `Invalid parameter: ${message}`);
}

export function notFound(what: "Topic" | "Subscription"): AwsError {
  return new AwsError("NotFound", `${what} does not exist`, 404);
}
