import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appFolder } from "./app-folder.ts";
import { config, told } from "./worker-apps.ts";

test("all bindings of a link, a name with a hyphen, variables, and a service binding back and forth", {
  timeout: 240000,
}, async () => {
  await using app = appFolder({
    "bowline.config.ts": config(`
      const kv = new cloudflare.Kv("Store");
      const files = new cloudflare.Bucket("Files");
      const shared = new Linkable("Shared", {
        properties: { ttl: 60 },
        include: [
          cloudflare.binding({ type: "kvNamespaceBindings", properties: { namespaceId: kv.id } }),
          cloudflare.binding({ type: "r2BucketBindings", as: "files", properties: { bucketName: files.name } }),
          cloudflare.binding({ type: "plainTextBindings", as: "word", properties: { text: "rope" } }),
          environment({ FROM_LINK: "link", BOTH: "link" }),
        ],
      });
      const queue = new cloudflare.Kv("order-queue");
      const pong = new cloudflare.Worker("Pong", { handler: "src/pong.js", link: [() => ping] });
      const ping = new cloudflare.Worker("Ping", {
        handler: "src/ping.js", url: true, link: [shared, queue, pong],
        environment: { BOTH: "own", WORD: new Secret("Word", "hush").value },
      });
      return { url: ping.url };`),
    "src/pong.js": `import { WorkerEntrypoint } from "cloudflare:workers";
      export default class extends WorkerEntrypoint {
        async add(a, b) { return a + b + (await (await this.env.Ping.fetch("http://ping/name")).text()).length; }
      }`,
    "src/ping.js": `
      import { env as early } from "cloudflare:workers";
      import { Resource } from "bowline";
      const atStart = [early.Shared.ttl, Resource.Shared.word, Object.keys(Resource.Shared).includes("ttl")];
      export default {
        async fetch(request, env) {
          if (new URL(request.url).pathname === "/name") return new Response("ping");
          await env.Shared.put("k", "v");
          await env.Shared.files.put("f", "in the file");
          await env["order-queue"].put("q", "queued");
          let missing = "";
          try { Resource[["No", "pe"].join("")]; } catch (error) { missing = error.message; }
          return Response.json({
            atStart, kv: await Resource.Shared.get("k"),
            file: await (await Resource.Shared.files.get("f")).text(),
            queue: await Resource["order-queue"].get("q"),
            variables: [env.FROM_LINK, env.BOTH, env.WORD],
            same: env.Shared === Resource.Shared && env.Shared.files === early.Shared.files,
            app: Resource.App, sum: await env.Pong.add(1, 2), missing,
          });
        },
      };`,
  });
  const dev = app.start(["dev", "--stage", "t"]);
  const url = await told(dev, "url");
  expect(await (await fetch(url)).json()).toEqual({
    atStart: [60, "rope", true],
    kv: "v",
    file: "in the file",
    queue: "queued",
    variables: ["link", "own", "hush"],
    same: true,
    app: { name: "shop", stage: "t" },
    sum: 7,
    missing: expect.stringContaining("Resource.Nope is missing"),
  });
  dev.process.kill("SIGINT");
  await dev.finished;
});

const counter = (name: string) => `
  import { DurableObject } from "cloudflare:workers";
  export class ${name} extends DurableObject {
    async count() {
      const count = ((await this.ctx.storage.get("count")) ?? 0) + 1;
      await this.ctx.storage.put("count", count);
      return count;
    }
  }
  export default { async fetch(request, env) { return new Response(String(await env.Counts.getByName("all").count())); } };`;

const counting = (more: string) =>
  config(
    `return { url: new cloudflare.Worker("Api", { handler: "src/api.ts", domain: "api.example.com", ${more} }).url };`,
  );

test("a Durable Object keeps what it holds under another name of its class, until the class is deleted", {
  timeout: 240_000,
}, async () => {
  await using app = appFolder({});
  const dev = async (source: string, more: string) => {
    app.write({ "src/api.ts": source, "bowline.config.ts": counting(more) });
    const started = app.start(["dev", "--stage", "t"]);
    const url = await told(started, "url");
    const answer = await (await fetch(url)).text();
    started.process.kill("SIGINT");
    return { answer, said: (await started.finished).stderr };
  };
  const first = await dev(counter("Counter"), 'durableObjects: { Counts: "Counter" }');
  expect(first.answer).toBe("1");
  expect(first.said).toContain("Custom domains need Cloudflare itself");
  const renamed = 'durableObjects: { Counts: { class: "Tally", renamedFrom: "Counter" } }';
  expect((await dev(counter("Tally"), renamed)).answer).toBe("2");
  const again = await dev(counter("Tally"), renamed);
  expect(again.answer).toBe("3");
  expect(again.said).not.toContain("updated");
  const other = await dev(counter("Other"), 'durableObjects: { Counts: "Other" }');
  expect(other.answer).toBe("1");
  expect(other.said).toContain("there are Durable Objects of Tally, which is no longer declared");
  const deleted = await dev(
    counter("Tally"),
    'durableObjects: { Counts: "Tally" }, deletedDurableObjects: ["Other"]',
  );
  expect(deleted.answer).toBe("4");
  const data = join(app.dir, ".bowline/stages/t/workers/data/do");
  expect(readdirSync(data, { withFileTypes: true }).filter((entry) => entry.isDirectory())).toMatchObject([
    { name: "shop-t-api-Counter" },
  ]);
});
