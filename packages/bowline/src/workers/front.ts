import { connect, createServer, type Server, type Socket } from "node:net";

/** The port a Worker answers at for as long as its stage is up, whatever port its runtime has after a change. */
export interface Front {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Listens for a Worker. Whoever calls while its code is being replaced waits, and is connected to the new code.
 * `target` answers the runtime's port; undefined when there is no Worker.
 */
export async function openFront(wanted: number, target: () => Promise<number | undefined>): Promise<Front> {
  const clients = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true }, (client) => {
    clients.add(client);
    client.once("close", () => clients.delete(client));
    client.on("error", () => client.destroy());
    void reach(target).then(
      (runtime) => (runtime === undefined ? refuse(client) : join(client, runtime)),
      () => refuse(client),
    );
  });
  await listen(server, wanted);
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : wanted,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const client of clients) client.destroy();
      await closed;
    },
  };
}

function join(client: Socket, runtime: Socket): void {
  if (client.destroyed) {
    runtime.destroy();
    return;
  }
  runtime.on("error", () => client.destroy());
  runtime.on("close", () => client.destroy());
  client.on("close", () => runtime.destroy());
  // workerd does not say that it waits for a body, without which clients wait for seconds (the AWS SDK for six).
  client.on("data", (data: Buffer) => {
    if (asksToContinue(data)) client.write("HTTP/1.1 100 Continue\r\n\r\n");
  });
  client.pipe(runtime);
  runtime.pipe(client);
  client.resume();
}

/** Connects to where it is, or where it is a moment later when it has just been replaced. */
async function reach(target: () => Promise<number | undefined>): Promise<Socket | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = await target();
    if (port === undefined) return undefined;
    const socket = connect(port, "127.0.0.1");
    const connected = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    if (connected) return socket;
  }
  return undefined;
}

const ATTEMPTS = 3;
const LONGEST_HEAD = 16 * 1024;

/** Where part of a body looks as if it did, it is told to go on, which it does anyway. */
function asksToContinue(data: Buffer): boolean {
  const head = data.subarray(0, LONGEST_HEAD).toString("latin1");
  return /^(PUT|POST|PATCH) [\s\S]*?\r\nexpect: *100-continue\r\n/i.test(head);
}

const REFUSAL = "This Worker does not run: what it said when it was started is in the log.\n";

function refuse(client: Socket): void {
  client.end(
    `HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\ncontent-length: ${REFUSAL.length}\r\nconnection: close\r\n\r\n${REFUSAL}`,
  );
  client.resume();
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}
