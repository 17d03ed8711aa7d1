/** An error as AWS would answer it; each protocol gives it its own shape on the wire. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  /** The code clients switch on: `NoSuchBucket`, `ResourceNotFoundException`, … */
  readonly code: string;
  readonly status: number;
  /** Further members of the error's shape: `{ Item }`, `{ CancellationReasons }`, … */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, fields: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}

/** What an operation answers that AWS has and the local cloud has not: never a silent 200. */
export function notImplemented(service: string, operation: string): AwsError {
  return new AwsError("NotImplemented", `${service}:${operation} is not part of the local cloud.`, 501);
}
