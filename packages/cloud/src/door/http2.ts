/**
 * HTTP/2 without TLS, on the same port as HTTP/1.1: the AWS SDK for JavaScript speaks it, unasked, to Kinesis.
 * Which of the two a client speaks is told by its first bytes.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Http2Server, Http2ServerRequest, Http2ServerResponse, ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
/** After so many bytes no method of HTTP/1.1 begins as the preface does. */
const TOLD_BY = 4;
const IDLE_SESSION = 120_000;

type Serve = (message: IncomingMessage, response: ServerResponse) => void;

/** What an HTTP/1.1 server does not know of: HTTP/2's sessions, and connections that have not said what they speak. */
const unknownTo = new WeakMap<Server, Set<{ destroy(): unknown }>>();

/** Lets an HTTP/1.1 server answer HTTP/2 as well. A client that sends nothing is given up after `patience`. */
export function serveHttp2(server: Server, serve: Serve, patience: number): void {
  const open = new Set<{ destroy(): unknown }>();
  const sockets = new WeakMap<ServerHttp2Session, Socket>();
  unknownTo.set(server, open);
  let arriving: Socket | undefined;
  let http2: Http2Server | undefined;

  /** Loaded with the first client that speaks it. */
  function http2Server(): Http2Server {
    if (http2) return http2;
    const { createServer } = process.getBuiltinModule("node:http2");
    http2 = createServer({ settings: { maxConcurrentStreams: 1000 } }, (message, response) => {
      const socket = message.stream.session && sockets.get(message.stream.session as ServerHttp2Session);
      if (socket) serve(...asHttp1(message, response, socket));
      else message.stream.destroy();
    });
    http2.on("session", (session) => {
      open.add(session);
      if (arriving) sockets.set(session, arriving);
      session.setTimeout(IDLE_SESSION, () => session.close());
      session.on("error", () => session.destroy());
      session.on("close", () => open.delete(session));
    });
    return http2;
  }

  const http1 = server.listeners("connection") as ((socket: Socket) => void)[];
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    const giveUp = () => socket.destroy();
    socket.setTimeout(patience, giveUp);
    socket.on("error", giveUp);
    const leave = () => open.delete(socket);
    open.add(socket);
    socket.once("close", leave);
    let first = Buffer.alloc(0);
    const onData = (chunk: Buffer) => {
      first = Buffer.concat([first, chunk]);
      // "P" may become "POST" as well.
      if (first.length < TOLD_BY && isPreface(first)) return;
      socket.pause();
      socket.setTimeout(0);
      socket.removeListener("data", onData);
      socket.removeListener("timeout", giveUp);
      socket.removeListener("error", giveUp);
      socket.removeListener("close", leave);
      leave();
      socket.unshift(first);
      if (isPreface(first)) {
        arriving = socket;
        http2Server().emit("connection", socket);
        arriving = undefined;
        return;
      }
      for (const listener of http1) listener.call(server, socket);
      socket.resume();
    };
    socket.on("data", onData);
  });
}

function isPreface(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, PREFACE.length);
  return bytes.subarray(0, length).equals(PREFACE.subarray(0, length));
}

/** Ends the connections of a server that it does not know of itself. */
export function closeHttp2(server: Server): void {
  for (const connection of unknownTo.get(server) ?? []) connection.destroy();
}

/**
 * Node's compatible request and response behave like HTTP/1.1's where the door looks; what differs are the headers
 * (the host is `:authority`, which signatures cover), and a socket that may not be touched.
 */
function asHttp1(
  message: Http2ServerRequest,
  response: Http2ServerResponse,
  socket: Socket,
): [IncomingMessage, ServerResponse] {
  const { headers } = message;
  headers.host ??= headers[":authority"];
  for (const side of [message, response]) Object.defineProperty(side, "socket", { value: socket });
  return [message as unknown as IncomingMessage, response as unknown as ServerResponse];
}
