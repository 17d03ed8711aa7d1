/** Links that go round in a circle: they work, or fail with the way out; never do they hang. */
import { describe, expect, test } from "vitest";
import { appFolder } from "./app-folder.ts";

const config = (body: string) => `
  import { output } from "@pulumi/pulumi";
  import { aws, defineConfig } from "bowline/config";
  export default defineConfig({
    app: () => ({ name: "circle" }),
    run() {
      ${body}
    },
  });`;

/** Invokes the other one, unless it was itself invoked by it. */
const handler = (other: string) => `
  import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
  import { Resource } from "bowline";
  export const handler = async (event: any) => {
    if (event.hops === 0) return { end: "${other}" };
    const call = { FunctionName: Resource.${other}.name, Payload: JSON.stringify({ hops: (event.hops ?? 3) - 1 }) };
    const { Payload } = await new LambdaClient({}).send(new InvokeCommand(call));
    return { via: "${other}", arn: Resource.${other}.arn, next: JSON.parse(Buffer.from(Payload ?? []).toString()) };
  };`;

const HANDLERS = { "src/ping.ts": handler("Pong"), "src/pong.ts": handler("Ping") };

describe("links in a circle", { timeout: 60_000 }, () => {
  test("an API's URL is known to a function of that API, and two functions invoke each other", async () => {
    await using app = appFolder({
      ...HANDLERS,
      "bowline.config.ts": config(`
        const api = new aws.ApiGatewayV2("Api");
        api.route("GET /", { handler: "src/api.handler", link: [api] });
        const ping = new aws.Function("Ping", { handler: "src/ping.handler", url: true, link: [() => pong] });
        const pong: aws.Function = new aws.Function("Pong", { handler: "src/pong.handler", link: [ping.link().removeProperties("url")] });`),
      "src/api.ts": `
        import { Resource } from "bowline";
        export const handler = async () => ({ url: Resource.Api.url });`,
      "call.mjs": `
        import { Resource } from "bowline";
        const api = await (await fetch(Resource.Api.url)).json();
        const ping = await (await fetch(Resource.Ping.url)).json();
        console.log(JSON.stringify({ same: api.url === Resource.Api.url, arns: [Resource.Pong.arn, Resource.Ping.arn], ping }));`,
    });
    const finished = await app.bowline("run", "--stage", "t", "--", "node", "call.mjs");
    expect(finished.stderr).not.toMatch(/[✗!]/);
    const { same, arns, ping } = JSON.parse(finished.stdout);
    expect(same).toBe(true);
    expect(ping).toEqual({
      via: "Pong",
      arn: arns[0],
      next: { via: "Ping", arn: arns[1], next: { via: "Pong", arn: arns[0], next: { end: "Ping" } } },
    });

    const again = await app.bowline("deploy", "--stage", "t", "--json");
    expect(again.events.filter((event) => event.type === "resource")).toEqual([]);
    expect(await app.bowline("types", "--check")).toMatchObject({ code: 0 });
  });

  test("a late link is checked as any other, before anything is created", async () => {
    await using app = appFolder({
      ...HANDLERS,
      "bowline.config.ts": config(`
        let pong: aws.Function | undefined;
        new aws.Function("Ping", { handler: "src/ping.handler", link: [() => pong as aws.Function] });`),
    });
    const finished = await app.bowline("deploy", "--stage", "t");
    expect(finished.stderr).toContain("Ping: link[0] is undefined.");
    expect(finished.stderr).not.toMatch(/^\+ /m);
    expect(finished.code).toBe(2);
  });

  test("URLs that need each other are told before anything is created, with the way out", async () => {
    await using app = appFolder({
      ...HANDLERS,
      "bowline.config.ts": config(`
        const ping = new aws.Function("Ping", { handler: "src/ping.handler", url: true, link: [() => pong] });
        const pong: aws.Function = new aws.Function("Pong", { handler: "src/pong.handler", link: [ping] });`),
    });
    const finished = await app.bowline("deploy", "--stage", "t");
    expect(finished.stderr).toContain(
      "Ping and Pong wait for each other: none can be made before the other.",
    );
    expect(finished.stderr).toContain('link().removeProperties("url")');
    expect(finished.stderr).not.toMatch(/^\+ /m);
    expect(finished.code).toBe(2);
  });

  test("a circle that shows only in Outputs is told as well, and is not waited for", async () => {
    await using app = appFolder({
      ...HANDLERS,
      "bowline.config.ts": config(`
        const later = Promise.withResolvers<aws.Function>();
        const ping = new aws.Function("Ping", { handler: "src/ping.handler", link: [output(later.promise)] });
        const pong = new aws.Function("Pong", { handler: "src/pong.handler", link: [ping] });
        later.resolve(pong);`),
    });
    for (const command of ["diff", "deploy"]) {
      const finished = await app.bowline(command, "--stage", "t");
      expect(finished.stderr).toContain("Ping and Pong wait for each other");
      expect(finished.stderr).toContain("link: [() => pong]");
      expect(finished.stderr).not.toContain("fault in Bowline");
      expect(finished.code).toBe(2);
    }
  });
});
