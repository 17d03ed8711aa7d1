/** The body of an upload, whose length R2 wants to know beforehand. */
export interface Body {
  readonly stream: ReadableStream<Uint8Array> | ArrayBuffer;
  /** The checksum it was signed with, if it was. */
  readonly sha256: string | undefined;
}

declare const FixedLengthStream: new (
  length: number,
) => { readonly readable: ReadableStream<Uint8Array>; readonly writable: WritableStream<Uint8Array> };

export function bodyOf({ headers, body }: Request): Body {
  const hash = headers.get("x-amz-content-sha256") ?? "";
  if (!body) return { stream: new ArrayBuffer(0), sha256: undefined };
  if (!hash.startsWith("STREAMING-")) {
    return { stream: body, sha256: /^[0-9a-f]{64}$/.test(hash) ? hash : undefined };
  }
  const { readable, writable } = new FixedLengthStream(Number(headers.get("x-amz-decoded-content-length")));
  // What goes wrong on the way is told by who reads it.
  body
    .pipeThrough(withoutFrames())
    .pipeTo(writable)
    .catch(() => undefined);
  return { stream: readable, sha256: undefined };
}

/**
 * Reads what is sent chunk by chunk: `<length in hex>[;chunk-signature=…]`, the bytes, and after the last chunk of none,
 * trailers. The signatures of chunks are not compared: the head of the request, which they follow from, was.
 */
export function withoutFrames(): TransformStream<Uint8Array, Uint8Array> {
  let rest: Uint8Array = new Uint8Array();
  /** Bytes of the chunk that are to come; undefined where its head is. */
  let left: number | undefined;
  let ended = false;
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(data, controller) {
      rest = rest.length === 0 ? data : joined(rest, data);
      while (!ended && rest.length > 0) {
        if (left === undefined) {
          const end = endOfLine(rest);
          if (end === undefined) return;
          const head = new TextDecoder().decode(rest.subarray(0, end));
          rest = rest.subarray(end + 2);
          // What ends the chunk before.
          if (head === "") continue;
          left = Number.parseInt(head, 16);
          if (Number.isNaN(left)) throw new Error("A chunk has no length.");
          if (left === 0) ended = true;
        } else {
          const part = rest.subarray(0, left);
          controller.enqueue(part.slice());
          rest = rest.subarray(part.length);
          left -= part.length;
          if (left === 0) left = undefined;
        }
      }
    },
    flush() {
      if (!ended) throw new Error("The upload ends too early.");
    },
  });
}

function endOfLine(data: Uint8Array): number | undefined {
  const at = data.indexOf(13);
  return at === -1 || data[at + 1] !== 10 ? undefined : at;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
