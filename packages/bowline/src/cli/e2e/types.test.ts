import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { appFolder } from "./app-folder.ts";

const CONFIG = `
  import { aws, defineConfig, Linkable, Secret } from "bowline/config";
  export default defineConfig({
    app: () => ({ name: "shop" }),
    run() {
      const orders = new aws.Dynamo("Orders", { fields: { id: "string" }, primaryIndex: { hashKey: "id" } });
      const key = new Secret("StripeKey");
      const settings = new Linkable("Settings", { properties: { retries: 3, regions: ["eu"], nothing: null, table: orders.name } });
      new aws.Function("Api", { handler: "src/api.handler", link: [orders, key, settings] });
      new aws.Function("Report", { handler: "src/report.handler", runtime: "python3.11", link: [orders.link("read")] });
    },
  });`;

const FILES = {
  "bowline.config.ts": CONFIG,
  "src/api.ts": `
    import { Resource } from "bowline";
    export const handler = async () => [Resource.Orders.name, Resource.StripeKey.value, Resource.Settings.retries + 1];`,
  "src/report.py":
    "from bowline import Resource\n\n\ndef handler(event, context):\n    return Resource.Orders.name\n",
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      strict: true,
      noEmit: true,
      module: "preserve",
      moduleResolution: "bundler",
      target: "es2023",
      types: [],
      skipLibCheck: true,
    },
    include: ["src", "bowline-env.d.ts"],
  }),
};

/** The errors TypeScript has with the app's own code. */
function typeErrors(dir: string, root = dir): string {
  try {
    return execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", dir], {
      encoding: "utf8",
      cwd: dir,
    });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

describe("types", { timeout: 60_000 }, () => {
  test("need no deployment and no secret; what is linked type-checks, what is not does not", async () => {
    await using app = appFolder(FILES);
    expect(await app.bowline("types")).toMatchObject({ code: 0 });
    const text = readFileSync(join(app.dir, "bowline-env.d.ts"), "utf8");
    expect(text).toContain("regions: string[];");
    expect(text).not.toContain('"eu"');
    expect(typeErrors(app.dir)).toBe("");
    expect(existsSync(join(app.dir, "src/bowline_resources.py"))).toBe(true);
    expect(existsSync(join(app.dir, ".bowline/stages"))).toBe(false);

    app.write({
      "src/wrong.ts":
        'import { Resource } from "bowline";\nResource.Orders.tableName;\nResource.NonExistent.name;\nResource.for("Report").StripeKey;\n',
    });
    const errors = typeErrors(app.dir);
    expect(errors).toContain("src/wrong.ts(2,17)");
    expect(errors).toContain("src/wrong.ts(3,10)");
    expect(errors).toContain("src/wrong.ts(4,24)");
  });

  test("a package with handlers of its own has just their links", async () => {
    await using app = appFolder({
      "bowline.config.ts": `
        import { aws, defineConfig } from "bowline/config";
        export default defineConfig({
          app: () => ({ name: "shop" }),
          run() {
            const orders = new aws.Bucket("Orders");
            const mail = new aws.Bucket("Mail");
            new aws.Function("Api", { handler: "packages/api/src/api.handler", link: [orders] });
            new aws.Function("Web", { handler: "src/web.handler", link: [mail] });
          },
        });`,
      "packages/api/package.json": JSON.stringify({ name: "api" }),
      "packages/api/tsconfig.json": FILES["tsconfig.json"],
      "packages/api/src/api.ts":
        'import { Resource } from "bowline";\nexport const a: string = Resource.Orders.name;\nResource.Mail;\n',
    });
    expect(await app.bowline("types")).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("packages/api/bowline-env.d.ts"),
    });
    const errors = typeErrors(join(app.dir, "packages/api"), app.dir);
    expect(errors).toContain("src/api.ts(3,10)");
    expect(errors).not.toContain("src/api.ts(2");
    app.write({ "packages/api/bowline-env.d.ts": "" });
    expect(await app.bowline("types", "--check")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Not up to date: packages/api/bowline-env.d.ts"),
    });
  });

  test("--check fails when a file is not up to date, and writes nothing", async () => {
    await using app = appFolder(FILES);
    expect(await app.bowline("types", "--check")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("bowline-env.d.ts"),
    });
    expect(existsSync(join(app.dir, "bowline-env.d.ts"))).toBe(false);
    await app.bowline("types");
    expect(await app.bowline("types", "--check")).toMatchObject({ code: 0 });
  });
});

describe("the static check", { timeout: 60_000 }, () => {
  test("a link the function does not have is an error with its place, before anything is created", async () => {
    await using app = appFolder(FILES);
    app.write({
      "src/api.ts":
        'import { Resource } from "bowline";\nexport const handler = () => Resource.Order.name;\n',
    });
    await app.bowline("secret", "set", "StripeKey", "x", "--stage", "t");
    const finished = await app.bowline("deploy", "--stage", "t");
    expect(finished.stderr).toContain("src/api.ts:2:39: Api reads Resource.Order, but is not linked to it.");
    expect(finished.stderr).toContain("Did you mean Orders?");
    expect(finished.code).toBe(2);
    expect(await app.bowline("outputs", "--stage", "t")).toMatchObject({ code: 1 });
  });

  test("check needs no deployment, sees Python as well, and warns of a link nobody reads", async () => {
    await using app = appFolder(FILES);
    app.write({
      "src/report.py":
        "from bowline import Resource\n\n\ndef handler(event, context):\n    return Resource.Missing\n",
    });
    expect(await app.bowline("check")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("src/report.py:5:21: Report reads Resource.Missing"),
    });
    app.write({ "src/report.py": "def handler(event, context):\n    return 1\n" });
    expect(await app.bowline("check")).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("Report is linked to Orders, which its code never reads."),
    });
  });
});
