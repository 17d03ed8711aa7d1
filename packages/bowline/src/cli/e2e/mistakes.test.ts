import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { appFolder } from "./app-folder.ts";

const config = (body: string) => `
  import { aws, defineConfig, Linkable, Secret } from "bowline/config";
  export default defineConfig({
    app: () => ({ name: "shop" }),
    run() {
      const first = new aws.Bucket("First");
      ${body}
    },
  });`;

const HANDLER = { "src/api.ts": "export const handler = async () => 'ok';" };

/** Each mistake, what is told, and what it exits with. */
const mistakes: readonly [
  name: string,
  files: Record<string, string>,
  messages: readonly string[],
  code: number,
][] = [
  [
    "unset secrets are listed all at once",
    { "bowline.config.ts": config('new Secret("StripeKey"); new Secret("MailKey");') },
    [
      "The secret StripeKey has no value",
      "bowline secret set StripeKey --stage t",
      "The secret MailKey has no value",
    ],
    2,
  ],
  [
    "an undefined link names the function and the place",
    {
      ...HANDLER,
      "bowline.config.ts": config(
        'new aws.Function("Api", { handler: "src/api.handler", link: [first, undefined as any] });',
      ),
    },
    ["Api: link[1] is undefined."],
    2,
  ],
  [
    "a Linkable without properties says what to write",
    { "bowline.config.ts": config('new Linkable("Settings", {} as any);') },
    ['Linkable "Settings" has no properties.', 'new Linkable("Settings", { properties:'],
    2,
  ],
  [
    "an unknown handler file says where it was looked for",
    { "bowline.config.ts": config('new aws.Function("Api", { handler: "src/nowhere.handler" });') },
    ['Api: there is no file for the handler "src/nowhere.handler"', "Looked for src/nowhere.ts"],
    2,
  ],
  [
    "an unknown export says what there is",
    { ...HANDLER, "bowline.config.ts": config('new aws.Function("Api", { handler: "src/api.main" });') },
    ['Api: src/api.ts does not export "main"', "It exports handler"],
    2,
  ],
  [
    "a syntax error in the config names file and line",
    { "bowline.config.ts": `${config("")}\nconst = 3;` },
    ["bowline.config.ts:10:7", "const = 3"],
    2,
  ],
  [
    "a syntax error in a handler names file and line",
    {
      "src/api.ts": "export const handler = async () => {\n  return {;\n};",
      "bowline.config.ts": config('new aws.Function("Api", { handler: "src/api.handler" });'),
    },
    ["Api: src/api.ts:2:"],
    2,
  ],
  [
    "two components of one name, whatever the case",
    { "bowline.config.ts": config('new aws.Bucket("first");') },
    ['Bucket and Bucket "First" are named "first" and "First"'],
    2,
  ],
  [
    "an error the program throws is shown with its own line",
    { "bowline.config.ts": config("throw new RangeError('too many buckets');") },
    ["too many buckets", "bowline.config.ts:7"],
    1,
  ],
];

describe("a mistake is one clear message, and nothing is created", { timeout: 60_000 }, () => {
  test.each(mistakes)("%s", async (_name, files, messages, code) => {
    await using app = appFolder(files);
    const finished = await app.bowline("deploy", "--stage", "t");
    for (const message of messages) expect(finished.stderr).toContain(message);
    expect(finished.stderr).not.toContain("fault in Bowline");
    expect(finished.code).toBe(code);
    expect(finished.stderr).not.toMatch(/^\+ /m);
    expect(await app.bowline("outputs", "--stage", "t")).toMatchObject({ code: 1 });
  });

  test("no config at all", async () => {
    await using app = appFolder({});
    expect(await app.bowline("deploy")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("There is no bowline.config.ts"),
    });
  });

  test("an unknown command and an unknown option", async () => {
    await using app = appFolder({ "bowline.config.ts": config("") });
    expect(await app.bowline("deplyo")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no command "deplyo"'),
    });
    expect(await app.bowline("deploy", "--stge", "t")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--stge"),
    });
  });

  test("a port in use", async () => {
    await using app = appFolder({ "bowline.config.ts": config("") });
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = String(typeof address === "object" && address ? address.port : 0);
    const finished = await app.bowline("deploy", "--stage", "t", "--port", port);
    server.close();
    expect(finished.stderr).toContain(`Port ${port} is in use`);
    expect(finished.code).toBe(1);
  });

  test("no Python for a Python function", async () => {
    await using app = appFolder({
      "src/report.py": "def handler(event, context):\n    return 1\n",
      "bowline.config.ts": config(
        'new aws.Function("Report", { handler: "src/report.handler", runtime: "python3.12" });',
      ),
    });
    const finished = await app.start(["deploy", "--stage", "t"], { PATH: join(app.dir, "nothing") }).finished;
    expect(finished.stderr).toContain("Report runs on python3.12, and this machine has no Python 3.");
    expect(finished.code).toBe(1);
    expect(
      existsSync(join(app.dir, ".bowline/stages/t/state/checkpoint.json"))
        ? readFileSync(join(app.dir, ".bowline/stages/t/state/checkpoint.json"), "utf8")
        : "",
    ).not.toContain("aws:s3");
  });

  test("with --json the error is an event, and the summary comes last", async () => {
    await using app = appFolder({ "bowline.config.ts": config('new Secret("StripeKey");') });
    const finished = await app.bowline("deploy", "--stage", "t", "--json");
    // A busy machine takes long enough to be told what is waited for.
    const events = finished.events.filter(({ type }) => type !== "progress");
    expect(events.map(({ type }) => type)).toEqual(["start", "error", "summary"]);
    expect(events[1]).toMatchObject({
      code: "unset-secret",
      hint: "Set it: bowline secret set StripeKey --stage t",
    });
    expect(events[2]).toMatchObject({ ok: false, exitCode: 2 });
  });
});
