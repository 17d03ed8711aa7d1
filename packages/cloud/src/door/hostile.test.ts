// biome-ignore-all lint/suspicious/noTemplateCurlyInString: hostile text
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../testing.ts";
import { sign } from "./sign.ts";

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

/** Chance with a seed, so that a failure can be had again. */
let state = 20_261_121;
function below(limit: number): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * limit);
}
function pick<T>(from: readonly T[]): T {
  return from[below(from.length)] as T;
}

interface Request {
  readonly service: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

const json = (target: string, input: unknown, version = "1.0") => ({
  headers: { "content-type": `application/x-amz-json-${version}`, "x-amz-target": target },
  body: JSON.stringify(input),
});
const form = (input: Record<string, string>) => ({
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: new URLSearchParams(input).toString(),
});
const plain = { method: "POST", path: "/", query: "", headers: {}, body: "" };
const role = { RoleName: "victim", AssumeRolePolicyDocument: '{"Version":"2012-10-17","Statement":[]}' };
const deletion = "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key></Object></Delete>";

const seeds: readonly Request[] = [
  { ...plain, service: "s3", method: "PUT", path: "/hostile/key", body: "hello" },
  { ...plain, service: "s3", method: "GET", path: "/hostile/key" },
  { ...plain, service: "s3", method: "GET", path: "/hostile", query: "list-type=2&max-keys=10&prefix=a" },
  { ...plain, service: "s3", method: "DELETE", path: "/hostile/key" },
  { ...plain, service: "s3", method: "POST", path: "/hostile", query: "delete=", body: deletion },
  {
    ...plain,
    service: "s3",
    method: "PUT",
    path: "/hostile",
    query: "tagging=",
    body: "<Tagging><TagSet/></Tagging>",
  },
  {
    ...plain,
    service: "s3",
    method: "PUT",
    path: "/hostile/copy",
    headers: { "x-amz-copy-source": "/hostile/key" },
  },
  {
    ...plain,
    service: "dynamodb",
    ...json("DynamoDB_20120810.GetItem", { TableName: "t", Key: { id: { S: "a" } } }),
  },
  {
    ...plain,
    service: "dynamodb",
    ...json("DynamoDB_20120810.PutItem", { TableName: "t", Item: { id: { S: "a" } } }),
  },
  {
    ...plain,
    service: "dynamodb",
    ...json("DynamoDB_20120810.Query", { TableName: "t", KeyConditionExpression: "id = :a" }),
  },
  {
    ...plain,
    service: "sqs",
    ...json("AmazonSQS.SendMessage", { QueueUrl: `http://${host}/0/q`, MessageBody: "x" }),
  },
  {
    ...plain,
    service: "sqs",
    ...json("AmazonSQS.CreateQueue", { QueueName: "q", Attributes: { DelaySeconds: "0" } }),
  },
  { ...plain, service: "sqs", ...form({ Action: "ListQueues", Version: "2012-11-05" }) },
  { ...plain, service: "sns", ...form({ Action: "CreateTopic", Name: "t", Version: "2010-03-31" }) },
  { ...plain, service: "iam", ...form({ Action: "CreateRole", Version: "2010-05-08", ...role }) },
  { ...plain, service: "iam", ...form({ Action: "ListRoles", MaxItems: "10", Version: "2010-05-08" }) },
  { ...plain, service: "sts", ...form({ Action: "GetCallerIdentity", Version: "2011-06-15" }) },
  { ...plain, service: "lambda", method: "GET", path: "/2015-03-31/functions/f" },
  {
    ...plain,
    service: "lambda",
    path: "/2015-03-31/functions",
    body: '{"FunctionName":"f","Runtime":"nodejs22.x"}',
  },
  { ...plain, service: "lambda", path: "/2015-03-31/functions/f/invocations", body: "{}" },
  { ...plain, service: "ssm", ...json("AmazonSSM.GetParameter", { Name: "/a" }, "1.1") },
  { ...plain, service: "logs", ...json("Logs_20140328.CreateLogGroup", { logGroupName: "/g" }, "1.1") },
  { ...plain, service: "events", ...json("AWSEvents.PutEvents", { Entries: [] }, "1.1") },
];

const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>`;
const garbage: readonly (() => string)[] = [
  () => "",
  () => "null",
  () => "-1",
  () => "1e999",
  () => "9".repeat(400),
  () => "\u00ff\u00fe",
  () => "../../../secret.txt",
  () => "%2e%2e%2f%2e%2e%2fsecret.txt",
  () => "a".repeat(3000),
  () => "{{}}[]",
  () => "<a/>",
  () => "' OR 1=1 --",
  () => "__proto__",
  () => "constructor",
  () => "${jndi:x}",
  () => String.fromCharCode(33 + below(90), 33 + below(90), 33 + below(90)),
];
const bodies: readonly (() => string)[] = [
  () => `${bomb}<Delete><Object><Key>&c;</Key></Object></Delete>`,
  () =>
    '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&a;</Key></Object></Delete>',
  () => `${"<a>".repeat(3000)}`,
  () => `${"<a>".repeat(3000)}${"</a>".repeat(3000)}`,
  () => "<Delete><Object><Key>../../secret.txt</Key></Object></Delete>",
  () => `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
  () => `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`,
  () => '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  () => "[]",
  () => '"text"',
  () => "{",
  () => `Action=${"x".repeat(5000)}`,
  () => "Action=constructor&Version=1",
  () => "Action=__proto__",
];
const paths: readonly (() => string)[] = [
  () => "/hostile/../../secret.txt",
  () => "/hostile/%2e%2e/%2e%2e/secret.txt",
  () => "/hostile/..%2f..%2fsecret.txt",
  () => "/../secret.txt",
  () => "/..%2f/secret.txt",
  () => "/hostile/%00",
  () => "/hostile/%ff%fe",
  () => "/hostile/%zz",
  () => "/hostile//",
  () => "//",
  () => `/hostile/${"k".repeat(2000)}`,
  () => `/${"b".repeat(300)}`,
  () => "/2015-03-31/functions/..%2f..%2fx",
  () => "/2015-03-31/functions/%00/invocations",
  () => "/2015-03-31/functions//code",
];
const headerNames = [
  "authorization",
  "x-amz-date",
  "x-amz-content-sha256",
  "x-amz-decoded-content-length",
  "x-amz-security-token",
  "x-amz-target",
  "content-type",
  "x-amz-copy-source",
  "x-amz-copy-source-range",
  "range",
  "if-match",
  "if-modified-since",
  "x-amz-acl",
  "content-md5",
  "x-amz-checksum-crc32",
  "x-amz-sdk-checksum-algorithm",
  "x-amz-tagging",
  "x-amz-meta-x",
  "x-amz-storage-class",
  "x-amz-trailer",
  "content-encoding",
  "x-amz-invocation-type",
];

