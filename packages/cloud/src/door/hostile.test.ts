import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiGatewayV2Client, CreateApiCommand } from "@aws-sdk/client-apigatewayv2";
import { afterAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../testing.ts";
import { chance } from "./hostile/chance.ts";
import { type Mutant, mutator } from "./hostile/mutate.ts";
import { type Request, recordSeeds } from "./hostile/seeds.ts";
import { sign } from "./sign.ts";

// A minute's worth on a busy machine; BOWLINE_HOSTILE_CASES=10000 is what a release has to stand.
const CASES = Number(process.env.BOWLINE_HOSTILE_CASES ?? 2_000);
const SEED = Number(process.env.BOWLINE_HOSTILE_SEED ?? 20_261_121);

// The cloud's folder lies inside another, whose content must not change whatever is sent.
const outside = await mkdtemp(join(tmpdir(), "bowline-hostile-"));
await mkdir(join(outside, "data"));
await writeFile(join(outside, "secret.txt"), "not yours");
const test = await startTestCloud({ dir: join(outside, "data") });
const { credentials, port } = test.cloud;
const host = `127.0.0.1:${port}`;
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
afterAll(async () => {
  agent.destroy();
  await test[Symbol.asyncDispose]();
  await rm(outside, { recursive: true, force: true });
});

function send({ request, late, payloadHash }: Mutant): Promise<{ status: number; text: string }> {
  const body = request.method === "GET" || request.method === "HEAD" ? "" : request.body;
  const bytes = Buffer.from(body, "latin1");
  const { headers } = sign(
    { ...request, body: bytes, payloadHash },
    { credentials, service: request.service, host },
  );
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        agent,
        host: "127.0.0.1",
        port,
        method: request.method,
        path: request.query ? `${request.path}?${request.query}` : request.path,
        headers: { ...headers, ...late, "content-length": bytes.length },
        timeout: 60_000,
      },
      (response) => {
        let text = "";
        response.on("data", (data) => {
          text += data;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
        response.on("error", reject);
      },
    );
    sent.on("timeout", () => sent.destroy(new Error("no answer within a minute")));
    sent.on("error", reject);
    sent.end(bytes);
  });
}

/** Everything outside the data folder, by content. */
function surroundings(): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(outside).sort()) {
    hash.update(name);
    if (statSync(join(outside, name)).isFile()) hash.update(readFileSync(join(outside, name)));
  }
  return hash.digest("hex");
}

const plain: Request = { service: "s3", method: "GET", path: "/", query: "", headers: {}, body: "" };
const alive = async () => (await send({ request: plain, late: {} })).status;

/** Traffic that is no call of an API: an HTTP API nobody integrated, and a function URL nobody has. */
async function edges(): Promise<Request[]> {
  const { ApiId } = await test
    .client(ApiGatewayV2Client)
    .send(new CreateApiCommand({ Name: "hostile", ProtocolType: "HTTP" }));
  return ["GET", "POST"].flatMap((method) =>
    [`/_api/${ApiId}/a/b`, "/_url/abcdef/a"].map((path) => ({
      ...plain,
      service: "lambda",
      method,
      path,
      body: "{}",
    })),
  );
}

function isDeletion({ method, headers, body }: Request): boolean {
  const operation = headers["x-amz-target"]?.split(".").at(-1) ?? /^Action=(\w+)/.exec(body)?.[1];
  return method === "DELETE" || /^(Delete|Remove|Purge|Schedule.*Deletion|Disable)/.test(operation ?? "");
}

describe("hostile input", () => {
  it("gets an answer that blames the client, whatever operation it is for", {
    timeout: 600_000,
  }, async () => {
    const seeds = [...(await recordSeeds(test)), ...(await edges())];
    const services = new Set(seeds.map(({ service }) => service));
    expect(Object.keys(test.cloud.operations).filter((service) => !services.has(service))).toEqual([]);
    const before = surroundings();
    const dice = chance(SEED);
    const mutate = mutator(dice);
    const statuses: Record<number, number> = {};
    const failures = new Map<string, string>();
    let sent = 0;
    const worker = async () => {
      while (sent < CASES) {
        sent++;
        let seed = dice.pick(seeds);
        // What others need is rarely deleted, or soon nothing is there to attack.
        if (isDeletion(seed) && dice.below(10) > 0) seed = dice.pick(seeds.filter((one) => !isDeletion(one)));
        const mutant = mutate(seed);
        const { status, text } = await send(mutant).catch((error) => ({ status: 599, text: String(error) }));
        statuses[status] = (statuses[status] ?? 0) + 1;
        const what = JSON.stringify(mutant).slice(0, 1500);
        // 501 says that an operation or service is not there.
        if (status >= 500 && status !== 501) failures.set(`${status} ${text.slice(0, 160)}`, what);
        if (/not yours|root:x:0/.test(text)) failures.set("read outside", what);
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    console.log(`${sent} requests from ${seeds.length} seeds of ${services.size} services:`, statuses);
    expect([...failures].slice(0, 20)).toEqual([]);
    expect(surroundings()).toBe(before);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(await alive()).toBe(200);
  });

  it.each([
    ["no HTTP at all", "\u0016\u0003\u0001\u0002hello\r\n\r\n"],
    ["two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"],
    [
      "a length and chunks",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["a length below zero", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\nhello"],
    ["a chunk of no size", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n"],
    ["a header that never ends", `GET / HTTP/1.1\r\nHost: x\r\nX-A: ${"a".repeat(100_000)}\r\n\r\n`],
    ["a host that is none", "GET / HTTP/1.1\r\nHost: <script>\r\nConnection: close\r\n\r\n"],
    ["a path that is none", "GET nonsense HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"],
  ])("survives %s", async (_what, wire) => {
    const answer = await new Promise<string>((resolve) => {
      let text = "";
      const socket = connect(port, "127.0.0.1", () => socket.write(wire, "latin1"));
      socket.on("data", (data) => {
        text += data;
      });
      socket.on("error", () => resolve(text));
      socket.on("close", () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1.1 4\d\d /);
    expect(await alive()).toBe(200);
  });

  it("serves others while two hundred clients drip their headers, and is rid of them in time", async () => {
    await using impatient = await startTestCloud({ timeouts: { headers: 1000 } });
    const { port: busy, credentials: root } = impatient.cloud;
    const dripping = Array.from({ length: 200 }, () => {
      const socket = connect(busy, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "));
      const drip = setInterval(() => socket.write("a"), 100);
      socket.on("error", () => {});
      return new Promise<void>((resolve) =>
        socket.resume().on("close", () => {
          clearInterval(drip);
          resolve();
        }),
      );
    });
    const { headers } = sign(plain, { credentials: root, service: "s3", host: `127.0.0.1:${busy}` });
    const answer = await fetch(`http://127.0.0.1:${busy}/`, { headers });
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
    await Promise.all(dripping);
  });
});
