/** Well-formed requests to begin with: what the SDKs send for every operation that has a sample. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Samples } from "../../samples.ts";
import type { TestCloud } from "../../testing.ts";
import { close, defaultTimeouts, listen, openServer } from "../server.ts";

export interface Request {
  /** The signing name. */
  readonly service: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A character a byte. */
  readonly body: string;
}

/** What signing adds, and what belongs to one connection. */
const NOT_KEPT =
  /^(:.*|authorization|host|connection|content-length|transfer-encoding|x-amz-date|x-amz-content-sha256|x-amz-security-token|x-amz-trailer|x-amz-decoded-content-length|expect|amz-sdk-.*|x-amz-user-agent|user-agent)$/;

async function everySample(): Promise<Samples[]> {
  const rooms = join(import.meta.dirname, "../..");
  const found: Samples[] = [];
  for (const room of readdirSync(rooms)) {
    const file = join(rooms, room, "samples.ts");
    if (!existsSync(file)) continue;
    const { samples } = (await import(pathToFileURL(file).href)) as { samples: Samples | readonly Samples[] };
    found.push(...[samples].flat());
  }
  return found;
}

/** Makes every sample call against a server that writes down what it is sent; what the calls need is made in the cloud. */
export async function recordSeeds(test: TestCloud): Promise<Request[]> {
  const seeds: Request[] = [];
  let service = "";
  // The door's own server, so that it understands whatever the door does.
  const recorder = openServer(async (message, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const [path = "/", query = ""] = (message.url ?? "/").split(/\?(.*)/s);
    const headers = Object.entries(message.headers).filter(([name]) => !NOT_KEPT.test(name));
    seeds.push({
      service,
      method: message.method ?? "GET",
      path,
      query,
      headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
      body: Buffer.concat(chunks).toString("latin1"),
    });
    response.writeHead(400).end();
  }, defaultTimeouts);
  const endpoint = `http://127.0.0.1:${await listen(recorder, 0)}`;
  const recorded: TestCloud = {
    ...test,
    cloud: test.cloud,
    client: (clientClass, credentials = test.cloud.credentials) =>
      new clientClass({ endpoint, region: test.cloud.region, credentials }),
  };
  for (const [index, samples] of (await everySample()).entries()) {
    const fixture = await samples.prepare(test, `hostile${index}`);
    for (const operation of samples.operations) {
      service = samples.service;
      await samples.attempt(recorded, test.cloud.credentials, operation, fixture);
    }
  }
  await close(recorder);
  return seeds;
}
