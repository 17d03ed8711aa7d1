/** DynamoDB's errors, worded as AWS words them. */
import { AwsError } from "../error.ts";

export function validation(message: string): AwsError {
  return new AwsError("ValidationException", message);
}

/** The long form most parameter checks use. */
export function invalidParameter(message: string): AwsError {
  return validation(`One or more parameter values were invalid: ${message}`);
}

/** What was sent cannot be read as the type the parameter has. */
export function serialization(message: string): AwsError {
  return new AwsError("SerializationException", message);
}

export function resourceNotFound(message = "Requested resource not found"): AwsError {
  return new AwsError("ResourceNotFoundException", message);
}

export function tableNotFound(name: string): AwsError {
  return resourceNotFound(`Requested resource not found: Table: ${name} not found`);
}

export function resourceInUse(message: string): AwsError {
  return new AwsError("ResourceInUseException", message);
}

export function conditionFailed(item?: object): AwsError {
  const fields = item ? { Item: item } : {};
  return new AwsError("ConditionalCheckFailedException", "The conditional request failed", 400, fields);
}
