import { createHash, createHmac } from "node:crypto";
import { request } from "node:http";
import {
  CreateFunctionUrlConfigCommand,
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  GetPolicyCommand,
  ListFunctionUrlConfigsCommand,
  RemovePermissionCommand,
  UpdateFunctionUrlConfigCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Credentials } from "../service.ts";
import { type LambdaCloud, startLambdaCloud } from "./testing.ts";

let cloud: LambdaCloud;
beforeAll(async () => {
  cloud = await startLambdaCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());

const returning = (expression: string) => ({
  "index.mjs": `export const handler = async (event) => (${expression})`,
});

async function urlReturning(expression: string, more?: object): Promise<string> {
  return cloud.publicUrl(await cloud.create(returning(expression)), more);
}

describe("the event", () => {
  test("is payload format 2.0", async () => {
    const url = await urlReturning("event");
    const id = /_url\/(\w+)\//.exec(url)?.[1];
    const response = await fetch(`${url}a%20b/c?x=1&x=2&y=%C3%BC%20`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Cookie: "a=1; b=2", "X-Thing": "Value" },
      body: '{"n":1}',
    });
    const event = (await response.json()) as Record<string, unknown>;
    expect(event).toMatchObject({
      version: "2.0",
      routeKey: "$default",
      rawPath: "/a%20b/c",
      rawQueryString: "x=1&x=2&y=%C3%BC%20",
      cookies: ["a=1", "b=2"],
      headers: { "content-type": "application/json", "x-thing": "Value", host: new URL(url).host },
      queryStringParameters: { x: "1,2", y: "ü " },
      requestContext: {
        accountId: "anonymous",
        apiId: id,
        domainName: `${id}.lambda-url.us-east-1.localhost`,
        domainPrefix: id,
        http: { method: "POST", path: "/a%20b/c", protocol: "HTTP/1.1", sourceIp: "127.0.0.1" },
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        routeKey: "$default",
        stage: "$default",
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
      body: '{"n":1}',
      isBase64Encoded: false,
    });
    expect(event.headers).not.toHaveProperty("cookie");
  });

  test("has no body, cookies or query where there are none", async () => {
    const event = await (await fetch(await urlReturning("event"))).json();
    expect(event).toMatchObject({ rawPath: "/", rawQueryString: "", isBase64Encoded: false });
    for (const absent of ["body", "cookies", "queryStringParameters"])
      expect(event).not.toHaveProperty(absent);
  });

  test("carries a binary body as base64", async () => {
    const url = await urlReturning(
      "({ body: event.body, isBase64Encoded: event.isBase64Encoded, headers: { 'content-type': 'image/png' } , statusCode: 200 })",
    );
    const bytes = new Uint8Array([0, 255, 1, 254]);
    const response = await fetch(url, {
      method: "PUT",
      body: bytes,
      headers: { "content-type": "image/png" },
    });
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
  });

  test("comes by host as well as by path", async () => {
    const url = await urlReturning("event.requestContext.domainName + event.rawPath");
    const id = /_url\/(\w+)\//.exec(url)?.[1];
    const host = `${id}.lambda-url.us-east-1.localhost:${new URL(url).port}`;
    const text = await new Promise<string>((resolve, reject) => {
      request(
        { host: "127.0.0.1", port: new URL(url).port, path: "/x/y?z", headers: { host } },
        async (response) => {
          response.setEncoding("utf8");
          let body = "";
          for await (const chunk of response) body += chunk;
          resolve(body);
        },
      )
        .on("error", reject)
        .end();
    });
    expect(text).toBe(`${id}.lambda-url.us-east-1.localhost/x/y`);
  });
});

