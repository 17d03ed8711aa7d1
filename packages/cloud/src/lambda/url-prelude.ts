/** The metadata a streaming handler sends before its body: JSON, then eight NUL bytes. */
import { PassThrough, type Readable } from "node:stream";

const SEPARATOR = Buffer.alloc(8);
const LONGEST_PRELUDE = 65_536;

export interface Prelude {
  readonly statusCode?: unknown;
  readonly headers?: unknown;
  readonly cookies?: unknown;
}

/** The same for a response that was collected. */
export function cutPrelude(payload: Buffer): { prelude: Prelude | undefined; body: Buffer } {
  const end = payload.indexOf(SEPARATOR);
  const prelude = end < 0 ? undefined : parse(payload.subarray(0, end));
  return prelude ? { prelude, body: payload.subarray(end + SEPARATOR.length) } : { prelude, body: payload };
}

export interface SplitStream {
  /** Undefined when the stream does not begin with metadata. */
  readonly prelude: Prelude | undefined;
  readonly rest: Readable;
}

export function splitPrelude(body: Readable): Promise<SplitStream> {
  return new Promise((resolve) => {
    let head = Buffer.alloc(0);
    const rest = new PassThrough();
    const finish = (prelude: SplitStream["prelude"], remaining: Buffer) => {
      body.off("data", read).off("end", ended);
      if (remaining.length > 0) rest.write(remaining);
      body.on("error", (error) => rest.destroy(error));
      if (body.readableEnded) rest.end();
      else body.pipe(rest);
      resolve({ prelude, rest });
    };
    const read = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf(SEPARATOR);
      if (end >= 0) finish(parse(head.subarray(0, end)), head.subarray(end + SEPARATOR.length));
      else if (head.length > LONGEST_PRELUDE) finish(undefined, Buffer.alloc(0));
    };
    const ended = () => finish(undefined, Buffer.alloc(0));
    body.on("data", read).on("end", ended);
  });
}

function parse(bytes: Buffer): SplitStream["prelude"] {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
