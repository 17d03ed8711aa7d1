import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readState } from "@bowline/engine";
import { describe, expect, test } from "vitest";
import { findProject, stagePaths } from "../../config/project.ts";
import { projectKeys } from "../../secrets/key.ts";
import { type AppFolder, appFolder } from "./app-folder.ts";

const EXAMPLES = fileURLToPath(new URL("../../../../../examples", import.meta.url));
const CANARY = "canary-5d20c7aa";

/** A copy of an example, without what was made of it. */
function example(name: string): AppFolder {
  const app = appFolder({});
  for (const file of readdirSync(join(EXAMPLES, name)).filter((file) => !file.startsWith("."))) {
    if (file === "node_modules" || file === "bowline-env.d.ts") continue;
    cpSync(join(EXAMPLES, name, file), join(app.dir, file), { recursive: true });
  }
  return app;
}

function harbour(): AppFolder {
  return example("cloudflare-worker");
}

/** The generated types are those in the repository, and the code holds them. */
async function expectTypes(app: AppFolder, name: string): Promise<void> {
  expect(await app.bowline("types", "--stage", "t")).toMatchObject({ code: 0 });
  expect(readFileSync(join(app.dir, "bowline-env.d.ts"), "utf8")).toBe(
    readFileSync(join(EXAMPLES, name, "bowline-env.d.ts"), "utf8"),
  );
  expect(typeErrors(app)).toEqual([]);
}

const config = (body: string) => `
  import { aws, cloudflare, defineConfig, environment, Linkable, Secret } from "bowline/config";
  export default defineConfig({
    app: () => ({ name: "shop" }),
    run() {
      ${body}
    },
  });`;

const api = (line: string) => `export default { async fetch(request, env) { ${line} } };`;

async function textAt(url: string, path = "/"): Promise<string> {
  return (await fetch(new URL(path, url))).text();
}

/** The URL that `dev` or `deploy` tells under a name. */
async function told(started: { line(pattern: RegExp): Promise<string> }, name: string): Promise<string> {
  return (await started.line(new RegExp(`^\\s+${name}:`))).split(`${name}:`)[1]?.trim() ?? "";
}

describe("the example", { timeout: 300_000 }, () => {
  test("answers over HTTP from workerd, with every binding; its types hold; its secret is nowhere", async () => {
    await using app = harbour();
    expect(await app.bowline("secret", "set", "ApiToken", CANARY, "--stage", "t")).toMatchObject({ code: 0 });
    const ran = await app.bowline("run", "--stage", "t", "--json", "--", "node", "check.mjs");
    expect(ran.stdout).toContain("the harbour answers");
    expect(ran.code).toBe(0);
    expect(ran.stdout + ran.stderr).not.toContain(CANARY);
    expect(ran.events).toContainEqual(
      expect.objectContaining({ type: "log", source: "JobsSubscriber", message: "unloading rope" }),
    );
    expect(filesWith(join(app.dir, ".bowline"), CANARY)).toEqual([]);
    expect(filesWith(app.home, CANARY)).toEqual([]);

    await expectTypes(app, "cloudflare-worker");
    app.write({
      "src/wrong.ts": `
        import { type Env, Resource } from "bowline";
        export const unlinked = (env: Env<"Tides">) => env.Photos;
        export const misspelt = (env: Env<"Harbour">) => env.Photos.nam;
        export const other = Resource.for("Tides").Sessions;`,
    });
    expect(typeErrors(app)).toEqual([
      expect.stringContaining("src/wrong.ts(3"),
      expect.stringContaining("src/wrong.ts(4"),
      expect.stringContaining("src/wrong.ts(5"),
    ]);
  });

  test("follows an edit, logs with the user's lines, and finds its data again", async () => {
    await using app = harbour();
    const dev = app.start(["dev", "--stage", "t"]);
    const url = await told(dev, "url");
    await dev.line(/watching/);
    await fetch(new URL("/sessions/1", url), { method: "PUT", body: "kept" });
    expect(await textAt(url, "/visits")).toBe('{"visits":1}');

    const source = readFileSync(join(app.dir, "src/tides.ts"), "utf8");
    app.write({
      "src/tides.ts": source.replace(
        "at(hour: number): string {",
        'at(hour: number): string {\nconsole.warn("asked");\nif (hour > 23) throw new TypeError("no such hour");',
      ),
    });
    await dev.line(/new code for Tides/);
    expect(await textAt(url, "/tide?hour=1")).toContain("high water");
    await dev.line(/^Tides +asked/);
    expect((await fetch(new URL("/tide?hour=99", url))).status).toBe(500);
    await dev.line(/^Tides +TypeError: no such hour/);
    await dev.line(/src\/tides\.ts:\d+:\d+/);

    app.write({ "src/tides.ts": "export default {" });
    await dev.line(/Tides: src\/tides\.ts:1/);
    expect(await textAt(url, "/sessions/1")).toBe('{"session":"kept"}');
    app.write({ "src/tides.ts": source });

    dev.process.kill("SIGINT");
    expect(await dev.finished).toMatchObject({ code: 0 });
    expect(processesIn(app.dir)).toEqual([]);

    const again = app.start(["dev", "--stage", "t"]);
    expect(await told(again, "url")).toBe(url);
    expect(await textAt(url, "/sessions/1")).toBe('{"session":"kept"}');
    expect(await textAt(url, "/visits")).toBe('{"visits":2}');
    again.process.kill("SIGINT");
    await again.finished;
  });
});

