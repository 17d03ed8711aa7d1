/** SQS's errors, and the names they had in the Query protocol. */
import { AwsError } from "../error.ts";

const legacy = new Set([
  "BatchEntryIdsNotDistinct",
  "BatchRequestTooLong",
  "EmptyBatchRequest",
  "InvalidBatchEntryId",
  "MessageNotInflight",
  "PurgeQueueInProgress",
  "TooManyEntriesInBatchRequest",
  "UnsupportedOperation",
]);

const renamed: Readonly<Record<string, string>> = {
  InvalidParameterValueException: "InvalidParameterValue",
  KmsAccessDenied: "KMS.AccessDeniedException",
  KmsDisabled: "KMS.DisabledException",
  KmsInvalidKeyUsage: "KMS.InvalidKeyUsageException",
  KmsInvalidState: "KMS.InvalidStateException",
  KmsNotFound: "KMS.NotFoundException",
  MissingRequiredParameterException: "MissingParameter",
  QueueDoesNotExist: "AWS.SimpleQueueService.NonExistentQueue",
  QueueNameExists: "QueueAlreadyExists",
};

/** An error's name in the Query protocol, and in the header that keeps old code working over JSON. */
export function legacyCode(code: string): string {
  return legacy.has(code) ? `AWS.SimpleQueueService.${code}` : (renamed[code] ?? code);
}

export function noSuchQueue(): AwsError {
  return new AwsError("QueueDoesNotExist", "The specified queue does not exist.");
}

export function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterValueException", message);
}

export function invalidValue(value: unknown, parameter: string, reason: string): AwsError {
  return invalidParameter(`Value ${String(value)} for parameter ${parameter} is invalid. Reason: ${reason}.`);
}

export function missing(parameter: string): AwsError {
  return new AwsError(
    "MissingRequiredParameterException",
    `The request must contain the parameter ${parameter}.`,
  );
}

export function overLimit(): AwsError {
  return new AwsError(
    "OverLimit",
    "Too many messages are in flight: delete what was handled, or receive with a wait.",
    403,
  );
}

export function invalidReceipt(): AwsError {
  return new AwsError("ReceiptHandleIsInvalid", "The input receipt handle is invalid.");
}
