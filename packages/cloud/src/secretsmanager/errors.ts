/** The errors of Secrets Manager, as AWS names and words them. */
import { AwsError } from "../error.ts";

export function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterException", message);
}

export function invalidRequest(message: string): AwsError {
  return new AwsError("InvalidRequestException", message);
}

export function notFound(what = "the specified secret"): AwsError {
  return new AwsError("ResourceNotFoundException", `Secrets Manager can't find ${what}.`);
}

export function exists(message: string): AwsError {
  return new AwsError("ResourceExistsException", message);
}

export function markedForDeletion(): AwsError {
  return invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");
}
