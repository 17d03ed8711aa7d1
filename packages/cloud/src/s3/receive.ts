/** Takes in a body: small ones into memory, others to disk as they come; hashes and checksums on the way. */
import { createHash } from "node:crypto";
import type { Body } from "../service.ts";
import type { Blobs } from "./blobs.ts";
import { type Checksum, type Declared, startChecksum, verifyBytes, verifyChecksums } from "./checksums.ts";
import { entityTooLarge, missingContentLength } from "./errors.ts";
import type { Content } from "./object-store.ts";

export interface Received {
  readonly content: Content;
  readonly size: number;
  /** The MD5, in hex: what an ETag is made of. */
  readonly md5: string;
  readonly checksum: Checksum | undefined;
}

export const maxObjectSize = 5 * 1024 ** 3;

/** Up to this size a body is kept in the database, where it costs no file. */
export const inlineLimit = 64 * 1024;

/** What such a body may measure on the wire, where each chunk carries a signature. */
const wireLimit = 4 * inlineLimit;

export async function receive(
  body: Body,
  declared: Declared,
  blobs: Blobs,
  options: { readonly inline: boolean },
): Promise<Received> {
  const length = body.length;
  if (length === undefined) throw missingContentLength();
  if (length > maxObjectSize) throw entityTooLarge(length, maxObjectSize);
  if (options.inline && length <= inlineLimit) {
    const data = await body.bytes(wireLimit);
    return { content: { data }, size: data.length, ...verifyBytes(data, declared, body.trailers()) };
  }
  const md5 = createHash("md5");
  const running = declared.algorithm === undefined ? undefined : startChecksum(declared.algorithm);
  const piece = await blobs.write(body.stream(), (chunk) => {
    md5.update(chunk);
    running?.update(chunk);
  });
  const pieces = [piece];
  try {
    const digest = md5.digest();
    const checksum = verifyChecksums(declared, { md5: digest, checksum: running?.digest() }, body.trailers());
    return { content: { pieces }, size: piece.size, md5: digest.toString("hex"), checksum };
  } catch (error) {
    blobs.remove(pieces);
    throw error;
  }
}

/** Gives back the files of a body that will not be kept. */
export function discard(received: Received, blobs: Blobs): void {
  if (received.content.pieces !== undefined) blobs.remove(received.content.pieces);
}
