/** ListObjects, ListObjectsV2, ListObjectVersions. */
import { flat } from "../protocol/rest-xml.ts";
import type { AccessRequest, Operation } from "../service.ts";
import type { Checksum } from "./checksums.ts";
import type { S3Context } from "./context.ts";
import { invalidArgument } from "./errors.ts";
import { bucketArn, type S3Input, s3Operation, wholeNumber } from "./input.ts";
import { behindPrefix, type Entry, justAfter, type ListedObject } from "./list-store.ts";
import { ownerOf } from "./owner.ts";
import { document } from "./protocol.ts";

/** A listing's permission; a prefix or delimiter can be asked for in a condition. */
export const listAccess =
  (action: string) =>
  ({ bucket, query }: Pick<S3Input, "bucket" | "query">): AccessRequest[] => {
    const context: Record<string, string> = {};
    for (const name of ["prefix", "delimiter", "max-keys"]) {
      const value = query.get(name);
      if (value !== null) context[`s3:${name}`] = value;
    }
    return [{ action, resource: bucketArn(bucket), context }];
  };

export interface ListParameters {
  readonly prefix: string;
  readonly delimiter: string;
  readonly max: number;
  readonly encodingType: "url" | undefined;
  /** Encodes a key as the request wants it. */
  encode(text: string): string;
}

export function listParameters(query: URLSearchParams, maxName = "max-keys"): ListParameters {
  const encodingType = query.get("encoding-type");
  if (encodingType !== null && encodingType !== "url") {
    throw invalidArgument("Invalid Encoding Method specified in Request", "encoding-type", encodingType);
  }
  return {
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    max: Math.min(wholeNumber(query.get(maxName), maxName, 0, 2 ** 31 - 1) ?? 1000, 1000),
    encodingType: encodingType === null ? undefined : "url",
    encode: encodingType === null ? (text) => text : urlEncode,
  };
}

