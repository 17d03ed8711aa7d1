import { XMLValidator } from "fast-xml-parser";
import { expect, test } from "vitest";
import { appFolder } from "./app-folder.ts";

const APP = {
  "bowline.config.ts": `
    import { aws, defineConfig, Secret } from "bowline/config";
    export default defineConfig({
      app: () => ({ name: "shop" }),
      run() {
        const orders = new aws.Dynamo("Orders", { fields: { id: "string" }, primaryIndex: { hashKey: "id" } });
        const key = new Secret("Key", "hidden-value");
        new aws.Function("Report", { handler: "src/api.handler", link: [orders.link("read")] });
        const api = new aws.Function("Api", { handler: "src/api.handler", url: true, link: [orders, key] });
        return { url: api.url };
      },
    });`,
  "src/api.ts": `
    import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
    import { Resource } from "bowline";
    const Item = { id: { S: "1" } };
    export const handler = () => new DynamoDBClient({}).send(new PutItemCommand({ TableName: Resource.Orders.name, Item }));`,
  "call.mjs": `
    import { Resource } from "bowline";
    const answer = await fetch(Resource.Api.url);
    if (!answer.ok) throw new Error(await answer.text());`,
};

test("links tells who is linked to what, why something is allowed, and what could be less", {
  timeout: 60_000,
}, async () => {
  await using app = appFolder(APP);
  const links = (...words: string[]) => app.bowline("links", ...words, "--stage", "t");
  expect(await links()).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("bowline deploy --stage t"),
  });

  expect(await app.bowline("run", "--stage", "t", "--", "node", "call.mjs")).toMatchObject({ code: 0 });

  const table = await links();
  expect(table.code).toBe(0);
  expect(table.stdout).toMatch(/^Api +Key +values +resource\.enc$/m);
  expect(table.stdout).toMatch(/^ +Orders +read, write +10 of dynamodb +SST_RESOURCE_Orders +inline$/m);
  expect(table.stdout).toMatch(/^Report +Orders +read +6 of dynamodb +SST_RESOURCE_Orders +inline$/m);
  expect((await links("report")).stdout).not.toContain("Api");

  const allowed = await links("why", "Api", "Orders", "PutItem");
  expect(allowed.stdout).toContain(
    "Api may dynamodb:PutItem on Orders\n  allowed by the default link of Orders",
  );
  const denied = await app.bowline("links", "why", "Report", "Orders", "PutItem", "--stage", "t", "--json");
  expect(denied.events.at(-1)).toMatchObject({
    type: "summary",
    ok: true,
    outputs: { allowed: false, hint: expect.stringContaining('link: [orders.link("read", "write")]') },
  });

  const tighten = await links("tighten");
  expect(tighten.stdout).toContain(
    "Api · Orders: granted read, write (10 actions), used dynamodb:PutItem (1 call)",
  );
  expect(tighten.stdout).toContain('orders.link("write") ');
  expect(tighten.stdout).toContain("Not called, so nothing is said of: Report.");

  const picture = await links("graph");
  expect(XMLValidator.validate(picture.stdout)).toBe(true);
  expect(JSON.parse((await links("graph", "--format", "json")).stdout)).toMatchObject({
    edges: expect.arrayContaining([{ from: "Report", to: "Orders", access: "read" }]),
  });
  expect((await links("graph", "--format", "mermaid")).stdout).toMatch(/^flowchart LR\n/);

  for (const wrong of [["grap"], ["graph", "--format", "png"], ["why", "Api"]])
    expect(await links(...wrong)).toMatchObject({ code: 2 });
  const everything = [table, allowed, denied, tighten, picture].map(({ stdout, stderr }) => stdout + stderr);
  expect(everything.join("")).not.toContain("hidden-value");
});

test("tighten reads the log of a stage that is up", { timeout: 60_000 }, async () => {
  await using app = appFolder(APP);
  const dev = app.start(["dev", "--stage", "t"]);
  const url = (await dev.line(/url: http/)).replace(/.*url: /, "").trim();
  await dev.line(/watching for changes/);
  await (await fetch(url)).text();
  await expect
    .poll(async () => (await app.bowline("links", "tighten", "Api", "--stage", "t")).stdout, {
      timeout: 20_000,
    })
    .toContain("used dynamodb:PutItem (1 call)");
  dev.process.kill("SIGINT");
  expect(await dev.finished).toMatchObject({ code: 0 });
});
