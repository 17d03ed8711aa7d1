/** Carries messages over gRPC on loopback, as Pulumi's own engine does. */

import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Deployment } from "../deployment.ts";
import type { EngineService, Monitor } from "../monitor.ts";
import type { Sdk } from "../sdk.ts";
import { asServiceError } from "./direct.ts";

export interface EngineServer {
  readonly address: string;
  close(): void;
}

const MESSAGE_LIMIT = 400 << 20;

type Handler = (call: { request: unknown }, done: (error: unknown, response?: unknown) => void) => void;
type Handlers = Record<string, Handler> & UntypedServiceImplementation;

export async function serveEngine(
  deployment: Deployment,
  sdk: Sdk,
  monitor: Monitor,
  engine: EngineService,
): Promise<EngineServer> {
  const grpc = sdk.grpc();
  const server = new grpc.Server({
    "grpc.max_receive_message_length": MESSAGE_LIMIT,
    "grpc.max_send_message_length": MESSAGE_LIMIT,
  });
  const { ResourceMonitorService } = sdk.require("./proto/resource_grpc_pb.js") as {
    ResourceMonitorService: never;
  };
  const { EngineService } = sdk.require("./proto/engine_grpc_pb.js") as { EngineService: never };
  server.addService(ResourceMonitorService, implement(deployment, monitor));
  server.addService(EngineService, implement(deployment, engine));
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  unref(server);
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}

function implement(deployment: Deployment, service: Monitor | EngineService): Handlers {
  return Object.fromEntries(
    Object.entries(service).map(([name, method]): [string, Handler] => [
      name,
      (call, done) => {
        deployment
          .serve(() => (method as (request: unknown) => Promise<unknown>)(call.request))
          .then(
            (response) => done(null, response),
            (error: unknown) => {
              const { code, details } = asServiceError(error);
              done({ code, details });
            },
          );
      },
    ]),
  ) as Handlers;
}

/** The server must not keep the process alive: "nothing left to do" is how a deadlock shows. */
function unref(server: object): void {
  const servers = (
    server as {
      http2Servers?: Map<
        { unref(): void; on(event: string, listener: (session: { unref(): void }) => void): void },
        unknown
      >;
    }
  ).http2Servers;
  for (const http2 of servers?.keys() ?? []) {
    http2.unref();
    http2.on("session", (session) => session.unref());
  }
}