/** A header value Node is willing to send. */
const headerSafe = (text: string) => text.replace(/[^\x20-\x7e]/g, "?");

function mangle(body: string): string {
  const at = below(body.length + 1);
  switch (below(5)) {
    case 0:
      return body.slice(0, at);
    case 1:
      return `${body.slice(0, at)}${pick(garbage)()}${body.slice(at)}`;
    case 2:
      return body.replace(
        /"[^"]*"(?=[,}\]])/,
        pick(["null", "1", "[]", "{}", "true", '""', "1e400", '"\\ud800"']),
      );
    case 3:
      return body.replace(/(=)[^&]*/, `$1${encodeURIComponent(pick(garbage)())}`);
    default:
      return pick(bodies)();
  }
}

interface Mutant {
  readonly request: Request;
  readonly headers: Record<string, string>;
}

function mutate(seed: Request): Mutant {
  let request = { ...seed, headers: { ...seed.headers } };
  const late: Record<string, string> = {};
  for (let i = below(2); i >= 0; i--) {
    const kind = below(6);
    if (kind === 0) request = { ...request, path: pick(paths)() };
    else if (kind === 1)
      request = {
        ...request,
        query: `${pick(["x", "uploadId", "versionId", "max-keys", "policy", "prefix", "X-Amz-Signature", "X-Amz-Algorithm", "Marker", "partNumber"])}=${encodeURIComponent(pick(garbage)())}`,
      };
    else if (kind === 2)
      request = { ...request, method: pick(["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS"]) };
    else if (kind === 3) request.headers[pick(headerNames)] = headerSafe(pick(garbage)());
    else if (kind === 4) late[pick(headerNames)] = headerSafe(pick(garbage)());
    else request = { ...request, body: mangle(request.body) };
  }
  const service = below(40) === 0 ? headerSafe(pick(garbage)()).replace(/[/, ]/g, "") : request.service;
  delete request.headers.authorization;
  const { headers } = sign(request, { credentials, service, host });
  return { request, headers: { ...headers, ...late } };
}

function send({ request, headers }: Mutant): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const path = request.query ? `${request.path}?${request.query}` : request.path;
    const body = request.method === "GET" || request.method === "HEAD" ? "" : request.body;
    const sent = httpRequest(
      {
        agent,
        host: "127.0.0.1",
        port,
        method: request.method,
        path,
        headers: { ...headers, "content-length": Buffer.byteLength(body) },
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
    sent.on("error", reject);
    sent.end(body);
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

const alive = async () => {
  const { headers } = sign({ method: "GET", path: "/" }, { credentials, service: "s3", host });
  return (await send({ request: { ...plain, service: "s3", method: "GET" }, headers })).status;
};

describe("hostile input", () => {
  it("gets an answer that blames the client, ten thousand times over", { timeout: 240_000 }, async () => {
    const before = surroundings();
    await send({
      request: { ...plain, service: "s3", method: "PUT", path: "/hostile" },
      headers: sign({ method: "PUT", path: "/hostile" }, { credentials, service: "s3", host }).headers,
    });
    const statuses: Record<number, number> = {};
    const failures: string[] = [];
    let sent = 0;
    const worker = async () => {
      while (sent < 10_000) {
        sent++;
        const mutant = mutate(pick(seeds));
        const { status, text } = await send(mutant).catch((error) => ({ status: 599, text: String(error) }));
        statuses[status] = (statuses[status] ?? 0) + 1;
        // 501 says that an operation or service is not there.
        if (status >= 500 && status !== 501)
          failures.push(
            `${status} ${text.slice(0, 300)} for ${JSON.stringify(mutant.request).slice(0, 400)}`,
          );
        if (text.includes("not yours")) failures.push(`read outside: ${JSON.stringify(mutant.request)}`);
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    console.log("answers by status:", statuses);
    expect([...new Set(failures.map((failure) => failure.slice(0, 160)))].slice(0, 20)).toEqual([]);
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
});
