/** The checksums of parts and of what is put together from them. */
import { AwsError } from "../error.ts";
import {
  type Checksum,
  type ChecksumAlgorithm,
  type ChecksumType,
  checksumHeaders,
  checksumMembers,
  combineChecksums,
  type Declared,
} from "./checksums.ts";
import { invalidRequest } from "./errors.ts";
import type { Part, Upload } from "./upload-store.ts";

/** A part's checksum is of the kind the upload was begun with; where the client sends none it is computed. */
export function declaredForPart(declared: Declared, upload: Upload): Declared {
  if (upload.algorithm === null) return declared;
  if (declared.algorithm === undefined) return { ...declared, algorithm: upload.algorithm };
  if (declared.algorithm !== upload.algorithm) {
    throw invalidRequest(
      `Checksum Type mismatch occurred, expected checksum Type: ${upload.algorithm.toLowerCase()}, actual checksum Type: ${declared.algorithm.toLowerCase()}`,
    );
  }
  return declared;
}

export function checksumType(
  header: string | undefined,
  algorithm: ChecksumAlgorithm | undefined,
): ChecksumType | undefined {
  if (algorithm === undefined) {
    if (header === undefined) return undefined;
    throw invalidRequest(
      "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
    );
  }
  const type = header?.toUpperCase() ?? (algorithm === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE");
  const possible = algorithm.startsWith("SHA")
    ? ["COMPOSITE"]
    : algorithm === "CRC64NVME"
      ? ["FULL_OBJECT"]
      : ["COMPOSITE", "FULL_OBJECT"];
  if (!possible.includes(type)) {
    throw invalidRequest(
      `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  }
  return type as ChecksumType;
}

export function objectChecksum(upload: Upload, parts: readonly Part[]): Checksum | undefined {
  if (upload.algorithm === null || upload.checksum_type === null) return undefined;
  return combineChecksums(
    upload.algorithm,
    upload.checksum_type,
    parts.map((part) => ({ checksum: part.checksum ?? "", size: part.size })),
  );
}

/** The checksum of the whole that a client may send with the completion. */
export function checkDeclared(declared: Declared, checksum: Checksum | undefined): void {
  if (declared.value === undefined || declared.algorithm !== checksum?.algorithm) return;
  const value = checksum?.value.replace(/-\d+$/, "");
  if (declared.value.replace(/-\d+$/, "") !== value) {
    throw new AwsError(
      "BadDigest",
      `The ${declared.algorithm} you specified did not match the calculated checksum.`,
    );
  }
}

/** Parts have a checksum, but no type of one. */
export function partChecksumHeaders(checksum: Checksum | undefined): Record<string, string> {
  const { "x-amz-checksum-type": _, ...headers } = checksumHeaders(checksum);
  return headers;
}

export function partChecksumMembers(checksum: Checksum | undefined): Record<string, string> {
  const { ChecksumType: _, ...members } = checksumMembers(checksum);
  return members;
}
