import { ApiGatewayV2Client, GetApiCommand, GetRoutesCommand } from "@aws-sdk/client-apigatewayv2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../testing.ts";

let aws: LocalAws;
let gateway: ApiGatewayV2Client;
beforeAll(async () => {
  aws = await startLocalAws();
  gateway = aws.client(ApiGatewayV2Client);
});
afterAll(() => aws?.[Symbol.asyncDispose]());

async function functionArn(): Promise<string> {
  const Principal = { Service: "lambda.amazonaws.com" };
  const role = aws.resource("aws:iam/role:Role", "Handler");
  await role.up({
    assumeRolePolicy: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal, Action: "sts:AssumeRole" }],
    },
  });
  const fn = aws.resource("aws:lambda/function:Function", "Handler");
  const text = "export const handler = async (event) => event.routeKey + ' answered';";
  await fn.up({
    role: String(role.outputs.arn),
    runtime: "nodejs22.x",
    handler: "index.handler",
    code: {
      "4dabf18193072939515e22adb298388d": "0def7320c3a5731c473e5ecbe6d01bc7",
      assets: {
        "index.mjs": { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", text },
      },
    },
  });
  await aws.resource("aws:lambda/permission:Permission", "Handler").up({
    function: fn.id,
    action: "lambda:InvokeFunction",
    principal: "apigateway.amazonaws.com",
  });
  return String(fn.outputs.arn);
}

test("an interrupted integration is found, unless it is another resource's", async () => {
  const api = aws.resource("aws:apigatewayv2/api:Api", "Interrupted");
  await api.up({ protocolType: "HTTP" });
  const inputs = { apiId: api.id, integrationType: "HTTP_PROXY", integrationUri: "http://example.com" };
  const first = aws.resource("aws:apigatewayv2/integration:Integration", "First");
  await first.up(inputs);
  const { id } = first;
  const taken = new Set([id]);
  expect(await first.recover(inputs, taken)).toBe(false);
  expect(await first.recover({ ...inputs, integrationUri: "http://example.org" })).toBe(false);
  expect(await first.recover(inputs)).toBe(true);
  expect(first.id).toBe(id);
  const second = aws.resource("aws:apigatewayv2/integration:Integration", "Second");
  await second.up(inputs);
  const other = second.id;
  expect(await first.recover(inputs, taken)).toBe(true);
  expect(first.id).toBe(other);
});

test("an API with a route answers, changes in place, moves with the cloud and is removed", async () => {
  const api = aws.resource("aws:apigatewayv2/api:Api", "Api");
  const cors = { allowOrigins: ["https://example.com"], allowMethods: ["GET"] };
  const base = { protocolType: "HTTP", corsConfiguration: cors, tags: { a: "1" } };
  expect(await api.up(base)).toBe("create");
  expect(api.outputs).toMatchObject({
    name: expect.stringMatching(/^shop-test-Api-/),
    arn: `arn:aws:apigateway:us-east-1::/apis/${api.id}`,
    executionArn: `arn:aws:execute-api:us-east-1:000000000000:${api.id}`,
  });
  const { id } = api;
  await api.createAgain(base);
  expect(api.id).toBe(id);

  const integration = aws.resource("aws:apigatewayv2/integration:Integration");
  const integrationInputs = {
    apiId: id,
    integrationType: "AWS_PROXY",
    integrationUri: await functionArn(),
    payloadFormatVersion: "2.0",
  };
  expect(await integration.up(integrationInputs)).toBe("create");
  const route = aws.resource("aws:apigatewayv2/route:Route");
  const routeInputs = { apiId: id, routeKey: "GET /orders", target: `integrations/${integration.id}` };
  expect(await route.up(routeInputs)).toBe("create");
  const stage = aws.resource("aws:apigatewayv2/stage:Stage");
  expect(await stage.up({ apiId: id, name: "$default", autoDeploy: true })).toBe("create");
  expect(stage.outputs.invokeUrl).toBe(`${api.outputs.apiEndpoint}/`);
  expect(await (await fetch(`${api.outputs.apiEndpoint}/orders`)).text()).toBe("GET /orders answered");

  expect(await route.up({ ...routeInputs, routeKey: "GET /items" })).toBe("update");
  expect(await integration.up({ ...integrationInputs, timeoutMilliseconds: 1000 })).toBe("update");
  expect(await (await fetch(`${api.outputs.apiEndpoint}/items`)).text()).toBe("GET /items answered");
  await route.createAgain({ ...routeInputs, routeKey: "GET /items" });
  expect((await gateway.send(new GetRoutesCommand({ ApiId: id }))).Items).toHaveLength(1);

  await aws.move();
  gateway = aws.client(ApiGatewayV2Client);
  const preview = await api.preview({ protocolType: "HTTP" });
  expect(await api.up({ protocolType: "HTTP", description: "no browsers" })).toBe("update");
  expect(preview.apiEndpoint).toBe(api.outputs.apiEndpoint);
  const found = await gateway.send(new GetApiCommand({ ApiId: id }));
  expect(found.CorsConfiguration).toBeUndefined();
  expect(found.Description).toBe("no browsers");
  expect(await stage.up({ apiId: id, name: "$default", autoDeploy: true })).toBe("update");
  expect(await (await fetch(`${api.outputs.apiEndpoint}/items`)).text()).toBe("GET /items answered");

  for (const resource of [stage, route, integration, api]) {
    await resource.delete();
    expect(await resource.refresh()).toBe(false);
    await resource.delete();
  }
});

test("a route with an authorizer refuses who has no token", async () => {
  const api = aws.resource("aws:apigatewayv2/api:Api", "Guarded");
  await api.up({ protocolType: "HTTP" });
  const authorizer = aws.resource("aws:apigatewayv2/authorizer:Authorizer");
  const inputs = {
    apiId: api.id,
    authorizerType: "JWT",
    identitySources: ["$request.header.Authorization"],
    jwtConfiguration: { issuer: "https://example.com", audiences: ["shop"] },
  };
  expect(await authorizer.up(inputs)).toBe("create");
  const { id } = authorizer;
  await authorizer.createAgain(inputs);
  expect(authorizer.id).toBe(id);
  expect(
    await authorizer.up({
      ...inputs,
      jwtConfiguration: { issuer: "https://example.com", audiences: ["other"] },
    }),
  ).toBe("update");
  await authorizer.delete();
  expect(await authorizer.refresh()).toBe(false);
});
