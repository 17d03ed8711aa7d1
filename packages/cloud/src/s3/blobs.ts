/**
 * Bodies on disk. Each is a file of a random name that is never changed, so nothing in a key can reach a path, and a
 * reader is never disturbed by a writer. A file belongs to an object once a committed row names it; files that no row
 * names (the process was killed in between) are removed at the next start.
 */
import { randomBytes } from "node:crypto";
import { constants, mkdirSync, readdirSync, unlinkSync } from "node:fs";
import { copyFile, link, open } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";

/** A stretch of an object: the parts of a multipart upload stay the files they came as. */
export interface Piece {
  readonly blob: string;
  readonly size: number;
}

export interface Blobs {
  /** Writes a stream to a new file; `observe` sees each chunk. Nothing remains when the stream fails. */
  write(source: Readable, observe: (chunk: Buffer) => void): Promise<Piece>;
  /** The bytes from `start` to `end` (inclusive) of pieces laid end to end. */
  read(pieces: readonly Piece[], start: number, end: number): Readable;
  /** Another name for the same bytes. */
  duplicate(pieces: readonly Piece[]): Promise<Piece[]>;
  remove(pieces: readonly Piece[]): void;
  /** Removes every file that is not named. */
  sweep(named: ReadonlySet<string>): void;
}

const chunkSize = 256 * 1024;

export function openBlobs(folder: string): Blobs {
  const pathOf = (blob: string) => join(folder, blob.slice(0, 2), blob);
  const newBlob = () => {
    const blob = randomBytes(16).toString("hex");
    mkdirSync(join(folder, blob.slice(0, 2)), { recursive: true });
    return blob;
  };
  const readers = new Map<string, number>();
  const doomed = new Set<string>();

  const unlink = (blob: string) => {
    try {
      unlinkSync(pathOf(blob));
    } catch {
      // Already gone, or held open by something else: the sweep at the next start takes it.
    }
  };
  const hold = (blob: string) => readers.set(blob, (readers.get(blob) ?? 0) + 1);
  const release = (blob: string) => {
    const left = (readers.get(blob) ?? 1) - 1;
    if (left > 0) return void readers.set(blob, left);
    readers.delete(blob);
    if (doomed.delete(blob)) unlink(blob);
  };

  async function* readPieces(pieces: readonly Piece[], start: number, end: number) {
    let offset = 0;
    for (const { blob, size } of pieces) {
      const from = Math.max(start - offset, 0);
      const to = Math.min(end - offset, size - 1);
      offset += size;
      if (from > to) continue;
      const file = await open(pathOf(blob), "r");
      try {
        for (let position = from; position <= to; ) {
          const buffer = Buffer.allocUnsafe(Math.min(chunkSize, to - position + 1));
          const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
          if (bytesRead === 0) throw new Error(`The file of blob ${blob} ends early.`);
          position += bytesRead;
          yield bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead);
        }
      } finally {
        await file.close();
      }
    }
  }

  return {
    async write(source, observe) {
      const blob = newBlob();
      const file = await open(pathOf(blob), "wx", 0o600);
      let size = 0;
      try {
        for await (const chunk of source as AsyncIterable<Buffer>) {
          observe(chunk);
          let written = 0;
          while (written < chunk.length) {
            written += (await file.write(chunk, written, chunk.length - written)).bytesWritten;
          }
          size += chunk.length;
        }
      } catch (error) {
        await file.close();
        unlink(blob);
        throw error;
      }
      await file.close();
      return { blob, size };
    },

    read(pieces, start, end) {
      for (const { blob } of pieces) hold(blob);
      const stream = Readable.from(readPieces(pieces, start, end), {
        objectMode: false,
        highWaterMark: chunkSize,
      });
      stream.once("close", () => {
        for (const { blob } of pieces) release(blob);
      });
      return stream;
    },

    async duplicate(pieces) {
      const copies: Piece[] = [];
      for (const { blob } of pieces) hold(blob);
      try {
        for (const { blob, size } of pieces) {
          const copy = newBlob();
          copies.push({ blob: copy, size });
          await link(pathOf(blob), pathOf(copy)).catch(() =>
            copyFile(pathOf(blob), pathOf(copy), constants.COPYFILE_FICLONE),
          );
        }
        return copies;
      } catch (error) {
        for (const { blob } of copies) unlink(blob);
        throw error;
      } finally {
        for (const { blob } of pieces) release(blob);
      }
    },

    remove(pieces) {
      for (const { blob } of pieces) {
        if (readers.has(blob)) doomed.add(blob);
        else unlink(blob);
      }
    },

    sweep(named) {
      for (const shelf of readdirSync(folder, { withFileTypes: true })) {
        if (!shelf.isDirectory()) continue;
        for (const blob of readdirSync(join(folder, shelf.name))) if (!named.has(blob)) unlink(blob);
      }
    },
  };
}
