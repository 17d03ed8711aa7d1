import { hash } from "node:crypto";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import type { Credentials } from "../service.ts";
import { startTestCloud } from "../testing.ts";
import { sign, type UnsignedRequest } from "./sign.ts";

const test = await startTestCloud();
afterAll(() => test[Symbol.asyncDispose]());
const { credentials, port } = test.cloud;
const host = `127.0.0.1:${port}`;

interface Answer {
  readonly status: number;
  readonly text: string;
}

function send(
  method: string,
  path: string,
  headers: Record<string, string>,
  body: string | Uint8Array | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, method, path, headers }, (response) => {
      let text = "";
      response.on("data", (data) => {
        text += data;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** A signed request to S3. */
function s3(request: UnsignedRequest): Promise<Answer> {
  const { headers } = sign(request, { credentials, service: "s3", host });
  const path = request.query ? `${request.path}?${request.query}` : request.path;
  return send(request.method, path, headers, request.body);
}

const bucket = "/checked-bodies";
expect((await s3({ method: "PUT", path: bucket })).status).toBe(200);
const stored = async (key: string) => (await s3({ method: "GET", path: `${bucket}/${key}` })).text;

describe("a payload hash", () => {
  it("must be that of the body", async () => {
    const body = "hello";
    expect((await s3({ method: "PUT", path: `${bucket}/right`, body })).status).toBe(200);
    const wrong = await s3({
      method: "PUT",
      path: `${bucket}/wrong`,
      body,
      payloadHash: hash("sha256", "other"),
    });
    expect(wrong).toMatchObject({ status: 400, text: expect.stringContaining("XAmzContentSHA256Mismatch") });
    expect(await stored("wrong")).toContain("NoSuchKey");
    const made = await s3({ method: "PUT", path: `${bucket}/made-up`, body, payloadHash: "made-up" });
    expect(made).toMatchObject({ status: 400, text: expect.stringContaining("InvalidRequest") });
  });
});

describe("an aws-chunked body", () => {
  interface Chunked {
    readonly key: string;
    readonly chunks: readonly string[];
    readonly length?: number;
    readonly trailer?: string;
    /** Changes the wire after it was signed. */
    readonly tamper?: (wire: string) => string;
    readonly signed?: boolean;
  }

  function put({
    key,
    chunks,
    length,
    trailer,
    tamper = (wire) => wire,
    signed = false,
  }: Chunked): Promise<Answer> {
    const path = `${bucket}/${key}`;
    const request: UnsignedRequest = {
      method: "PUT",
      path,
      headers: {
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": String(length ?? chunks.join("").length),
      },
      payloadHash: signed ? "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" : "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    };
    const { headers, chunk } = sign(request, { credentials, service: "s3", host });
    let wire = "";
    for (const data of [...chunks, ""]) {
      const signature = signed ? `;chunk-signature=${chunk(data)}` : "";
      wire += `${data.length.toString(16)}${signature}\r\n${data}${data ? "\r\n" : ""}`;
    }
    wire = tamper(`${wire}${trailer ? `${trailer}\r\n` : ""}\r\n`);
    return send("PUT", path, { ...headers, "content-length": String(Buffer.byteLength(wire)) }, wire);
  }

  it("arrives without its framing", async () => {
    expect((await put({ key: "plain", chunks: ["hello ", "world"] })).status).toBe(200);
    expect(await stored("plain")).toBe("hello world");
    expect((await put({ key: "signed", chunks: ["hello ", "world"], signed: true })).status).toBe(200);
    expect(await stored("signed")).toBe("hello world");
  });

  it("is refused when a signed chunk was changed, dropped or lost its signature", async () => {
    const chunks = ["hello ", "world"];
    const changed = await put({
      key: "changed",
      chunks,
      signed: true,
      tamper: (wire) => wire.replace("world", "w0rld"),
    });
    expect(changed).toMatchObject({ status: 403, text: expect.stringContaining("SignatureDoesNotMatch") });
    const bare = await put({
      key: "bare",
      chunks,
      signed: true,
      tamper: (wire) => wire.replaceAll(/;chunk[^\r]+/g, ""),
    });
    expect(bare.status).toBe(403);
    const dropped = await put({
      key: "dropped",
      chunks,
      signed: true,
      tamper: (wire) => wire.replace(/^.*?world/s, "5\r\nworld"),
    });
    expect(dropped.status).toBe(403);
    expect(await stored("changed")).toContain("NoSuchKey");
  });

  it.each([
    ["is shorter than declared", { length: 12 }],
    ["is longer than declared", { length: 3 }],
    ["lies about a chunk's size", { tamper: (wire: string) => wire.replace("5\r\n", "4\r\n") }],
    ["claims a chunk that never comes", { tamper: (wire: string) => wire.replace("5\r\n", "fffff\r\n") }],
    ["has no size", { tamper: (wire: string) => wire.replace("5\r\n", "five\r\n") }],
    ["has a negative size", { tamper: (wire: string) => wire.replace("5\r\n", "-5\r\n") }],
    ["never ends", { tamper: (wire: string) => wire.slice(0, -5) }],
    ["goes on after its end", { tamper: (wire: string) => `${wire}more` }],
    ["has endless trailers", { trailer: `x: ${"y".repeat(20_000)}` }],
  ])("is refused when it %s", async (_how, lie) => {
    const answer = await put({ key: "lie", chunks: ["hello"], ...lie });
    expect(answer).toMatchObject({ status: 400, text: expect.stringContaining("IncompleteBody") });
    expect(await stored("lie")).toContain("NoSuchKey");
  });
});

describe("a slow client", () => {
  /** What an impatient cloud answers to these bytes before it hangs up. */
  async function answerTo(wire: (host: string, root: Credentials) => string): Promise<string> {
    await using impatient = await startTestCloud({ timeouts: { headers: 500, idle: 400 } });
    const { port, credentials } = impatient.cloud;
    return await new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1", () => socket.write(wire(`127.0.0.1:${port}`, credentials)));
      let answer = "";
      socket.on("data", (data) => {
        answer += data;
      });
      socket.on("error", () => resolve(answer));
      socket.on("close", () => resolve(answer));
    });
  }

  it("is given up when its headers do not come", async () => {
    expect(await answerTo(() => "GET / HTTP/1.1\r\nHost: x\r\nX-A")).toContain("408 Request Timeout");
  });

  it("is given up when its body stops coming", async () => {
    const answer = await answerTo((host, credentials) => {
      const body = "Action=ListRoles&Version=2010-05-08";
      const { headers } = sign({ method: "POST", path: "/", body }, { credentials, service: "iam", host });
      const lines = Object.entries({ ...headers, "content-length": String(body.length) });
      return `POST / HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\nAction=`;
    });
    expect(answer).toMatch(/^HTTP\/1.1 400 [\s\S]*RequestTimeout/);
  });
});
