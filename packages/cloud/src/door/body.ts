/** A request's body: read once, decoded and checked on the way. */
import { createHash, hash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Readable, Transform } from "node:stream";
import { AwsError } from "../error.ts";
import type { Body } from "../service.ts";
import { ChunkDecoder, type ChunkOptions } from "./chunked.ts";

export const defaultBodyLimit = 64 * 1024 * 1024;

export interface BodyOptions {
  /** Milliseconds without a byte after which a client is given up. */
  readonly idleTimeout: number;
  /** Called before the first byte is wanted: answers `Expect: 100-continue`. */
  readonly onRead?: () => void;
}

export interface IncomingBody extends Body {
  /** Sets what the body is checked against; must happen before it is read. */
  expect(check: { readonly sha256?: string; readonly chunked?: ChunkOptions }): void;
  /** Whether reading has begun. */
  readonly used: boolean;
}

const disconnected = () =>
  new AwsError("RequestTimeout", "The client went away before its request was complete.", 400);
const idle = () =>
  new AwsError("RequestTimeout", "Nothing was read from the connection within the timeout period.", 400);
const sha256Mismatch = () =>
  new AwsError(
    "XAmzContentSHA256Mismatch",
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    400,
  );

export function incomingBody(message: IncomingMessage, options: BodyOptions): IncomingBody {
  const declared = Number(
    message.headers["x-amz-decoded-content-length"] ?? message.headers["content-length"],
  );
  const length = Number.isSafeInteger(declared) && declared >= 0 ? declared : undefined;
  let sha256: string | undefined;
  let chunked: ChunkOptions | undefined;
  let decoder: ChunkDecoder | undefined;
  let whole: Promise<Buffer> | undefined;
  let used = false;

  function begin(): void {
    if (used) throw new Error("The body of this request was already read as a stream.");
    used = true;
    options.onRead?.();
    if (chunked) decoder = new ChunkDecoder(chunked);
  }

  async function collect(limit: number): Promise<Buffer> {
    begin();
    const wire = await collectWire(message, limit, options.idleTimeout);
    if (sha256 !== undefined && hash("sha256", wire) !== sha256) throw sha256Mismatch();
    if (!decoder) return wire;
    const parts: Buffer[] = [];
    decoder.write(wire, (data) => parts.push(data));
    decoder.end();
    return Buffer.concat(parts);
  }

  return {
    length,
    get used() {
      return used;
    },
    expect(check) {
      sha256 = check.sha256;
      chunked = check.chunked;
    },
    bytes(limit = defaultBodyLimit) {
      if (whole) return whole;
      if (length !== undefined && length > limit) return Promise.reject(tooLarge(limit));
      whole = collect(limit);
      return whole;
    },
    stream() {
      if (whole) return Readable.from(wholeBody(whole), { objectMode: false });
      begin();
      return checkedStream(message, decoder, sha256, options.idleTimeout);
    },
    trailers() {
      return { ...(message.trailers as Record<string, string>), ...decoder?.trailers };
    },
  };
}

async function* wholeBody(whole: Promise<Buffer>) {
  yield await whole;
}

function tooLarge(limit: number): AwsError {
  return new AwsError("RequestEntityTooLarge", `The request body is larger than ${limit} bytes.`, 413);
}

function collectWire(message: IncomingMessage, limit: number, idleTimeout: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    const stopWatch = watchIdle(message, idleTimeout, () => fail(idle()));
    const fail = (error: Error) => {
      stopWatch();
      message.removeListener("data", onData);
      message.resume();
      reject(error);
    };
    const onData = (part: Buffer) => {
      size += part.length;
      if (size > limit) fail(tooLarge(limit));
      else parts.push(part);
    };
    message.on("data", onData);
    message.once("end", () => {
      stopWatch();
      resolve(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts));
    });
    message.once("error", () => fail(disconnected()));
    message.once("close", () => {
      if (!message.complete) fail(disconnected());
    });
  });
}

/** The body as a stream of its own, so that giving it up does not tear down the connection the answer needs. */
function checkedStream(
  message: IncomingMessage,
  decoder: ChunkDecoder | undefined,
  sha256: string | undefined,
  idleTimeout: number,
): Readable {
  const hasher = sha256 === undefined ? undefined : createHash("sha256");
  const checked = new Transform({
    transform(part: Buffer, _encoding, done) {
      try {
        hasher?.update(part);
        if (decoder) decoder.write(part, (data) => this.push(data));
        else this.push(part);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done) {
      try {
        decoder?.end();
        if (hasher && hasher.digest("hex") !== sha256) throw sha256Mismatch();
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
  const stopWatch = watchIdle(message, idleTimeout, () => checked.destroy(idle()));
  message.once("end", stopWatch);
  message.once("error", () => checked.destroy(disconnected()));
  message.once("close", () => {
    stopWatch();
    if (!message.complete) checked.destroy(disconnected());
  });
  checked.once("close", () => {
    stopWatch();
    message.unpipe(checked);
    message.resume();
  });
  return message.pipe(checked);
}

/** Calls back when no byte arrived for a while; gives the function that ends the watch. */
function watchIdle(message: IncomingMessage, timeout: number, onIdle: () => void): () => void {
  let seen = message.socket.bytesRead;
  const timer = setInterval(() => {
    const now = message.socket.bytesRead;
    if (now === seen) onIdle();
    seen = now;
  }, timeout);
  timer.unref();
  return () => clearInterval(timer);
}
