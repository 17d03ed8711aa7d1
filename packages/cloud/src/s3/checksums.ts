/** The checksums a client may declare, in a header or in a trailer: computed while the body is read, then compared. */
import { createHash, hash } from "node:crypto";
import { crc32 } from "node:zlib";
import { AwsError } from "../error.ts";
import { combineCrc, crc32c, crc64nvme } from "./crc.ts";
import { invalidRequest } from "./errors.ts";

export const checksumAlgorithms = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];
export type ChecksumType = "FULL_OBJECT" | "COMPOSITE";

/** A checksum as it is kept with an object or a part. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; of a composite checksum with `-PARTS` appended. */
  readonly value: string;
  readonly type: ChecksumType;
}

interface Running {
  update(chunk: Uint8Array): unknown;
  digest(): Buffer;
}

export function startChecksum(algorithm: ChecksumAlgorithm): Running {
  switch (algorithm) {
    case "CRC32": {
      let value = 0;
      return {
        update(chunk) {
          value = crc32(chunk, value);
        },
        digest() {
          const out = Buffer.alloc(4);
          out.writeUInt32BE(value);
          return out;
        },
      };
    }
    case "CRC32C":
      return crc32c();
    case "CRC64NVME":
      return crc64nvme();
    case "SHA1":
      return createHash("sha1");
    case "SHA256":
      return createHash("sha256");
  }
}

const digestBytes: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
};

export const checksumHeader = (algorithm: ChecksumAlgorithm): string =>
  `x-amz-checksum-${algorithm.toLowerCase()}`;

/** `ChecksumCRC32`: the element's name in documents. */
export const checksumElement = (algorithm: ChecksumAlgorithm): string => `Checksum${algorithm}`;

const byHeader = new Map<string, ChecksumAlgorithm>(
  checksumAlgorithms.map((algorithm) => [checksumHeader(algorithm), algorithm]),
);

/** What a client says about the body it sends; an algorithm alone has the checksum computed. */
export interface Declared {
  readonly algorithm?: ChecksumAlgorithm;
  /** The value, where a header gives it in advance. */
  readonly value?: string;
  /** True where the value follows in a trailer. */
  readonly trailer?: boolean;
  readonly md5?: string;
}

export function declaredChecksums(headers: Readonly<Record<string, string>>): Declared {
  let algorithm: ChecksumAlgorithm | undefined;
  let value: string | undefined;
  for (const [header, candidate] of byHeader) {
    const declared = headers[header];
    if (declared === undefined) continue;
    if (algorithm !== undefined) {
      throw invalidRequest(
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
      );
    }
    checkForm(candidate, declared);
    algorithm = candidate;
    value = declared;
  }
  const md5 = headers["content-md5"];
  if (md5 !== undefined && Buffer.from(md5, "base64").length !== 16) {
    throw new AwsError("InvalidDigest", "The Content-MD5 you specified was invalid.", 400, {
      "Content-MD5": md5,
    });
  }
  const trailer = headers["x-amz-trailer"];
  if (trailer === undefined || algorithm !== undefined) return { algorithm, value, md5 };
  const trailing = byHeader.get(trailer.trim().toLowerCase());
  if (trailing === undefined) {
    throw invalidRequest("The value specified in the x-amz-trailer header is not supported");
  }
  return { algorithm: trailing, trailer: true, md5 };
}

function checkForm(algorithm: ChecksumAlgorithm, value: string): void {
  if (Buffer.from(value, "base64").length !== digestBytes[algorithm]) {
    throw invalidRequest(`Value for ${checksumHeader(algorithm)} header is invalid.`);
  }
}

/** Compares what was declared with what came; gives the checksum to keep. */
export function verifyChecksums(
  declared: Declared,
  computed: { readonly md5: Buffer; readonly checksum: Buffer | undefined },
  trailers: Readonly<Record<string, string>>,
): Checksum | undefined {
  if (declared.md5 !== undefined && !Buffer.from(declared.md5, "base64").equals(computed.md5)) {
    throw new AwsError("BadDigest", "The Content-MD5 you specified did not match what we received.", 400, {
      ExpectedDigest: declared.md5,
      CalculatedDigest: computed.md5.toString("base64"),
    });
  }
  const { algorithm } = declared;
  if (algorithm === undefined || computed.checksum === undefined) return undefined;
  const value = computed.checksum.toString("base64");
  const expected = declared.trailer ? trailers[checksumHeader(algorithm)] : declared.value;
  if (declared.trailer && expected === undefined) {
    throw new AwsError(
      "MalformedTrailerError",
      "The request contained trailing data that was not well-formed or did not conform to our published schema.",
    );
  }
  if (declared.trailer && expected !== undefined) checkForm(algorithm, expected);
  if (expected !== undefined && expected !== value) {
    throw new AwsError("BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`);
  }
  return { algorithm, value, type: "FULL_OBJECT" };
}

/** The same for a body that is there in one piece. */
export function verifyBytes(
  bytes: Uint8Array,
  declared: Declared,
  trailers: Readonly<Record<string, string>>,
): { readonly md5: string; readonly checksum: Checksum | undefined } {
  const md5 = hash("md5", bytes, "hex");
  const running = declared.algorithm === undefined ? undefined : startChecksum(declared.algorithm);
  running?.update(bytes);
  const computed = { md5: Buffer.from(md5, "hex"), checksum: running?.digest() };
  return { md5, checksum: verifyChecksums(declared, computed, trailers) };
}

/** Headers that tell a client the checksum. */
export function checksumHeaders(checksum: Checksum | undefined): Record<string, string> {
  if (checksum === undefined) return {};
  return { [checksumHeader(checksum.algorithm)]: checksum.value, "x-amz-checksum-type": checksum.type };
}

/** Members that tell a client the checksum. */
export function checksumMembers(checksum: Checksum | undefined): Record<string, string> {
  if (checksum === undefined) return {};
  return { [checksumElement(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type };
}

/** The checksum of an object put together from parts. */
export function combineChecksums(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly { readonly checksum: string; readonly size: number }[],
): Checksum {
  const digests = parts.map((part) => Buffer.from(part.checksum, "base64"));
  if (type === "COMPOSITE" || algorithm === "SHA1" || algorithm === "SHA256") {
    const running = startChecksum(algorithm);
    for (const digest of digests) running.update(digest);
    return { algorithm, type: "COMPOSITE", value: `${running.digest().toString("base64")}-${parts.length}` };
  }
  let whole = digests[0] ?? startChecksum(algorithm).digest();
  digests.slice(1).forEach((digest, index) => {
    whole = combineCrc(algorithm, whole, digest, parts[index + 1]?.size ?? 0);
  });
  return { algorithm, type, value: whole.toString("base64") };
}

/** The algorithm a request asks for by name. */
export function wantedAlgorithm(header: string | undefined): ChecksumAlgorithm | undefined {
  const wanted = header?.toUpperCase();
  if (wanted === undefined) return undefined;
  const algorithm = checksumAlgorithms.find((candidate) => candidate === wanted);
  if (algorithm === undefined) {
    throw invalidRequest(
      "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
    );
  }
  return algorithm;
}
