/** A load that costs its sender next to nothing: the same bytes again and again over kept-alive sockets. */
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
      const socket = connect(port, "127.0.0.1");
      socket.setNoDelay(true);
      const answer = answers(socket);
      while (left-- > 0) {
        socket.write(request);
        const status = await answer();
        if (status >= 300) failed++;
      }
      socket.destroy();
    }),
  );
  return { perSecond: Math.round((count / (performance.now() - started)) * 1000), failed };
}

/** One answer after another, as far as its status. */
function answers(socket: Socket): () => Promise<number> {
  let received = Buffer.alloc(0);
  let waiting: { resolve(status: number): void; reject(error: Error): void } | undefined;
  const check = () => {
    const end = waiting ? endOfAnswer(received) : undefined;
    if (end === undefined || !waiting) return;
    const status = Number(received.subarray(9, 12).toString("latin1"));
    received = received.subarray(end);
    const { resolve } = waiting;
    waiting = undefined;
    resolve(status);
  };
  socket.on("data", (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    check();
  });
  socket.on("error", (error) => waiting?.reject(error));
  socket.on("close", () => waiting?.reject(new Error("the server closed the connection")));
  return () =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      check();
    });
}

function endOfAnswer(received: Buffer): number | undefined {
  const head = received.indexOf("\r\n\r\n");
  if (head < 0) return undefined;
  const headers = received.subarray(0, head).toString("latin1").toLowerCase();
  const length = /\r\ncontent-length: *(\d+)/.exec(headers)?.[1];
  if (length !== undefined) {
    const end = head + 4 + Number(length);
    return received.length >= end ? end : undefined;
  }
  if (!headers.includes("transfer-encoding: chunked")) return head + 4;
  const last = received.indexOf("0\r\n\r\n", head + 4);
  return last < 0 ? undefined : last + 5;
}
