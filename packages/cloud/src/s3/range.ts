/** The Range header, as far as S3 takes it: one range of bytes. */
import { AwsError } from "../error.ts";
import { invalidRequest } from "./errors.ts";
import { wholeNumber } from "./input.ts";
import type { ObjectRow } from "./object-row.ts";
import { piecesOf } from "./object-store.ts";

export interface ByteRange {
  readonly start: number;
  /** Inclusive. */
  readonly end: number;
}

/** `undefined` means the whole object: there is no range, or none S3 understands. */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = header === undefined ? null : /^bytes=(\d{0,18})-(\d{0,18})$/.exec(header.trim());
  if (match === null || (match[1] === "" && match[2] === "")) return undefined;
  const unsatisfiable = () =>
    new AwsError("InvalidRange", "The requested range is not satisfiable", 416, {
      RangeRequested: header,
      ActualObjectSize: size,
      $headers: { "content-range": `bytes */${size}` },
    });
  if (match[1] === "") {
    const length = Math.min(Number(match[2]), size);
    if (length === 0) throw unsatisfiable();
    return { start: size - length, end: size - 1 };
  }
  const start = Number(match[1]);
  const end = match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (match[2] !== "" && Number(match[2]) < start) return undefined;
  if (start >= size) throw unsatisfiable();
  return { start, end };
}

export interface WantedBytes extends ByteRange {
  /** True where the answer is 206. */
  readonly partial: boolean;
  /** How many parts the object has, where one was asked for. */
  readonly parts?: number;
}

/** The bytes a GET asks for: all, a range, or a part of what was uploaded in parts. */
export function wantedBytes(
  row: Pick<ObjectRow, "size" | "etag" | "pieces">,
  range: string | undefined,
  partNumber: string | null,
): WantedBytes {
  const all = { start: 0, end: row.size - 1 };
  if (partNumber === null) {
    const bytes = parseRange(range, row.size);
    return bytes === undefined ? { ...all, partial: false } : { ...bytes, partial: true };
  }
  if (range !== undefined)
    throw invalidRequest("Cannot specify both Range header and partNumber query parameter");
  const number = wholeNumber(partNumber, "partNumber", 1, 10_000) ?? 1;
  const multipart = row.etag.includes("-");
  const pieces = multipart ? piecesOf(row) : [{ blob: "", size: row.size }];
  const piece = pieces[number - 1];
  if (piece === undefined) {
    throw new AwsError("InvalidPartNumber", "The requested partnumber is not satisfiable", 416, {
      PartNumberRequested: number,
      ActualPartCount: pieces.length,
    });
  }
  const start = pieces.slice(0, number - 1).reduce((sum, { size }) => sum + size, 0);
  return {
    start,
    end: start + piece.size - 1,
    partial: piece.size > 0,
    ...(multipart ? { parts: pieces.length } : undefined),
  };
}
