/** ListParts and ListMultipartUploads. */
import { flat } from "../protocol/rest-xml.ts";
import type { Operation } from "../service.ts";
import { checksumElement } from "./checksums.ts";
import type { S3Context } from "./context.ts";
import { objectArn, type S3Input, type S3Output, s3Operation, wholeNumber } from "./input.ts";
import {
  commonPrefixes,
  listAccess,
  listedTime,
  listParameters,
  positionAfter,
  startBehind,
} from "./list.ts";
import type { ListedUpload } from "./list-store.ts";
import { maxPartNumber } from "./multipart.ts";
import { ownerOf } from "./owner.ts";
import { document } from "./protocol.ts";

const initiatorOf = (initiator: string) => ({ ID: initiator, DisplayName: initiator });

const storageClass = (headers: string): string =>
  (JSON.parse(headers) as Record<string, string>)["x-amz-storage-class"] ?? "STANDARD";

export function multipartListOperations(s3: S3Context): Record<string, Operation> {
  const owner = ownerOf(s3.hub.accountId);

  function listParts({ bucket: name, key, query }: S3Input): S3Output {
    const bucket = s3.buckets.need(name);
    const upload = s3.uploads.need(bucket, key, query.get("uploadId") ?? "");
    const max = Math.min(wholeNumber(query.get("max-parts"), "max-parts", 0, 2 ** 31 - 1) ?? 1000, 1000);
    const marker = wholeNumber(query.get("part-number-marker"), "part-number-marker", 0, 2 ** 31 - 1) ?? 0;
    const found = s3.uploads.partsAfter(upload, Math.min(marker, maxPartNumber), max + 1);
    const parts = found.slice(0, max);
    return document("ListPartsResult", {
      Bucket: name,
      Key: key,
      UploadId: upload.id,
      Initiator: initiatorOf(upload.initiator),
      Owner: owner,
      StorageClass: storageClass(upload.headers),
      PartNumberMarker: marker,
      NextPartNumberMarker: parts.at(-1)?.number ?? 0,
      MaxParts: max,
      IsTruncated: found.length > max && max > 0,
      ChecksumAlgorithm: upload.algorithm ?? undefined,
      ChecksumType: upload.checksum_type ?? undefined,
      Part: flat(
        parts.map((part) => ({
          PartNumber: part.number,
          LastModified: listedTime(part.modified),
          ETag: `"${part.etag}"`,
          Size: part.size,
          ...(part.algorithm === null || part.checksum === null
            ? undefined
            : { [checksumElement(part.algorithm)]: part.checksum }),
        })),
      ),
    });
  }

  function listUploads({ bucket: name, query }: S3Input): S3Output {
    const bucket = s3.buckets.need(name);
    const parameters = listParameters(query, "max-uploads");
    const { prefix, delimiter, max, encode } = parameters;
    const keyMarker = query.get("key-marker") ?? "";
    // Without a key the upload's marker means nothing.
    const uploadMarker = keyMarker === "" ? undefined : query.get("upload-id-marker") || undefined;
    const from = uploadMarker === undefined ? startBehind(keyMarker, parameters) : keyMarker;
    const { entries, truncated } = s3.lists.uploads(
      bucket,
      { prefix, delimiter, from, limit: max },
      uploadMarker,
    );
    const last = entries.at(-1);
    const isTruncated = truncated && max > 0;
    const describe = (upload: ListedUpload) => ({
      Key: encode(upload.key),
      UploadId: upload.id,
      Initiator: initiatorOf(upload.initiator),
      Owner: owner,
      StorageClass: storageClass(upload.headers),
      Initiated: listedTime(upload.initiated),
      ChecksumAlgorithm: upload.algorithm ?? undefined,
      ChecksumType: upload.checksum_type ?? undefined,
    });
    return document("ListMultipartUploadsResult", {
      Bucket: name,
      KeyMarker: encode(keyMarker),
      UploadIdMarker: uploadMarker ?? "",
      NextKeyMarker: isTruncated && last ? encode(positionAfter(last)) : undefined,
      NextUploadIdMarker: isTruncated && last?.row ? last.row.id : undefined,
      Prefix: encode(prefix),
      Delimiter: delimiter === "" ? undefined : encode(delimiter),
      EncodingType: parameters.encodingType,
      MaxUploads: max,
      IsTruncated: isTruncated,
      Upload: flat(entries.flatMap(({ row }) => (row ? [describe(row)] : []))),
      CommonPrefixes: commonPrefixes(entries, encode),
    });
  }

  return {
    ListParts: s3Operation({
      access: ({ bucket, key }) => [
        { action: "s3:ListMultipartUploadParts", resource: objectArn(bucket, key) },
      ],
      run: listParts,
    }),
    ListMultipartUploads: s3Operation({
      access: listAccess("s3:ListBucketMultipartUploads"),
      run: listUploads,
    }),
  };
}
