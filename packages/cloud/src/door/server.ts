/** The HTTP server: loopback only, patient with slow work, impatient with slow clients. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { http } from "../node-http.ts";
import { StartError } from "../start-error.ts";
import { closeHttp2, serveHttp2 } from "./http2.ts";

export interface Timeouts {
  /** Milliseconds a client may take to send a request's headers. */
  readonly headers: number;
  /** Milliseconds without a byte of a body. */
  readonly idle: number;
}

export const defaultTimeouts: Timeouts = { headers: 15_000, idle: 30_000 };

export type Handler = (
  message: IncomingMessage,
  response: ServerResponse,
  expectsContinue?: boolean,
) => Promise<void>;

export function openServer(handler: Handler, timeouts: Timeouts): Server {
  const serve = (message: IncomingMessage, response: ServerResponse, expectsContinue = false) => {
    message.socket.setTimeout(0);
    response.on("finish", () => {
      // The rest of a body nobody wanted is read and dropped, but not forever: Node closes sockets that time out.
      if (!message.complete) message.socket.setTimeout(timeouts.idle);
    });
    handler(message, response, expectsContinue).catch(() => response.destroy());
  };
  const server = http().createServer(
    {
      headersTimeout: timeouts.headers,
      connectionsCheckingInterval: Math.max(50, Math.min(5_000, timeouts.headers / 2)),
      // An upload of any length is welcome as long as its bytes keep coming: see body.ts.
      requestTimeout: 0,
      keepAliveTimeout: 120_000,
      maxHeaderSize: 64 * 1024,
      noDelay: true,
    },
    serve,
  );
  serveHttp2(server, serve, timeouts.headers);
  server.on("checkContinue", (message, response) => serve(message, response, true));
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable) return;
    const status =
      error.code === "HPE_HEADER_OVERFLOW"
        ? "431 Request Header Fields Too Large"
        : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
          ? "408 Request Timeout"
          : "400 Bad Request";
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  return server;
}

/** Listens on loopback; gives the port. */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => {
      reject(
        error.code === "EADDRINUSE"
          ? new StartError(
              "port-in-use",
              `Port ${port} on 127.0.0.1 is in use by another program. Choose another port, or 0 for any free one.`,
              { cause: error },
            )
          : error,
      );
    };
    server.once("error", fail);
    server.listen(port, "127.0.0.1", () => {
      server.removeListener("error", fail);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Closes the port and every connection. */
export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    closeHttp2(server);
    server.closeAllConnections();
  });
}
