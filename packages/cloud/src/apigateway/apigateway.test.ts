import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as gateway from "@aws-sdk/client-apigatewayv2";
import { AddPermissionCommand } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LambdaCloud, startLambdaCloud } from "../lambda/testing.ts";

let cloud: LambdaCloud;
let apis: gateway.ApiGatewayV2Client;
let echo: string;
beforeAll(async () => {
  cloud = await startLambdaCloud();
  apis = cloud.client(gateway.ApiGatewayV2Client);
  echo = await cloud.create({
    "index.mjs": `export const handler = async (event) => {
      if (event.rawPath?.endsWith("/boom")) throw new Error("boom");
      return { statusCode: 201, headers: { "x-echo": "yes" }, cookies: ["a=1"], body: JSON.stringify(event) };
    };`,
  });
});
afterAll(async () => cloud?.[Symbol.asyncDispose]());

const arnOf = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

/** Lets the API call the function. */
async function allow(FunctionName: string, ApiId: string, rest = "*") {
  await cloud.lambda.send(
    new AddPermissionCommand({
      FunctionName,
      StatementId: `s${Math.random().toString(36).slice(2)}`,
      Action: "lambda:InvokeFunction",
      Principal: "apigateway.amazonaws.com",
      SourceArn: `arn:aws:execute-api:us-east-1:000000000000:${ApiId}/${rest}`,
    }),
  );
}

async function api(more: Partial<gateway.CreateApiCommandInput> = {}) {
  const { ApiId = "", ApiEndpoint = "" } = await apis.send(
    new gateway.CreateApiCommand({ Name: "shop", ProtocolType: "HTTP", ...more }),
  );
  await apis.send(new gateway.CreateStageCommand({ ApiId, StageName: "$default", AutoDeploy: true }));
  await allow(echo, ApiId);
  return { ApiId, url: ApiEndpoint };
}

async function integration(ApiId: string, more: Partial<gateway.CreateIntegrationCommandInput> = {}) {
  const { IntegrationId } = await apis.send(
    new gateway.CreateIntegrationCommand({
      ApiId,
      IntegrationType: "AWS_PROXY",
      IntegrationUri: arnOf(echo),
      PayloadFormatVersion: "2.0",
      ...more,
    }),
  );
  return `integrations/${IntegrationId}`;
}

async function route(
  ApiId: string,
  RouteKey: string,
  Target: string,
  more: Partial<gateway.CreateRouteCommandInput> = {},
) {
  await apis.send(new gateway.CreateRouteCommand({ ApiId, RouteKey, Target, ...more }));
}

