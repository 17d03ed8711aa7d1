/** Links given as Outputs are checked and typed as far as a plan knows them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appFolder } from "./app-folder.ts";

const app = (link: string) => ({
  "bowline.config.ts": `
    import { output } from "@pulumi/pulumi";
    import { aws, defineConfig } from "bowline/config";
    export default defineConfig({
      app: () => ({ name: "shop" }),
      run() {
        const orders = new aws.Bucket("Orders");
        const uploads = new aws.Bucket("Uploads");
        new aws.Function("Api", { handler: "src/api.handler", link: ${link} });
      },
    });`,
  "src/api.ts":
    'import { Resource } from "bowline";\nexport const handler = () => [Resource.Orders.name, Resource.Uploads.name];\n',
});

test("what a plan knows of them is checked and typed", { timeout: 60_000 }, async () => {
  await using folder = appFolder(app('output(Promise.resolve([orders, [output(uploads.link("read"))]]))'));
  expect(await folder.bowline("check")).toMatchObject({ code: 0 });
  expect(await folder.bowline("types")).toMatchObject({ code: 0 });
  expect(readFileSync(join(folder.dir, "bowline-env.d.ts"), "utf8")).toContain(
    'Api: Pick<Resources, "Orders" | "Uploads">',
  );
  const plan = await folder.bowline("diff", "--stage", "t");
  expect(plan.stderr).toContain("s3:GetObject");
  expect(plan.stderr).toContain('on Uploads (link("read"))');

  folder.write(app("[output([orders])]"));
  const missing = await folder.bowline("check");
  expect(missing).toMatchObject({ code: 2 });
  expect(missing.stderr).toContain("src/api.ts:2:62: Api reads Resource.Uploads, but is not linked to it.");
});

test("what only a deployment shows is said to be unverifiable, with its place, and is no error", {
  timeout: 60_000,
}, async () => {
  await using folder = appFolder(app('[orders, new aws.ApiGatewayV2("Web").url.apply(() => uploads)]'));
  const place = "Api: what link[1] is shows only when it is deployed, so it is neither checked nor typed.";
  const checked = await folder.bowline("check");
  expect(checked.code).toBe(0);
  expect(checked.stderr).toContain(place);
  expect(checked.stderr).toContain(
    "src/api.ts:2:62: whether Api is linked to Resource.Uploads shows only when it is deployed.",
  );
  expect((await folder.bowline("types")).stderr).toContain(place);
  for (const command of ["deploy", "deploy"]) {
    const finished = await folder.bowline(command, "--stage", "t");
    expect(finished).toMatchObject({ code: 0 });
    expect(finished.stderr).not.toContain("loses");
  }
});
