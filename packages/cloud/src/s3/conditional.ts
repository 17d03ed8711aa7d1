/** Conditional requests: what must hold of the object that is there for a call to go on. */
import { AwsError } from "../error.ts";
import { noSuchKey, preconditionFailed } from "./errors.ts";

type Headers = Readonly<Record<string, string>>;

export interface Present {
  readonly etag: string;
  readonly modified: number;
}

const seconds = (time: number) => Math.floor(time / 1000);

function matches(header: string, etag: string): boolean {
  return header.split(",").some((candidate) => {
    const tag = candidate.trim().replace(/^W\//, "").replace(/^"|"$/g, "");
    return tag === "*" || tag === etag;
  });
}

/** A date that is absent or makes no sense sets no condition. */
function date(header: string | undefined): number | undefined {
  const time = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(time) ? undefined : seconds(time);
}

interface ReadConditions {
  readonly ifMatch: string;
  readonly ifNoneMatch: string;
  readonly ifModifiedSince: string;
  readonly ifUnmodifiedSince: string;
}

const ofRead: ReadConditions = {
  ifMatch: "if-match",
  ifNoneMatch: "if-none-match",
  ifModifiedSince: "if-modified-since",
  ifUnmodifiedSince: "if-unmodified-since",
};

const ofCopySource: ReadConditions = {
  ifMatch: "x-amz-copy-source-if-match",
  ifNoneMatch: "x-amz-copy-source-if-none-match",
  ifModifiedSince: "x-amz-copy-source-if-modified-since",
  ifUnmodifiedSince: "x-amz-copy-source-if-unmodified-since",
};

/** `"not-modified"` where a GET answers 304; fails with PreconditionFailed. */
function evaluate(names: ReadConditions, headers: Headers, present: Present): "go" | "not-modified" {
  const ifMatch = headers[names.ifMatch];
  const ifNoneMatch = headers[names.ifNoneMatch];
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, present.etag)) throw preconditionFailed("If-Match");
  } else {
    const limit = date(headers[names.ifUnmodifiedSince]);
    if (limit !== undefined && seconds(present.modified) > limit)
      throw preconditionFailed("If-Unmodified-Since");
  }
  if (ifNoneMatch !== undefined) return matches(ifNoneMatch, present.etag) ? "not-modified" : "go";
  const since = date(headers[names.ifModifiedSince]);
  return since !== undefined && seconds(present.modified) <= since ? "not-modified" : "go";
}

export const checkRead = (headers: Headers, present: Present): "go" | "not-modified" =>
  evaluate(ofRead, headers, present);

export function checkCopySource(headers: Headers, present: Present): void {
  if (evaluate(ofCopySource, headers, present) === "not-modified") {
    throw preconditionFailed(
      headers[ofCopySource.ifNoneMatch] === undefined
        ? ofCopySource.ifModifiedSince
        : ofCopySource.ifNoneMatch,
    );
  }
}

/** `present` is the current object, unless it is a delete marker. */
export function checkWrite(headers: Headers, key: string, present: Present | undefined): void {
  const ifMatch = headers["if-match"];
  const ifNoneMatch = headers["if-none-match"];
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() !== "*") {
      throw new AwsError(
        "NotImplemented",
        "A header you provided implies functionality that is not implemented",
        501,
        { Header: "If-None-Match", additionalMessage: "Writes take If-None-Match: * only" },
      );
    }
    if (present !== undefined) throw preconditionFailed("If-None-Match");
  }
  if (ifMatch !== undefined) {
    if (present === undefined) throw noSuchKey(key);
    if (!matches(ifMatch, present.etag)) throw preconditionFailed("If-Match");
  }
}

/** DELETE with If-Match. */
export function checkDelete(headers: Headers, key: string, present: Present | undefined): void {
  const ifMatch = headers["if-match"];
  if (ifMatch === undefined) return;
  if (present === undefined) throw noSuchKey(key);
  if (!matches(ifMatch, present.etag)) throw preconditionFailed("If-Match");
}