describe("links in a Worker", { timeout: 240_000 }, () => {
  test("all bindings of a link, a name with a hyphen, variables, and a service binding back and forth", async () => {
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

  test("a Worker and a function use a table and call each other, each with just what it is linked to", async () => {
    await using app = example("cloudflare-and-aws");
    const ran = await app.bowline("run", "--stage", "t", "--", "node", "check.mjs");
    expect(ran.stderr).toContain(
      "Front is a Worker, which has no role in AWS: for its link to Booking, Crossings",
    );
    expect(ran.stderr).toContain("AWS_SECRET_ACCESS_KEY");
    expect(ran.stderr).toContain("Front may not dynamodb:PutItem on Crossings");
    expect(ran.stdout).toContain("the ferry runs");
    expect(ran.code).toBe(0);
    await expectTypes(app, "cloudflare-and-aws");
    const removed = await app.bowline("remove", "--stage", "t", "--json");
    expect(removed).toMatchObject({ code: 0 });
    expect(removed.events.filter(({ type }) => type === "error")).toEqual([]);
    expect(readdirSync(join(app.dir, ".bowline/stages/t/workers"), { recursive: true })).toEqual([
      "objects",
      "ports.json",
    ]);
  });

  test("an unmodified program of another provider plans here, and gets the variables of its links", async () => {
    await using app = example("vercel-env");
    expect(await app.bowline("secret", "set", "CatalogueKey", CANARY, "--stage", "t")).toMatchObject({
      code: 0,
    });
    const deployed = await app.bowline("deploy", "--stage", "t", "--json");
    expect(deployed.code).toBe(0);
    expect(deployed.events.at(-1)).toMatchObject({ outputs: { project: "sailmaker" } });
    for (const type of [
      "vercel:index/project:Project",
      "vercel:index/projectEnvironmentVariables:ProjectEnvironmentVariables",
    ]) {
      expect(deployed.events).toContainEqual(
        expect.objectContaining({
          type: "warning",
          message: expect.stringContaining(`${type} is not emulated`),
        }),
      );
    }
    expect(deployed.stdout + deployed.stderr).not.toContain(CANARY);
    expect(filesWith(join(app.dir, ".bowline"), CANARY)).toEqual([]);
    const variables = await deployedInput(
      app,
      "vercel:index/projectEnvironmentVariables:ProjectEnvironmentVariables",
    );
    expect(variables).toMatch(/SST_RESOURCE_Patterns.*sailmaker-t-patterns/);
    expect(variables).toMatch(new RegExp(`SST_RESOURCE_CatalogueKey.*${CANARY}`));
  });
});

const WORKER = (more = "") => `new cloudflare.Worker("Api", { handler: "src/api.ts", url: true, ${more} });`;

const mistakes: readonly [
  name: string,
  files: Record<string, string>,
  messages: readonly string[],
  code: number,
][] = [
  [
    "a handler that is not there",
    { "bowline.config.ts": config('new cloudflare.Worker("Api", { handler: "src/nowhere.ts" });') },
    ['Api: there is no file for the handler "src/nowhere.ts"'],
    2,
  ],
  [
    "a handler named as a function's is",
    {
      "bowline.config.ts": config('new cloudflare.Worker("Api", { handler: "src/api.default" });'),
      "src/api.ts": api("return new Response();"),
    },
    ['A Worker\'s handler is the file itself: "src/api.ts"'],
    2,
  ],
  [
    "a handler without a default export",
    { "bowline.config.ts": config(WORKER()), "src/api.ts": "export const handler = () => {};" },
    ["Api: src/api.ts has no default export", "It exports handler"],
    2,
  ],
  [
    "a syntax error names file and line",
    { "bowline.config.ts": config(WORKER()), "src/api.ts": "export default {\n  fetch( {\n" },
    ["Api: src/api.ts:"],
    2,
  ],
  [
    "a Durable Object's class that is not exported",
    { "bowline.config.ts": config(WORKER('durableObjects: { Rooms: "Room" }')), "src/api.ts": api("") },
    ['Api: src/api.ts does not export the class "Room"'],
    2,
  ],
  [
    "a link that the Worker does not have, read from env and from Resource",
    {
      "bowline.config.ts": config(`new cloudflare.Kv("Store"); ${WORKER()}`),
      "src/api.ts": `import { Resource } from "bowline";\n${api("return new Response(await env.Store.get('a') + Resource.Store.id);")}`,
    },
    ["src/api.ts:2:", "Api reads env.Store, but is not linked to it", "Api reads Resource.Store"],
    2,
  ],
  [
    "what is thrown when it starts, with the user's own line",
    {
      "bowline.config.ts": config(WORKER()),
      "src/api.ts": `const rope: string[] = [];\nrope[0].length;\n${api("return new Response();")}`,
    },
    ["Api does not start: Uncaught TypeError", "src/api.ts:2:"],
    1,
  ],
  [
    "two things under one name in env",
    {
      "bowline.config.ts": config(
        `const store = new cloudflare.Kv("Store"); ${WORKER('link: [store], environment: { Store: "x" }')}`,
      ),
      "src/api.ts": api(""),
    },
    ["Api: env.Store would be the link Store and a variable of its environment"],
    2,
  ],
  [
    "a property that would hide a method of its binding",
    {
      "bowline.config.ts": config(`
        const odd = new Linkable("Odd", { properties: { get: 1 }, include: [cloudflare.binding({ type: "kvNamespaceBindings", properties: { namespaceId: "x" } })] });
        ${WORKER("link: [odd]")}`),
      "src/api.ts": api(""),
    },
    ['the property "get" of the link Odd would hide the method'],
    2,
  ],
];

describe("mistakes are told", { timeout: 120_000 }, () => {
  test.each(mistakes)("%s", async (_name, files, messages, code) => {
    await using app = appFolder(files);
    const finished = await app.bowline("deploy", "--stage", "t");
    for (const message of messages) expect(finished.stderr).toContain(message);
    expect(finished.code).toBe(code);
  });

  test("miniflare is missing", async () => {
    await using app = appFolder({ "bowline.config.ts": config(WORKER()), "src/api.ts": api("") });
    const finished = await app.start(["deploy", "--stage", "t"], { BOWLINE_MINIFLARE: "not-there" }).finished;
    expect(finished.stderr).toContain("miniflare, which runs them here, is not installed");
    expect(finished.stderr).toContain("npm install --save-dev miniflare@4");
    expect(finished.code).toBe(2);
  });

  test("another program has the Worker's port", async () => {
    await using app = appFolder({
      "bowline.config.ts": config(`return { url: ${WORKER().slice(0, -1)}.url };`),
      "src/api.ts": api('return new Response("here");'),
    });
    const first = await app.bowline("deploy", "--stage", "t", "--json");
    const { outputs } = first.events.at(-1) as { outputs: { url: string } };
    const { url } = outputs;
    const other = createServer().listen(Number(new URL(url).port), "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    try {
      const dev = app.start(["dev", "--stage", "t"]);
      const moved = await told(dev, "url");
      expect(moved).not.toBe(url);
      await dev.line(/in use by another program: the Worker .* moves to port/);
      expect(await textAt(moved)).toBe("here");
      dev.process.kill("SIGINT");
      await dev.finished;
    } finally {
      other.close();
    }
  });
});

/** What a resource was deployed with, secrets decrypted, as JSON. */
async function deployedInput(app: AppFolder, type: string): Promise<string> {
  const project = findProject(app.dir);
  process.env.XDG_CONFIG_HOME = app.home;
  const { resources } = await readState(stagePaths(project, "t").state, projectKeys(project).state);
  return JSON.stringify(resources.find((resource) => resource.type === type)?.inputs);
}

function typeErrors(app: AppFolder): string[] {
  try {
    execFileSync(process.execPath, [join(app.dir, "node_modules/typescript/bin/tsc"), "-p", app.dir], {
      cwd: app.dir,
    });
    return [];
  } catch (error) {
    return String((error as { stdout: Buffer }).stdout)
      .split("\n")
      .filter((line) => /^\S+\(\d/.test(line));
  }
}

function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}

/** Processes that still mention the app's folder. */
function processesIn(dir: string): string[] {
  return execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(dir));
}
