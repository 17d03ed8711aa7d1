/** The aws-chunked framing: `size[;chunk-signature=…]\r\n data \r\n`, ended by size 0 and trailers. */
import { createHash, type Hash, hash } from "node:crypto";
import { AwsError } from "../error.ts";
import type { ChunkSigner } from "./signature.ts";

export interface ChunkOptions {
  /** Present when every chunk carries a signature. */
  readonly signer?: ChunkSigner;
  /** Whether trailers may follow the last chunk. */
  readonly trailer: boolean;
  /** The decoded length the client declared. */
  readonly length: number | undefined;
}

const lineLimit = 8 * 1024;
const trailerLimit = 16 * 1024;

function incomplete(message: string): AwsError {
  return new AwsError("IncompleteBody", message, 400);
}

function mismatch(): AwsError {
  return new AwsError(
    "SignatureDoesNotMatch",
    "The signature of a chunk of the body does not match its data.",
    403,
  );
}

/** A decoder fed with what came over the wire; it hands decoded data on and keeps nothing but a partial line. */
export class ChunkDecoder {
  readonly trailers: Record<string, string> = {};
  readonly #options: ChunkOptions;
  #state: "size" | "data" | "data-end" | "trailers" | "done" = "size";
  #line: Buffer = Buffer.alloc(0);
  #remaining = 0;
  #decoded = 0;
  #trailerBytes = 0;
  #signature: string | undefined;
  #hash: Hash | undefined;
  #signedTrailer = "";

  constructor(options: ChunkOptions) {
    this.#options = options;
  }

  /** Decodes a piece of the wire; `push` gets the data in it. */
  write(piece: Buffer, push: (data: Buffer) => void): void {
    let rest = piece;
    while (rest.length > 0) {
      if (this.#state === "data") {
        const data = rest.subarray(0, this.#remaining);
        rest = rest.subarray(data.length);
        this.#remaining -= data.length;
        this.#hash?.update(data);
        push(data);
        if (this.#remaining === 0) this.#state = "data-end";
        continue;
      }
      if (this.#state === "done") throw incomplete("There is data after the end of the body.");
      const end = rest.indexOf(10);
      const part = end < 0 ? rest : rest.subarray(0, end + 1);
      rest = rest.subarray(part.length);
      this.#line = this.#line.length === 0 ? part : Buffer.concat([this.#line, part]);
      if (this.#line.length > lineLimit) throw incomplete("A chunk header or trailer is too long.");
      if (end < 0) return;
      const line = this.#line.toString("latin1").replace(/\r?\n$/, "");
      this.#line = Buffer.alloc(0);
      this.#takeLine(line);
    }
  }

  /** Says that the wire ended; fails when the body had not. */
  end(): void {
    // The empty line after the trailers is left out by some clients.
    if (this.#state === "trailers") {
      if (this.#line.length > 0) this.#takeTrailer(this.#line.toString("latin1").trim());
      this.#finish();
    }
    if (this.#state !== "done") throw incomplete("The body ended in the middle of a chunk.");
  }

  #takeLine(line: string): void {
    if (this.#state === "data-end") {
      if (line !== "") throw incomplete("A chunk is longer than it says.");
      this.#endChunk();
      this.#state = "size";
    } else if (this.#state === "size") {
      this.#beginChunk(line);
    } else if (line === "") {
      this.#finish();
    } else {
      this.#takeTrailer(line);
    }
  }

  #beginChunk(line: string): void {
    const header = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
    if (!header) throw incomplete("A chunk of the body has no valid size.");
    this.#remaining = Number.parseInt(header[1] ?? "", 16);
    this.#decoded += this.#remaining;
    const { length, signer } = this.#options;
    if (length !== undefined && this.#decoded > length) {
      throw incomplete("The chunks of the body are longer than x-amz-decoded-content-length says.");
    }
    this.#signature = header[2];
    if (signer) {
      if (!this.#signature) throw mismatch();
      this.#hash = createHash("sha256");
    }
    if (this.#remaining > 0) {
      this.#state = "data";
      return;
    }
    this.#endChunk();
    this.#state = "trailers";
  }

  #endChunk(): void {
    const { signer } = this.#options;
    if (signer && this.#hash && signer.chunk(this.#hash.digest("hex")) !== this.#signature) throw mismatch();
    this.#hash = undefined;
  }

  #takeTrailer(line: string): void {
    const colon = line.indexOf(":");
    this.#trailerBytes += line.length;
    if (colon < 1 || this.#trailerBytes > trailerLimit || !this.#options.trailer) {
      throw incomplete("The body's trailers make no sense.");
    }
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "x-amz-trailer-signature") {
      const { signer } = this.#options;
      if (signer && signer.trailer(hash("sha256", this.#signedTrailer)) !== value) throw mismatch();
      this.#signedTrailer = "checked";
      return;
    }
    if (name !== "__proto__") this.trailers[name] = value;
    this.#signedTrailer += `${name}:${value}\n`;
  }

  #finish(): void {
    const { length, signer, trailer } = this.#options;
    if (length !== undefined && this.#decoded !== length) {
      throw incomplete("The body is shorter than x-amz-decoded-content-length says.");
    }
    if (signer && trailer && this.#signedTrailer !== "checked") throw mismatch();
    this.#state = "done";
  }
}
