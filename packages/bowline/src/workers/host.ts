import { randomBytes, timingSafeEqual } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { BowlineError } from "../error.ts";
import type { ObjectKind, WorkersAccess } from "./access.ts";
import { accessFile } from "./connect.ts";
import { openDeployments } from "./deployments.ts";
import type { WorkersHostOptions } from "./host-options.ts";

export interface WorkersHost {
  readonly access: WorkersAccess;
  /** Gives a running Worker other code, and nothing else. */
  replaceCode(scriptName: string, file: string): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

/** Runs the Workers of a stage, and takes deployments from its programs. Nothing heavy is loaded before there is a Worker. */
export async function startWorkersHost(options: WorkersHostOptions): Promise<WorkersHost> {
  const deployments = await openDeployments(options);
  const token = randomBytes(24).toString("base64url");
  const server = createServer((request, response) => {
    void answer(request, response).catch((cause: unknown) => fail(response, cause));
  });

  // A program that takes its time finds the connection as it left it.
  server.keepAliveTimeout = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!mayEnter(request, token)) return reply(response, 403, { message: "Not allowed." });
    const [, route = "", first = "", second] = (request.url ?? "").split("/").map(decodeURIComponent);
    if (route === "urls" && request.method === "PUT") {
      return reply(response, 200, { url: await deployments.url(first) });
    }
    if (route === "scheduled" && request.method === "POST") {
      await deployments.scheduled(first, String((await bodyOf(request)).cron));
      return reply(response, 200, {});
    }
    if (route !== "objects") return reply(response, 404, {});
    const kind = first as ObjectKind;
    if (second === undefined) return reply(response, 200, deployments.registry.list(kind));
    if (request.method === "GET") {
      const found = deployments.registry.get<object>(kind, second);
      return reply(response, found ? 200 : 404, found ?? {});
    }
    if (request.method === "PUT") await deployments.put(kind, second, await bodyOf(request));
    else if (request.method === "DELETE") await deployments.delete(kind, second);
    return reply(response, 200, {});
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const access = { endpoint: `http://127.0.0.1:${port}`, token };
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  writeFileSync(accessFile(options.folder), JSON.stringify(access), { mode: 0o600 });
  return {
    access,
    replaceCode: (scriptName, file) => deployments.replaceCode(scriptName, file),
    start: () => deployments.start(),
    async stop() {
      rmSync(accessFile(options.folder), { force: true });
      server.closeAllConnections();
      await Promise.all([new Promise((resolve) => server.close(resolve)), deployments.stop()]);
    },
  };
}

/** Deploying is running code: only who can read the stage's folder may, and no web page. */
function mayEnter(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? "");
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString("utf8")) as Record<string, unknown>;
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function fail(response: ServerResponse, cause: unknown): void {
  const known = cause instanceof BowlineError ? cause : undefined;
  reply(response, known ? 422 : 500, {
    message: cause instanceof Error ? cause.message : String(cause),
    code: known?.code,
    hint: known?.hint,
  });
}
