import { expect, test } from "vitest";
import { ApiGatewayV2, Function as LambdaFunction, Queue } from "./index.ts";
import { startTestApp } from "./testing.ts";

const files = {
  "src/echo.ts": `export const handler = async (event: { routeKey: string; pathParameters?: object }) =>
    ({ statusCode: 200, body: JSON.stringify({ route: event.routeKey, ...event.pathParameters, jobs: process.env.SST_RESOURCE_Jobs !== undefined }) });`,
};

test("an API answers its routes with functions, linked to what the API and they are linked to", async () => {
  await using app = await startTestApp(files);
  const { outputs } = await app.deploy(() => {
    const jobs = new Queue("Jobs");
    const api = new ApiGatewayV2("Api", { link: [jobs] });
    api.route("GET /orders/{id}", "src/echo.handler");
    api.route("post /orders", { handler: "src/echo.handler" });
    api.route("GET /a/b", new LambdaFunction("Other", { handler: "src/echo.handler" }));
    api.route("GET /a-b", "src/echo.handler", { auth: { iam: true } });
    return { url: api.url };
  });
  const ask = async (method: string, path: string) => fetch(`${outputs.url}${path}`, { method });
  expect(await (await ask("GET", "/orders/7")).json()).toEqual({
    route: "GET /orders/{id}",
    id: "7",
    jobs: true,
  });
  expect(await (await ask("POST", "/orders")).json()).toEqual({ route: "POST /orders", jobs: true });
  expect(await (await ask("GET", "/a/b")).json()).toEqual({ route: "GET /a/b", jobs: false });
  expect((await ask("GET", "/a-b")).status).toBe(403);
  expect((await ask("GET", "/nowhere")).status).toBe(404);
});

test.each([
  [
    "a route that is none",
    (api: ApiGatewayV2) => api.route("/orders", "src/echo.handler"),
    'the route "/orders" is none',
  ],
  [
    "a route twice",
    (api: ApiGatewayV2) => {
      api.route("GET /orders", "src/echo.handler");
      api.route("get /orders", "src/echo.handler");
    },
    'has the route "GET /orders" twice',
  ],
])("%s is refused", async (_what, declare, message) => {
  await using app = await startTestApp(files);
  await expect(
    app.deploy(() => {
      declare(new ApiGatewayV2("Api"));
      return {};
    }),
  ).rejects.toThrow(message);
});
