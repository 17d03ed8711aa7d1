/** Carries messages within the process: the SDK's clients are objects that call the services themselves. */

import { type Deployment, messageOf } from "../deployment.ts";
import type { EngineService, Monitor } from "../monitor.ts";

type Callback = (error: (Error & { code?: number; details?: string }) | null, response?: unknown) => void;
type Client = Record<string, (request: unknown, done: Callback) => void> & { close(): void };

const UNKNOWN_STATUS = 2;

export function directClient(deployment: Deployment, service: Monitor | EngineService): Client {
  const client: Record<string, (request: unknown, done: Callback) => void> = {};
  for (const [name, method] of Object.entries(service)) {
    client[name] = (request, done) => {
      deployment
        .serve(() => (method as (request: unknown) => Promise<unknown>)(request))
        .then(
          (response) => done(null, response),
          (error: unknown) => done(asServiceError(error)),
        );
    };
  }
  return Object.assign(client, { close() {} }) as Client;
}

/** As gRPC would report it: with a status code, and the message as details. */
export function asServiceError(error: unknown): Error & { code: number; details: string } {
  const code =
    error instanceof Error && "code" in error && typeof error.code === "number" ? error.code : UNKNOWN_STATUS;
  const details = messageOf(error);
  return Object.assign(new Error(details), { code, details });
}
