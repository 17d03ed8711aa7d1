/** The list of parts that completes an upload, checked against the parts that came. */
import { AwsError } from "../error.ts";
import { childOf, listOf, parseXml, textOf } from "../protocol/rest-xml.ts";
import { checksumAlgorithms, checksumElement } from "./checksums.ts";
import { malformedXml } from "./errors.ts";
import type { Part } from "./upload-store.ts";

const minPartSize = 5 * 1024 * 1024;

const invalidPart = (number: number, etag: string) =>
  new AwsError(
    "InvalidPart",
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    400,
    { PartNumber: number, ETag: etag },
  );

/** The parts of the object, in order. */
export function readCompletion(text: string, uploaded: readonly Part[]): Part[] {
  const root = childOf(parseXml(text), "CompleteMultipartUpload");
  const listed = listOf(root?.Part);
  if (listed.length === 0) throw malformedXml();
  const byNumber = new Map(uploaded.map((part) => [part.number, part]));
  let previous = 0;
  const parts = listed.map((element) => {
    const number = Number(textOf(element, "PartNumber"));
    const etag = textOf(element, "ETag")?.replace(/^"|"$/g, "");
    if (!Number.isInteger(number) || number < 1 || etag === undefined) throw malformedXml();
    if (number <= previous) {
      throw new AwsError(
        "InvalidPartOrder",
        "The list of parts was not in ascending order. Parts must be ordered by part number.",
      );
    }
    previous = number;
    const part = byNumber.get(number);
    if (part === undefined || part.etag !== etag) throw invalidPart(number, etag);
    for (const algorithm of checksumAlgorithms) {
      const value = textOf(element, checksumElement(algorithm));
      if (value !== undefined && part.algorithm === algorithm && part.checksum !== value) {
        throw invalidPart(number, etag);
      }
    }
    return part;
  });
  for (const part of parts.slice(0, -1)) {
    if (part.size >= minPartSize) continue;
    throw new AwsError(
      "EntityTooSmall",
      "Your proposed upload is smaller than the minimum allowed size",
      400,
      {
        ProposedSize: part.size,
        MinSizeAllowed: minPartSize,
        PartNumber: part.number,
        ETag: part.etag,
      },
    );
  }
  return parts;
}
