/** What went wrong once for people, and must not again. */
import { describe, expect, test } from "vitest";
import { appFolder } from "./app-folder.ts";

const config = (run: string) => `
  import { aws, defineConfig } from "bowline/config";
  export default defineConfig({ app: () => ({ name: "shop" }), async run() { ${run} } });`;

describe("faults of before", { timeout: 90_000 }, () => {
  test("a command that is not there is refused before the app is started", async () => {
    await using app = appFolder({ "bowline.config.ts": config('new aws.Bucket("Files");') });
    const finished = await app.bowline("run", "--stage", "t", "--", "nosuchcmd", "x");
    expect(finished).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no command "nosuchcmd".'),
    });
    expect(finished.stderr).not.toContain("+ Files");
  });

  test("dates and large numbers are shown as text, and a function is refused by its name", async () => {
    await using app = appFolder({
      "bowline.config.ts": config(
        'new aws.Bucket("Files"); return { at: new Date(0), big: 12345678901234567890n };',
      ),
    });
    const finished = await app.bowline("deploy", "--stage", "t");
    expect(finished.stderr).toContain("at: 1970-01-01T00:00:00.000Z");
    expect(finished.stderr).toContain("big: 12345678901234567890");
    app.write({ "bowline.config.ts": config("return { odd: [() => 1] };") });
    expect(await app.bowline("deploy", "--stage", "t")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("The output odd[0] is a function"),
    });
  });

  test("a link nobody reads is told once for the same code, and what is counted is said", async () => {
    await using app = appFolder({
      "bowline.config.ts": config(
        'new aws.Function("Api", { handler: "api.handler", link: [new aws.Bucket("Files")] });',
      ),
      "api.ts": "export const handler = async () => 1;",
    });
    const plan = await app.bowline("diff", "--stage", "t");
    expect(plan.stderr).toContain("never reads");
    expect(plan.stderr).toMatch(/✓ \d+ resources to create/);
    expect((await app.bowline("deploy", "--stage", "t")).stderr).not.toContain("never reads");
    expect((await app.bowline("check")).stderr).toContain("never reads");
    app.write({ "api.ts": "export const handler = async () => 2;" });
    expect((await app.bowline("deploy", "--stage", "t")).stderr).toContain("never reads");
  });

  test("a config that waits for a value of what it declares gets it", async () => {
    await using app = appFolder({
      "bowline.config.ts": config(`
        const files = new aws.Bucket("Files");
        const name = await new Promise((resolve) => files.name.apply(resolve));
        new aws.Queue("After");
        return { name };`),
    });
    const finished = await app.bowline("deploy", "--stage", "t");
    expect(finished).toMatchObject({ code: 0, stderr: expect.stringContaining("name: shop-t-files-") });
    expect(finished.stderr).toContain("+ After");
  });

  test("a config that waits for ever says so soon", async () => {
    await using app = appFolder({
      "bowline.config.ts": config("setInterval(() => {}, 1000); await new Promise(() => {});"),
    });
    const started = app.start(["diff", "--stage", "t"]);
    await started.line(/Still waiting for run\(\) of the config/);
    started.process.kill("SIGKILL");
    await started.finished;
  });

  test("a config that never yields ends with the command that runs it, however that ends", async () => {
    await using app = appFolder({
      "bowline.config.ts": config(
        "console.log('pid', process.pid, '.'); setTimeout(() => { for (;;); }, 100); await new Promise(() => {});",
      ),
    });
    const started = app.start(["diff", "--stage", "t"]);
    const pid = Number(/pid (\d+) \./.exec(await started.line(/pid \d+ \./))?.[1]);
    await started.line(/Still waiting for run\(\) of the config/);
    started.process.kill("SIGKILL");
    await started.finished;
    await expect.poll(() => isAlive(pid), { timeout: 30_000 }).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