describe("a route", () => {
  it("is the most specific that fits, and tells the function its variables", async () => {
    const { ApiId, url } = await api();
    const target = await integration(ApiId);
    const keys = ["GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default"];
    for (const key of keys) await route(ApiId, key, target);
    const asked = async (path: string, method = "GET") => {
      const response = await fetch(url + path, { method });
      expect(response.status).toBe(201);
      const { routeKey, pathParameters } = (await response.json()) as Record<string, unknown>;
      return [routeKey, pathParameters];
    };
    expect(await asked("/pets/dog/1")).toEqual(["GET /pets/dog/1", undefined]);
    expect(await asked("/pets/dog/a%20b")).toEqual(["GET /pets/dog/{id}", { id: "a b" }]);
    expect(await asked("/pets/cat/1")).toEqual(["GET /pets/{proxy+}", { proxy: "cat/1" }]);
    expect(await asked("/pets/dog/1", "POST")).toEqual(["ANY /{proxy+}", { proxy: "pets/dog/1" }]);
    expect(await asked("/")).toEqual(["$default", undefined]);
  });

  it("gives payload 2.0, and takes the function's answer", async () => {
    const { ApiId, url } = await api();
    await route(ApiId, "POST /a/{id}", await integration(ApiId));
    const response = await fetch(`${url}/a/1?x=1&x=2&y=%20`, {
      method: "POST",
      headers: { "content-type": "text/plain", cookie: "c=1; d=2" },
      body: "hällo",
    });
    expect(response.headers.get("x-echo")).toBe("yes");
    expect(response.headers.getSetCookie()).toEqual(["a=1"]);
    expect(await response.json()).toMatchObject({
      version: "2.0",
      routeKey: "POST /a/{id}",
      rawPath: "/a/1",
      rawQueryString: "x=1&x=2&y=%20",
      cookies: ["c=1", "d=2"],
      queryStringParameters: { x: "1,2", y: " " },
      pathParameters: { id: "1" },
      body: "hällo",
      isBase64Encoded: false,
      requestContext: { apiId: ApiId, stage: "$default", http: { method: "POST", path: "/a/1" } },
    });
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
  });

  it("gives payload 1.0 where asked", async () => {
    const { ApiId, url } = await api();
    await route(ApiId, "GET /one", await integration(ApiId, { PayloadFormatVersion: "1.0" }));
    const event = (await (await fetch(`${url}/one?x=1&x=2`)).json()) as object;
    expect(event).toMatchObject({
      version: "1.0",
      resource: "/one",
      httpMethod: "GET",
      queryStringParameters: { x: "2" },
      multiValueQueryStringParameters: { x: ["1", "2"] },
      body: null,
    });
  });

  it("answers 500 when the function fails, or may not be called", async () => {
    const { ApiId, url } = await api();
    await route(ApiId, "GET /boom", await integration(ApiId));
    const failed = await fetch(`${url}/boom`);
    expect([failed.status, await failed.json()]).toEqual([500, { message: "Internal Server Error" }]);
    const closed = await cloud.create({ "index.mjs": "export const handler = async () => 'x'" });
    await route(ApiId, "GET /closed", await integration(ApiId, { IntegrationUri: arnOf(closed) }));
    expect((await fetch(`${url}/closed`)).status).toBe(500);
    await allow(closed, ApiId, "*/GET/closed");
    const opened = await fetch(`${url}/closed`);
    expect([opened.status, await opened.text()]).toEqual([200, "x"]);
  });

  it("passes on to another server", async () => {
    const { ApiId, url } = await api();
    const server = createServer((request, response) => {
      response.setHeader("x-seen", `${request.method} ${request.url}`);
      request.pipe(response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const target = await integration(ApiId, {
        IntegrationType: "HTTP_PROXY",
        IntegrationMethod: "ANY",
        IntegrationUri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/{proxy}`,
        PayloadFormatVersion: "1.0",
      });
      await route(ApiId, "ANY /{proxy+}", target);
      const response = await fetch(`${url}/a/b%20c?x=1`, { method: "PUT", body: "body" });
      expect(response.headers.get("x-seen")).toBe("PUT /base/a/b%20c?x=1");
      expect(await response.text()).toBe("body");
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

it("serves named stages as they were deployed", async () => {
  const { ApiId, url } = await api();
  const target = await integration(ApiId);
  await route(ApiId, "GET /old", target);
  await apis.send(
    new gateway.CreateStageCommand({ ApiId, StageName: "prod", StageVariables: { colour: "red" } }),
  );
  expect((await fetch(`${url}/prod/old`)).status).toBe(404);
  await apis.send(new gateway.CreateDeploymentCommand({ ApiId, StageName: "prod" }));
  await route(ApiId, "GET /new", target);
  const deployed = await fetch(`${url}/prod/old`);
  expect(await deployed.json()).toMatchObject({
    rawPath: "/prod/old",
    stageVariables: { colour: "red" },
    requestContext: { stage: "prod" },
  });
  expect((await fetch(`${url}/prod/new`)).status).toBe(404);
  expect((await fetch(`${url}/new`)).status).toBe(201);
});

it("answers preflights and adds CORS headers", async () => {
  const { ApiId, url } = await api({
    CorsConfiguration: {
      AllowOrigins: ["https://shop.example"],
      AllowMethods: ["GET"],
      AllowHeaders: ["x-a"],
    },
  });
  await route(ApiId, "GET /a", await integration(ApiId));
  const origin = "https://shop.example";
  const asked = await fetch(`${url}/a`, {
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "GET" },
  });
  expect(asked.status).toBe(204);
  expect(asked.headers.get("access-control-allow-origin")).toBe(origin);
  const got = await fetch(`${url}/a`, { headers: { origin } });
  expect(got.headers.get("access-control-allow-origin")).toBe(origin);
  const other = await fetch(`${url}/a`, { headers: { origin: "https://evil.example" } });
  expect(other.headers.get("access-control-allow-origin")).toBeNull();
});

describe("authorization", () => {
  const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

  function token(key: KeyObject, alg: "RS256" | "ES256", claims: object): string {
    const signed = `${base64({ alg, kid: alg })}.${base64(claims)}`;
    const encoding = alg === "ES256" ? { dsaEncoding: "ieee-p1363" as const } : {};
    return `${signed}.${sign("sha256", Buffer.from(signed), { key, ...encoding }).toString("base64url")}`;
  }

  it("takes tokens of the issuer, and no others", async () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const forger = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const server = createServer((request, response) => {
      const issuer = `http://${request.headers.host}`;
      const keys = [
        { ...rsa.publicKey.export({ format: "jwk" }), kid: "RS256", alg: "RS256" },
        { ...ec.publicKey.export({ format: "jwk" }), kid: "ES256", alg: "ES256" },
      ];
      response.end(
        JSON.stringify(request.url === "/jwks" ? { keys } : { issuer, jwks_uri: `${issuer}/jwks` }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const iss = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const { ApiId, url } = await api();
      const { AuthorizerId } = await apis.send(
        new gateway.CreateAuthorizerCommand({
          ApiId,
          Name: "tokens",
          AuthorizerType: "JWT",
          IdentitySource: ["$request.header.Authorization"],
          JwtConfiguration: { Issuer: iss, Audience: ["shop"] },
        }),
      );
      const secured = { AuthorizationType: "JWT" as const, AuthorizerId };
      const target = await integration(ApiId);
      await route(ApiId, "GET /me", target, secured);
      await route(ApiId, "GET /admin", target, { ...secured, AuthorizationScopes: ["admin"] });
      const exp = Math.floor(Date.now() / 1000) + 60;
      const claims = { iss, aud: "shop", exp, sub: "me", scope: "read write" };
      const get = (path: string, bearer?: string) =>
        fetch(url + path, { headers: bearer ? { authorization: `Bearer ${bearer}` } : {} });
      const welcome = await get("/me", token(rsa.privateKey, "RS256", claims));
      expect(await welcome.json()).toMatchObject({
        requestContext: { authorizer: { jwt: { claims: { sub: "me", exp: String(exp) }, scopes: null } } },
      });
      expect((await get("/me", token(ec.privateKey, "ES256", claims))).status).toBe(201);
      expect((await get("/me")).status).toBe(401);
      const refused = [
        token(forger.privateKey, "ES256", claims),
        token(ec.privateKey, "ES256", { ...claims, exp: exp - 120 }),
        token(ec.privateKey, "ES256", { ...claims, aud: "bank" }),
        token(ec.privateKey, "ES256", { ...claims, iss: "http://evil.example" }),
        `${base64({ alg: "none", kid: "ES256" })}.${base64(claims)}.`,
        "nonsense",
      ];
      for (const bad of refused) expect((await get("/me", bad)).status).toBe(401);
      expect((await get("/admin", token(ec.privateKey, "ES256", claims))).status).toBe(403);
      const admin = token(ec.privateKey, "ES256", { ...claims, scope: "admin" });
      expect((await get("/admin", admin)).status).toBe(201);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it.each([
    ["a yes or no", true, `{ isAuthorized: yes, context: { who: "me", n: 1 } }`],
    [
      "a policy",
      false,
      `{ principalId: "me", context: { who: "me" }, policyDocument: { Version: "2012-10-17", Statement: [
        { Effect: yes ? "Allow" : "Deny", Action: "execute-api:Invoke", Resource: event.routeArn } ] } }`,
    ],
  ])("asks a function, which answers with %s and is asked once", async (_what, simple, answer) => {
    const { ApiId, url } = await api();
    const name = await cloud.create({
      "index.mjs": `let calls = 0;
        export const handler = async (event) => {
          const yes = event.identitySource[0] === "let me in";
          const answer = ${answer};
          return { ...answer, context: { ...answer.context, calls: ++calls } };
        };`,
    });
    const { AuthorizerId } = await apis.send(
      new gateway.CreateAuthorizerCommand({
        ApiId,
        Name: "function",
        AuthorizerType: "REQUEST",
        IdentitySource: ["$request.header.x-token"],
        AuthorizerUri: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${arnOf(name)}/invocations`,
        AuthorizerPayloadFormatVersion: "2.0",
        AuthorizerResultTtlInSeconds: 300,
        EnableSimpleResponses: simple,
      }),
    );
    await route(ApiId, "GET /a", await integration(ApiId), { AuthorizationType: "CUSTOM", AuthorizerId });
    const get = (tokenText?: string) =>
      fetch(`${url}/a`, { headers: tokenText ? { "x-token": tokenText } : {} });
    expect((await get("let me in")).status).toBe(500);
    await allow(name, ApiId, `authorizers/${AuthorizerId}`);
    for (let i = 0; i < 2; i++) {
      expect(await (await get("let me in")).json()).toMatchObject({
        requestContext: { authorizer: { lambda: { who: "me", calls: 1 } } },
      });
    }
    expect((await get("no")).status).toBe(403);
    expect((await get()).status).toBe(401);
  });

  it("asks IAM, by the signature", async () => {
    const { ApiId, url } = await api();
    await route(ApiId, "GET /a", await integration(ApiId), { AuthorizationType: "AWS_IAM" });
    expect((await fetch(`${url}/a`)).status).toBe(403);
  });
});

it("keeps an API through a restart", async () => {
  const own = await startLambdaCloud();
  try {
    const client = own.client(gateway.ApiGatewayV2Client);
    const { ApiId } = await client.send(
      new gateway.CreateApiCommand({
        Name: "kept",
        ProtocolType: "HTTP",
        Target: arnOf("f"),
        Tags: { a: "b" },
      }),
    );
    await own.restart();
    expect(await client.send(new gateway.GetApiCommand({ ApiId }))).toMatchObject({
      Name: "kept",
      Tags: { a: "b" },
    });
    const { Items } = await client.send(new gateway.GetRoutesCommand({ ApiId }));
    expect(Items).toMatchObject([{ RouteKey: "$default", AuthorizationType: "NONE" }]);
  } finally {
    await own[Symbol.asyncDispose]();
  }
});

it("says what is wrong, and what is not there", async () => {
  const { ApiId } = await api();
  await expect(apis.send(new gateway.GetApiCommand({ ApiId: "nope" }))).rejects.toMatchObject({
    name: "NotFoundException",
  });
  await expect(route(ApiId, "FETCH /a", "integrations/x")).rejects.toMatchObject({
    name: "BadRequestException",
  });
  await expect(
    apis.send(new gateway.CreateApiCommand({ Name: "ws", ProtocolType: "WEBSOCKET" })),
  ).rejects.toMatchObject({ name: "NotImplemented" });
  await expect(apis.send(new gateway.GetDomainNamesCommand({}))).rejects.toMatchObject({
    name: "NotImplemented",
  });
  const target = await integration(ApiId);
  await route(ApiId, "GET /a", target);
  await expect(route(ApiId, "GET /a", target)).rejects.toMatchObject({ name: "ConflictException" });
});
