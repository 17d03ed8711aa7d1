/** The errors of KMS, as AWS names and words them. */
import { AwsError } from "../error.ts";

export function invalid(message: string): AwsError {
  return new AwsError("ValidationException", message);
}

export function notFound(message: string): AwsError {
  return new AwsError("NotFoundException", message);
}

export function unsupported(message: string): AwsError {
  return new AwsError("UnsupportedOperationException", message);
}

export function invalidCiphertext(): AwsError {
  return new AwsError(
    "InvalidCiphertextException",
    "The ciphertext is not one of this KMS, was changed, or was made with another encryption context.",
  );
}

export function invalidUsage(message: string): AwsError {
  return new AwsError("InvalidKeyUsageException", message);
}
