/** A load that costs its sender next to nothing: the same bytes again and again over sockets kept alive where the server keeps them. */
import { connect, type Socket } from "node:net";

export interface LoadFigures {
  readonly perSecond: number;
  readonly failed: number;
}

/** Sends a request `count` times, `concurrency` at once, and waits for each answer. */
export async function load(
  port: number,
  request: Buffer,
  count: number,
  concurrency = 16,
): Promise<LoadFigures> {
  let left = count;
  let failed = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      let socket: Socket | undefined;
      while (left-- > 0) {
        socket = socket?.writable ? socket : open(port);
        socket.write(request);
        const { status, keeps } = await answer(socket);
        if (status >= 300) failed++;
        if (!keeps) {
          socket.destroy();
          socket = undefined;
        }
      }
      socket?.destroy();
    }),
  );
  return { perSecond: Math.round((count / (performance.now() - started)) * 1000), failed };
}

/** A server that has not answered for so long will not. */
const patience = 30_000;

function open(port: number): Socket {
  const socket = connect(port, "127.0.0.1").setNoDelay(true);
  return socket.setTimeout(patience, () =>
    socket.destroy(new Error(`the server on port ${port} did not answer within ${patience / 1000} s`)),
  );
}

interface Answer {
  readonly status: number;
  /** Whether the server takes another request on this connection. */
  readonly keeps: boolean;
}

function answer(socket: Socket): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const done = (outcome: () => void) => {
      socket.off("data", onData).off("error", onError).off("close", onClose);
      outcome();
    };
    const onData = (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const found = parse(received);
      if (found) done(() => resolve(found));
    };
    const onError = (error: Error) => done(() => reject(error));
    const onClose = () =>
      done(() => reject(new Error("the server closed the connection before it answered")));
    socket.on("data", onData).on("error", onError).on("close", onClose);
  });
}

/** The answer, once it is there whole. */
function parse(received: Buffer): Answer | undefined {
  const head = received.indexOf("\r\n\r\n");
  if (head < 0) return undefined;
  const headers = received.subarray(0, head).toString("latin1").toLowerCase();
  const found: Answer = {
    status: Number(headers.slice(9, 12)),
    keeps: headers.startsWith("http/1.1") && !headers.includes("\r\nconnection: close"),
  };
  const length = /\r\ncontent-length: *(\d+)/.exec(headers)?.[1];
  if (length !== undefined) return received.length >= head + 4 + Number(length) ? found : undefined;
  if (!headers.includes("transfer-encoding: chunked")) return found;
  return received.subarray(-5).toString("latin1") === "0\r\n\r\n" ? found : undefined;
}