describe("the answer", () => {
  const cases: [what: string, expression: string, status: number, type: string, body: string][] = [
    ["a string", "'hello'", 200, "application/json", "hello"],
    ["an object", "{ a: 1 }", 200, "application/json", '{"a":1}'],
    ["a list", "[1]", 200, "application/json", "[1]"],
    ["a status and body", "{ statusCode: 404, body: 'gone' }", 404, "application/json", "gone"],
    [
      "headers",
      "{ statusCode: 200, headers: { 'Content-Type': 'text/html' }, body: '<p>' }",
      200,
      "text/html",
      "<p>",
    ],
    [
      "base64",
      "{ statusCode: 200, headers: { 'content-type': 'text/plain' }, isBase64Encoded: true, body: 'aGk=' }",
      200,
      "text/plain",
      "hi",
    ],
    ["an impossible status", "{ statusCode: 'teapot' }", 502, "application/json", "Internal Server Error"],
    [
      "a header with a line break",
      "{ statusCode: 200, headers: { a: 'x\\r\\ny: z' } }",
      502,
      "application/json",
      "Internal Server Error",
    ],
  ];
  test.each(cases)("%s", async (_what, expression, status, type, body) => {
    const response = await fetch(await urlReturning(expression));
    expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([
      status,
      type,
      body,
    ]);
  });

  test("sets every cookie", async () => {
    const response = await fetch(await urlReturning("{ statusCode: 200, cookies: ['a=1; Path=/', 'b=2'] }"));
    expect(response.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2"]);
  });

  test("to a handler that throws is a 502; its error is in the log", async () => {
    const name = await cloud.create({
      "index.mjs": "export const handler = async () => { throw new Error('boom') }",
    });
    const response = await fetch(await cloud.publicUrl(name));
    expect([response.status, await response.text()]).toEqual([502, "Internal Server Error"]);
    const line = await cloud.event(
      (event) => event.type === "function.log" && event.functionName === name && event.line.includes("boom"),
    );
    expect(line).toMatchObject({ line: expect.stringContaining("index.mjs:1:") });
  });
});

describe("streaming", () => {
  const streaming = (body: string) => ({
    "index.mjs": `import { setTimeout as sleep } from "node:timers/promises";
      export const handler = awslambda.streamifyResponse(async (event, stream, context) => { ${body} });`,
  });
  const streamUrl = async (body: string) =>
    cloud.publicUrl(await cloud.create(streaming(body)), { InvokeMode: "RESPONSE_STREAM" });

  test("sends what is written while the handler still runs", async () => {
    const url = await streamUrl(`
      stream.setContentType("text/plain"); stream.write("first"); await sleep(500); stream.write("second"); stream.end();`);
    const started = performance.now();
    const response = await fetch(url);
    const arrived: number[] = [];
    let text = "";
    for await (const chunk of response.body ?? []) {
      arrived.push(performance.now() - started);
      text += Buffer.from(chunk);
    }
    expect(text).toBe("firstsecond");
    expect(response.headers.get("content-type")).toBe("text/plain");
    expect((arrived.at(-1) ?? 0) - (arrived[0] ?? 0)).toBeGreaterThan(300);
  });

  test("takes status, headers and cookies from HttpResponseStream", async () => {
    const url = await streamUrl(`
      stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { "X-A": "b" }, cookies: ["c=d"] });
      stream.write("body"); stream.end();`);
    const response = await fetch(url);
    expect([
      response.status,
      response.headers.get("x-a"),
      response.headers.getSetCookie(),
      await response.text(),
    ]).toEqual([201, "b", ["c=d"], "body"]);
  });

  test("an error before the first byte is a 502", async () => {
    const response = await fetch(await streamUrl("throw new Error('early')"));
    expect(response.status).toBe(502);
  });

  test("an error after it ends the stream and is reported", async () => {
    const name = await cloud.create(
      streaming("stream.write('some'); await sleep(50); throw new Error('mid-stream')"),
    );
    const response = await fetch(await cloud.publicUrl(name, { InvokeMode: "RESPONSE_STREAM" }));
    expect(response.status).toBe(200);
    await response.text().catch(() => "");
    const event = await cloud.event((e) => e.type === "function.invocation" && e.functionName === name);
    expect(event).toMatchObject({ error: { errorMessage: "mid-stream" } });
  });

  test("large bodies arrive whole", async () => {
    const url = await streamUrl(`
      const { pipeline } = await import("node:stream/promises"); const { Readable } = await import("node:stream");
      await pipeline(Readable.from((function* () { for (let i = 0; i < 200; i++) yield Buffer.alloc(65536, i) })()), stream);`);
    const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
    expect(bytes.length).toBe(200 * 65536);
    expect(bytes[199 * 65536]).toBe(199);
  });

  test("a streaming handler behind a buffered URL answers whole", async () => {
    const name = await cloud.create(
      streaming(`
      stream = awslambda.HttpResponseStream.from(stream, { statusCode: 202 });
      stream.write("a"); stream.write("b"); stream.end();`),
    );
    const response = await fetch(await cloud.publicUrl(name));
    expect([response.status, await response.text()]).toEqual([202, "ab"]);
  });

  test("a handler that returns answers a streaming URL as well", async () => {
    const url = await cloud.publicUrl(await cloud.create(returning("'returned'")), {
      InvokeMode: "RESPONSE_STREAM",
    });
    expect(await (await fetch(url)).text()).toBe("returned");
  });
});

describe("access", () => {
  test("a public URL needs both statements AWS asks for", async () => {
    const name = await cloud.create(returning("'in'"));
    const url = await cloud.publicUrl(name);
    const { Policy } = await cloud.lambda.send(new GetPolicyCommand({ FunctionName: name }));
    expect(JSON.parse(Policy ?? "").Statement).toMatchObject([
      { Principal: "*", Condition: { StringEquals: { "lambda:FunctionUrlAuthType": "NONE" } } },
      { Principal: "*", Condition: { Bool: { "lambda:InvokedViaFunctionUrl": "true" } } },
    ]);
    expect((await fetch(url)).status).toBe(200);
    await cloud.lambda.send(
      new RemovePermissionCommand({ FunctionName: name, StatementId: "FunctionURLAllowInvokeAction" }),
    );
    const refused = await fetch(url);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toEqual({ Message: expect.stringContaining("Forbidden") });
  });

  test("an AWS_IAM URL answers signed callers that may, and nobody else", async () => {
    const name = await cloud.create(returning("event.requestContext.authorizer.iam.userArn"));
    const { FunctionUrl: url = "" } = await cloud.lambda.send(
      new CreateFunctionUrlConfigCommand({ FunctionName: name, AuthType: "AWS_IAM" }),
    );
    const arn = `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
    const allowed = await cloud.roleWith([
      {
        Effect: "Allow",
        Action: "lambda:InvokeFunctionUrl",
        Resource: arn,
        Condition: { StringEquals: { "lambda:FunctionUrlAuthType": "AWS_IAM" } },
      },
      {
        Effect: "Allow",
        Action: "lambda:InvokeFunction",
        Resource: arn,
        Condition: { Bool: { "lambda:InvokedViaFunctionUrl": "true" } },
      },
    ]);
    expect((await fetch(url)).status).toBe(403);
    expect((await signedGet(url, await cloud.roleWith([]))).status).toBe(403);
    const response = await signedGet(url, allowed);
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining("assumed-role")]);
  });

  test("a URL nobody has is refused", async () => {
    expect((await fetch(`${cloud.cloud.endpoint}/_url/abc/`)).status).toBe(403);
  });
});

test("CORS is answered as configured, over what the handler says", async () => {
  const url = await urlReturning(
    "{ statusCode: 200, headers: { 'Access-Control-Allow-Origin': 'https://evil' }, body: '' }",
    {
      Cors: {
        AllowOrigins: ["https://app.example"],
        AllowMethods: ["GET"],
        AllowHeaders: ["x-a"],
        MaxAge: 60,
      },
    },
  );
  const preflight = await fetch(url, {
    method: "OPTIONS",
    headers: { Origin: "https://app.example", "Access-Control-Request-Method": "GET" },
  });
  expect(Object.fromEntries(preflight.headers)).toMatchObject({
    "access-control-allow-origin": "https://app.example",
    "access-control-allow-methods": "GET",
    "access-control-allow-headers": "x-a",
    "access-control-max-age": "60",
  });
  const allowed = await fetch(url, { headers: { Origin: "https://app.example" } });
  expect(allowed.headers.get("access-control-allow-origin")).toBe("https://app.example");
  const foreign = await fetch(url, { headers: { Origin: "https://evil" } });
  expect(foreign.headers.get("access-control-allow-origin")).toBeNull();
});

test("a URL's configuration is created, read, listed, changed and deleted", async () => {
  const name = await cloud.create(returning("1"));
  const { lambda } = cloud;
  const created = await lambda.send(
    new CreateFunctionUrlConfigCommand({ FunctionName: name, AuthType: "NONE" }),
  );
  expect(created.FunctionUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/_url\/[a-z0-9]{32}\/$/);
  await expect(
    lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName: name, AuthType: "NONE" })),
  ).rejects.toMatchObject({ name: "ResourceConflictException" });
  await lambda.send(
    new UpdateFunctionUrlConfigCommand({ FunctionName: name, InvokeMode: "RESPONSE_STREAM" }),
  );
  expect(await lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: name }))).toMatchObject({
    FunctionUrl: created.FunctionUrl,
    AuthType: "NONE",
    InvokeMode: "RESPONSE_STREAM",
  });
  const { FunctionUrlConfigs } = await lambda.send(new ListFunctionUrlConfigsCommand({ FunctionName: name }));
  expect(FunctionUrlConfigs).toHaveLength(1);
  await lambda.send(new DeleteFunctionUrlConfigCommand({ FunctionName: name }));
  await expect(lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: name }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
});

/** A GET signed for `lambda` as SigV4 says, by hand: the point is that no SDK knows our URLs. */
function signedGet(url: string, credentials: Credentials): Promise<Response> {
  const { host, pathname } = new URL(url);
  const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
  const scope = `${time.slice(0, 8)}/us-east-1/lambda/aws4_request`;
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const names = "host;x-amz-date;x-amz-security-token";
  const headers = `host:${host}\nx-amz-date:${time}\nx-amz-security-token:${credentials.sessionToken}\n`;
  const canonical = `GET\n${pathname}\n\n${headers}\n${names}\n${sha256("")}`;
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`).toString("hex");
  return fetch(url, {
    headers: {
      "X-Amz-Date": time,
      "X-Amz-Security-Token": credentials.sessionToken ?? "",
      Authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
    },
  });
}