const urlEncode = (text: string) =>
  encodeURIComponent(text)
    .replace(/%2F/g, "/")
    .replace(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

export const commonPrefixes = (
  entries: readonly Entry<unknown>[],
  encode: (text: string) => string,
): unknown =>
  flat(entries.flatMap(({ prefix }) => (prefix === undefined ? [] : [{ Prefix: encode(prefix) }])));

/** To the second, as S3 keeps time. */
export const listedTime = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}.000Z`;

function describeObject(row: ListedObject, encode: (text: string) => string) {
  const checksum = row.checksum === null ? undefined : (JSON.parse(row.checksum) as Checksum);
  return {
    Key: encode(row.key),
    LastModified: listedTime(row.modified),
    ETag: `"${row.etag}"`,
    ChecksumAlgorithm: checksum?.algorithm,
    ChecksumType: checksum?.type,
    Size: row.size,
    StorageClass: storageClass(row),
  };
}

const storageClass = (row: ListedObject): string =>
  row.headers.includes('"x-amz-storage-class"')
    ? ((JSON.parse(row.headers) as Record<string, string>)["x-amz-storage-class"] ?? "STANDARD")
    : "STANDARD";

/** Where the next page begins: behind a key, or behind all that a common prefix stands for. */
export function positionAfter(entry: Entry<{ readonly key: string }>): string {
  return entry.row === undefined ? entry.prefix : entry.row.key;
}

/** A V1 marker that is itself a common prefix stands for everything below it. */
export function startBehind(marker: string, { prefix, delimiter }: ListParameters): string {
  if (marker === "") return "";
  const isCommonPrefix =
    delimiter !== "" &&
    marker.startsWith(prefix) &&
    marker.indexOf(delimiter, prefix.length) === marker.length - delimiter.length &&
    marker.length > prefix.length;
  return (isCommonPrefix ? behindPrefix(marker) : undefined) ?? justAfter(marker);
}

const encodeToken = (position: string) => Buffer.from(position).toString("base64url");

function decodeToken(token: string): string {
  const position = Buffer.from(token, "base64url").toString("utf8");
  if (token === "" || encodeToken(position) !== token) {
    throw invalidArgument("The continuation token provided is incorrect", "continuation-token", token);
  }
  return position;
}

export function listOperations(s3: S3Context): Record<string, Operation> {
  const owner = ownerOf(s3.hub.accountId);

  function listV1({ bucket: name, query }: S3Input) {
    const bucket = s3.buckets.need(name);
    const parameters = listParameters(query);
    const { prefix, delimiter, max, encode } = parameters;
    const marker = query.get("marker") ?? "";
    const { entries, truncated } = s3.lists.objects(bucket, {
      prefix,
      delimiter,
      from: startBehind(marker, parameters),
      limit: max,
    });
    const last = entries.at(-1);
    const isTruncated = truncated && max > 0;
    return document("ListBucketResult", {
      Name: name,
      Prefix: encode(prefix),
      Marker: encode(marker),
      NextMarker: isTruncated && delimiter !== "" && last ? encode(positionAfter(last)) : undefined,
      MaxKeys: max,
      Delimiter: delimiter === "" ? undefined : encode(delimiter),
      EncodingType: parameters.encodingType,
      IsTruncated: isTruncated,
      Contents: flat(
        entries.flatMap(({ row }) => (row ? [{ ...describeObject(row, encode), Owner: owner }] : [])),
      ),
      CommonPrefixes: commonPrefixes(entries, encode),
    });
  }

  function listV2({ bucket: name, query }: S3Input) {
    const bucket = s3.buckets.need(name);
    const parameters = listParameters(query);
    const { prefix, delimiter, max, encode } = parameters;
    const token = query.get("continuation-token");
    const startAfter = query.get("start-after");
    const from =
      token !== null ? startBehind(decodeToken(token), parameters) : startAfter ? justAfter(startAfter) : "";
    const { entries, truncated } = s3.lists.objects(bucket, { prefix, delimiter, from, limit: max });
    const last = entries.at(-1);
    const isTruncated = truncated && max > 0;
    const withOwner = query.get("fetch-owner") === "true" ? { Owner: owner } : undefined;
    return document("ListBucketResult", {
      Name: name,
      Prefix: encode(prefix),
      StartAfter: startAfter ? encode(startAfter) : undefined,
      ContinuationToken: token ?? undefined,
      NextContinuationToken: isTruncated && last ? encodeToken(positionAfter(last)) : undefined,
      KeyCount: entries.length,
      MaxKeys: max,
      Delimiter: delimiter === "" ? undefined : encode(delimiter),
      EncodingType: parameters.encodingType,
      IsTruncated: isTruncated,
      Contents: flat(
        entries.flatMap(({ row }) => (row ? [{ ...describeObject(row, encode), ...withOwner }] : [])),
      ),
      CommonPrefixes: commonPrefixes(entries, encode),
    });
  }

  function listVersions({ bucket: name, query }: S3Input) {
    const bucket = s3.buckets.need(name);
    const parameters = listParameters(query);
    const { prefix, delimiter, max, encode } = parameters;
    const keyMarker = query.get("key-marker") ?? "";
    const versionMarker = query.get("version-id-marker") || undefined;
    if (versionMarker !== undefined && keyMarker === "") {
      throw invalidArgument(
        "A version-id marker cannot be specified without a key marker.",
        "version-id-marker",
        versionMarker,
      );
    }
    const { entries, truncated } = s3.lists.versions(
      bucket,
      {
        prefix,
        delimiter,
        from: versionMarker === undefined ? startBehind(keyMarker, parameters) : keyMarker,
        limit: max,
      },
      versionMarker,
    );
    const last = entries.at(-1);
    const isTruncated = truncated && max > 0;
    const describe = (row: ListedObject) => ({
      ...(row.marker === 1
        ? { Key: encode(row.key), LastModified: listedTime(row.modified) }
        : describeObject(row, encode)),
      VersionId: row.version,
      IsLatest: row.latest === 1,
      Owner: owner,
    });
    const rows = entries.flatMap(({ row }) => (row ? [row] : []));
    return document("ListVersionsResult", {
      Name: name,
      Prefix: encode(prefix),
      KeyMarker: encode(keyMarker),
      VersionIdMarker: versionMarker ?? "",
      NextKeyMarker: isTruncated && last ? encode(positionAfter(last)) : undefined,
      NextVersionIdMarker: isTruncated && last?.row ? last.row.version : undefined,
      MaxKeys: max,
      Delimiter: delimiter === "" ? undefined : encode(delimiter),
      EncodingType: parameters.encodingType,
      IsTruncated: isTruncated,
      Version: flat(rows.filter((row) => row.marker === 0).map(describe)),
      DeleteMarker: flat(rows.filter((row) => row.marker === 1).map(describe)),
      CommonPrefixes: commonPrefixes(entries, encode),
    });
  }

  return {
    ListObjects: s3Operation({ access: listAccess("s3:ListBucket"), run: listV1 }),
    ListObjectsV2: s3Operation({ access: listAccess("s3:ListBucket"), run: listV2 }),
    ListObjectVersions: s3Operation({ access: listAccess("s3:ListBucketVersions"), run: listVersions }),
  };
}
