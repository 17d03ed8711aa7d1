/** Where functions tell what they were given, and hear what to do next. It lives in the driver and outlives the cloud. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What a function is to do: answer, or fail in one of the ways functions fail. */
export type Order =
  | { readonly do: "answer"; readonly answer?: unknown }
  | { readonly do: "throw" | "exit" | "kill" | "hang" };

export type Listener = (event: unknown) => Order;

export interface Observer {
  readonly url: string;
  listen(functionName: string, listener: Listener): void;
  close(): void;
}

export async function openObserver(failed: (error: unknown) => void): Promise<Observer> {
  const listeners = new Map<string, Listener>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      let order: Order = { do: "throw" };
      try {
        const event: unknown = JSON.parse(Buffer.concat(chunks).toString());
        order = listeners.get(request.url?.slice(1) ?? "")?.(event) ?? order;
      } catch (error) {
        failed(error);
      }
      response.end(JSON.stringify(order));
    });
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    listen: (functionName, listener) => void listeners.set(functionName, listener),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
