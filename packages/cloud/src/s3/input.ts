/** What a request to S3 is about: bucket, key, parameters, headers and a body still unread. */
import { Readable } from "node:stream";
import { AwsError } from "../error.ts";
import type { Body, Call, HttpResponse, Operation } from "../service.ts";
import { declaredChecksums, verifyBytes } from "./checksums.ts";
import { accessDenied, invalidArgument } from "./errors.ts";

export interface S3Input {
  /** Empty for calls on the account (ListBuckets). */
  readonly bucket: string;
  /** Empty for calls on a bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

/** S3 operations answer with the HTTP response itself: much of what S3 says, it says in headers. */
export type S3Output = HttpResponse;

/** How another service in this cloud calls an operation: the SDK's member names, no HTTP. */
export interface InternalInput {
  readonly Bucket: string;
  readonly Key?: string;
  readonly VersionId?: string;
  readonly Body?: string | Uint8Array | Body;
  /** Further headers, lower-case. */
  readonly headers?: Readonly<Record<string, string>>;
}

const isInternal = (input: S3Input | InternalInput): input is InternalInput => "Bucket" in input;

function fromInternal(input: InternalInput): S3Input {
  const query = new URLSearchParams();
  if (input.VersionId !== undefined) query.set("versionId", input.VersionId);
  return {
    bucket: input.Bucket,
    key: input.Key ?? "",
    query,
    headers: input.headers ?? {},
    body: asBody(input.Body ?? ""),
  };
}

function asBody(content: string | Uint8Array | Body): Body {
  if (typeof content !== "string" && "stream" in content) return content;
  const bytes = Buffer.from(content as string);
  return {
    length: bytes.length,
    bytes: async () => bytes,
    stream: () => Readable.from([bytes], { objectMode: false }),
    trailers: () => ({}),
  };
}

/** Declares an S3 operation; the input it sees is the same for clients and for services. */
export function s3Operation(definition: {
  readonly access: Operation<S3Input>["access"];
  run(input: S3Input, call: Call): Promise<S3Output> | S3Output;
}): Operation {
  const { access, run } = definition;
  const understood = (input: S3Input | InternalInput) => (isInternal(input) ? fromInternal(input) : input);
  return {
    access:
      typeof access === "string"
        ? access
        : (input: S3Input | InternalInput, call: Call) => access(understood(input), call),
    run(input: S3Input | InternalInput, call: Call) {
      const understandable = understood(input);
      checkExpectedOwner(understandable.headers, call.accountId);
      return run(understandable, call);
    },
  } as unknown as Operation;
}

export const bucketArn = (bucket: string): string => `arn:aws:s3:::${bucket}`;
export const objectArn = (bucket: string, key: string): string => `arn:aws:s3:::${bucket}/${key}`;

const documentLimit = 2 * 1024 * 1024;

/** The text of a body that is a document, not an object; its declared checksums are compared. */
export async function readDocument({ body, headers }: Pick<S3Input, "body" | "headers">): Promise<string> {
  const declared = declaredChecksums(headers);
  const bytes = await body.bytes(documentLimit);
  if (bytes.length === 0) throw new AwsError("MissingRequestBodyError", "Request Body is empty");
  verifyBytes(bytes, declared, body.trailers());
  return bytes.toString("utf8");
}

/** A whole number from a parameter or header, between limits; `undefined` where it is absent. */
export function wholeNumber(
  text: string | null | undefined,
  name: string,
  least: number,
  most: number,
): number | undefined {
  if (text === null || text === undefined || text === "") return undefined;
  if (!/^-?\d{1,15}$/.test(text)) {
    throw invalidArgument(`Provided ${name} not an integer or within integer range`, name, text);
  }
  const number = Number(text);
  if (number < least || number > most) {
    throw invalidArgument(`Argument ${name} must be an integer between ${least} and ${most}`, name, text);
  }
  return number;
}

/** Fails where a request expects the bucket to belong to another account. */
function checkExpectedOwner(headers: Readonly<Record<string, string>>, accountId: string): void {
  for (const name of ["x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"]) {
    const expected = headers[name];
    if (expected === undefined || expected === accountId) continue;
    if (!/^\d{12}$/.test(expected)) {
      throw invalidArgument(
        "The value of the expected bucket owner parameter must be an AWS account ID",
        name,
        expected,
      );
    }
    throw accessDenied();
  }
}
