/**
 * The front door speaks of failed authentication and authorisation in S3's words, the oldest ones.
 * The other protocols say the same things under names of their own.
 */
const jsonCodes: Readonly<Record<string, string>> = {
  AccessDenied: "AccessDeniedException",
  AuthorizationHeaderMalformed: "IncompleteSignatureException",
  ExpiredToken: "ExpiredTokenException",
  IncompleteBody: "SerializationException",
  InternalError: "InternalFailure",
  InvalidAccessKeyId: "UnrecognizedClientException",
  InvalidToken: "UnrecognizedClientException",
  MissingAuthenticationToken: "MissingAuthenticationTokenException",
  RequestTimeTooSkewed: "InvalidSignatureException",
  SignatureDoesNotMatch: "InvalidSignatureException",
  XAmzContentSHA256Mismatch: "InvalidSignatureException",
};

const queryCodes: Readonly<Record<string, string>> = {
  AuthorizationHeaderMalformed: "IncompleteSignature",
  IncompleteBody: "MalformedInput",
  InternalError: "InternalFailure",
  InvalidAccessKeyId: "InvalidClientTokenId",
  InvalidToken: "InvalidClientTokenId",
  RequestTimeTooSkewed: "SignatureDoesNotMatch",
  XAmzContentSHA256Mismatch: "SignatureDoesNotMatch",
};

/** The code as the AWS JSON and REST JSON protocols name it. */
export function jsonCode(code: string): string {
  return jsonCodes[code] ?? code;
}

/** True for codes that come from the front door rather than from an operation. */
export function isDoorCode(code: string): boolean {
  return Object.hasOwn(jsonCodes, code);
}

/** The code as the Query protocol names it. */
export function queryCode(code: string): string {
  return queryCodes[code] ?? code;
}
