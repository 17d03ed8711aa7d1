import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { appFolder } from "./app-folder.ts";

const CONFIG = `
  import { aws, defineConfig } from "bowline/config";
  export default defineConfig({
    app: () => ({ name: "shop" }),
    run() {
      const api = new aws.Function("Api", { handler: "src/api.handler", url: true });
      return { api: api.url };
    },
  });`;
const APP = {
  "bowline.config.ts": CONFIG,
  "src/api.ts": "export const handler = () => process.exit(3);",
};

describe("what someone who is new here runs into", { timeout: 60_000 }, () => {
  test("an answer is given once, on stdout", async () => {
    await using app = appFolder({ "bowline.config.ts": CONFIG });
    await app.bowline("secret", "set", "StripeKey", "canary-7", "--stage", "t");
    const values = await app.bowline("secret", "list", "--values", "--stage", "t");
    expect(values).toMatchObject({ code: 0, stdout: "StripeKey=canary-7\n" });
    expect(values.stderr).not.toContain("canary-7");
    const names = await app.bowline("secret", "list", "--stage", "t");
    expect(names.stderr).not.toContain("StripeKey");
    const json = await app.bowline("secret", "list", "--stage", "t", "--json");
    expect(json.events.at(-1)).toMatchObject({ outputs: { names: ["StripeKey"] } });
  });

  test("a secret's value that was not quoted is refused, and not repeated", async () => {
    await using app = appFolder({ "bowline.config.ts": CONFIG });
    const set = await app.bowline("secret", "set", "StripeKey", "two", "words", "--stage", "t");
    expect(set.code).toBe(2);
    expect(set.stderr).toContain("quote a value that has spaces");
    expect(set.stderr).not.toContain("words\n");
    expect(await app.bowline("secret", "constructor")).toMatchObject({ code: 2 });
  });

  test("a command without -- is shown with it", async () => {
    await using app = appFolder({ "bowline.config.ts": CONFIG });
    const run = await app.bowline("run", "npm", "test");
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining("bowline run -- npm test") });
  });

  test("a stage whose port is taken moves to another, and says so; its URLs end with deploy", async () => {
    await using app = appFolder(APP);
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    app.write({ ".bowline/stages/t/port": `${port}\n` });
    const finished = await app.bowline("deploy", "--stage", "t");
    server.close();
    expect(finished.stderr).toMatch(new RegExp(`Port ${port} is in use .* moves to port \\d+`));
    expect(finished.stderr).toContain("Keep it up: bowline dev --stage t");
    expect(finished.code).toBe(0);
  });

  test("new stages that start at the same time do not trip over each other's port", async () => {
    const apps = Array.from({ length: 4 }, () => appFolder(APP));
    try {
      const finished = await Promise.all(apps.map((app) => app.bowline("deploy", "--stage", "t")));
      expect(finished.map(({ code, stderr }) => (code === 0 ? "" : stderr))).toEqual(["", "", "", ""]);
    } finally {
      for (const app of apps) await app[Symbol.asyncDispose]();
    }
  });

  test("a function that ends without a word is told of", async () => {
    await using app = appFolder(APP);
    const dev = app.start(["dev", "--stage", "t", "--port", "0"]);
    const line = await dev.line(/api: /);
    expect((await fetch(line.replace(/.*api: /, ""))).status).toBe(502);
    expect(await dev.line(/exit status 3/)).toMatch(/^Api {2}Runtime exited with error: exit status 3$/);
    dev.process.kill("SIGINT");
    await dev.finished;
  });

  test("a state that cannot be read ends the command", async () => {
    await using app = appFolder(APP);
    app.write({ ".bowline/stages/t/state/state.json": '{"broken' });
    const finished = await app.bowline("deploy", "--stage", "t", "--port", "0");
    expect(finished.code).toBe(1);
    expect(finished.stderr).toContain("✗");
  });
});
