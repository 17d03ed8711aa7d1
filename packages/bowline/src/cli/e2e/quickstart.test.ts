import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type AppFolder, appFolder } from "./app-folder.ts";
import { filesWith, processesIn } from "./inspect.ts";

const CANARY = "canary-7f3b91e2";

const FILES = {
  "bowline.config.ts": `
    import { aws, defineConfig, Linkable, Secret } from "bowline/config";
    export default defineConfig({
      app: () => ({ name: "shop" }),
      run() {
        const orders = new aws.Dynamo("Orders", { fields: { id: "string" }, primaryIndex: { hashKey: "id" } });
        const files = new aws.Bucket("Files");
        const key = new Secret("StripeKey");
        const settings = new Linkable("Settings", { properties: { retries: 3, nested: { on: true, list: [1, "a", null] } } });
        const api = new aws.Function("Api", { handler: "src/api.handler", url: true, link: [orders, files, key, settings] });
        const report = new aws.Function("Report", { handler: "src/report.handler", runtime: "python3.11", url: true, link: [orders.link("read")] });
        return { api: api.url, report: report.url };
      },
    });`,
  "src/api.ts": `
    import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
    import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
    import { Resource } from "bowline";
    import { Resource as Sst } from "sst";
    const links: any = Resource;
    const table = new DynamoDBClient({});
    const s3 = new S3Client({});
    export async function handler(event: any) {
      if (event.rawPath === "/fail") throw new TypeError("no rope left");
      const id = String(event.queryStringParameters?.id ?? "1");
      await table.send(new PutItemCommand({ TableName: links.Orders.name, Item: { id: { S: id } } }));
      await s3.send(new PutObjectCommand({ Bucket: links.Files.name, Key: id, Body: "receipt" }));
      const sst: any = Sst;
      return {
        id,
        ours: { secret: links.StripeKey.value.length, settings: links.Settings, app: links.App },
        same: ["Orders", "Files", "StripeKey", "Settings", "App"].every((name) => JSON.stringify(sst[name]) === JSON.stringify(links[name])),
      };
    }`,
  "src/report.py": `
import boto3
from bowline import Resource

table = boto3.resource("dynamodb").Table(Resource.Orders.name)


def handler(event, context):
    return {"ids": sorted(item["id"] for item in table.scan()["Items"])}
`,
  "check.mjs": `
    import { Resource } from "bowline";
    const api = await (await fetch(Resource.Api.url + "?id=42")).json();
    const report = await (await fetch(Resource.Report.url)).json();
    console.log(JSON.stringify({ api, report, secret: Resource.StripeKey.value.length }));
    process.exit(7);`,
  "check.py": `
import boto3
from botocore.exceptions import ClientError
from bowline import Resource

table = boto3.resource("dynamodb").Table(Resource.Orders.name)
table.scan()
try:
    table.put_item(Item={"id": "no"})
except ClientError as error:
    print("refused:", error.response["Error"]["Code"])
print("links:", sorted(Resource))
`,
};

async function quickstart(): Promise<AppFolder> {
  const app = appFolder(FILES);
  expect(await app.bowline("secret", "set", "StripeKey", CANARY, "--stage", "t")).toMatchObject({ code: 0 });
  return app;
}

describe("one linked app, end to end", { timeout: 120_000 }, () => {
  test("run sees every link, both functions work, and its exit code is the command's", async () => {
    await using app = await quickstart();
    const finished = await app.bowline("run", "--stage", "t", "--", "node", "check.mjs");
    expect(finished.stderr).not.toContain("✗");
    expect(JSON.parse(finished.stdout)).toEqual({
      api: {
        id: "42",
        ours: {
          secret: CANARY.length,
          settings: {
            retries: 3,
            nested: { on: true, list: [1, "a", null] },
            type: "bowline:index:Linkable",
          },
          app: { name: "shop", stage: "t" },
        },
        same: true,
      },
      report: { ids: ["42"] },
      secret: CANARY.length,
    });
    expect(finished.code).toBe(7);
  });

  test("run --as is exactly that function: its links, its role, its denials", async () => {
    await using app = await quickstart();
    const finished = await app.bowline("run", "--stage", "t", "--as", "Report", "--", "python3", "check.py");
    expect(finished.stdout).toContain("refused: AccessDeniedException");
    expect(finished.stdout).toMatch(/links: \['App', 'Orders'\]/);
    expect(finished.stderr).toContain("Report may not dynamodb:PutItem on Orders");
    expect(finished.stderr).toContain('access "write" would allow it: link: [orders.link("read", "write")]');
    expect(finished.code).toBe(0);
  });

  test("the secret's value is in no file, log or event", async () => {
    await using app = await quickstart();
    const finished = await app.bowline("deploy", "--stage", "t", "--json");
    expect(finished.code).toBe(0);
    expect(finished.stdout + finished.stderr).not.toContain(CANARY);
    expect(filesWith(join(app.dir, ".bowline"), CANARY)).toEqual([]);
    expect(filesWith(app.home, CANARY)).toEqual([]);
  });

  test("deploying again changes nothing; removing leaves nothing; the summary is the last event", async () => {
    await using app = await quickstart();
    const first = await app.bowline("deploy", "--stage", "t", "--json");
    expect(first.events[0]).toMatchObject({ type: "start", command: "deploy", stage: "t" });
    expect(first.events.at(-1)).toMatchObject({
      type: "summary",
      ok: true,
      outputs: { api: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/_url\//) },
    });
    const again = await app.bowline("deploy", "--stage", "t", "--json");
    expect(again.events.filter((event) => event.type === "resource")).toEqual([]);
    expect(again.events.at(-1)).toMatchObject({ outputs: first.events.at(-1)?.outputs });
    const removed = await app.bowline("remove", "--stage", "t", "--json");
    expect(removed).toMatchObject({ code: 0 });
    expect(await app.bowline("outputs", "--stage", "t")).toMatchObject({ code: 1 });
  });

  test("diff says what would be, and makes nothing", async () => {
    await using app = await quickstart();
    const planned = await app.bowline("diff", "--stage", "t");
    expect(planned.stderr).toMatch(/\+ Orders/);
    expect(planned.code).toBe(0);
    expect(await app.bowline("outputs", "--stage", "t")).toMatchObject({ code: 1 });
  });
});

describe("dev", { timeout: 120_000 }, () => {
  test("stays up, follows a change, logs a failing handler, ends on Ctrl-C without leftovers, and finds its data again", async () => {
    await using app = await quickstart();
    const dev = app.start(["dev", "--stage", "t"]);
    const api = (await dev.line(/^\s+api:/)).split("api:")[1]?.trim() ?? "";
    await dev.line(/watching/);
    expect(await (await fetch(`${api}?id=first`)).json()).toMatchObject({ id: "first" });

    const failed = await fetch(`${api}fail`);
    expect(failed.status).toBeGreaterThanOrEqual(500);
    await dev.line(/Api .*no rope left/);
    await dev.line(/src\/api\.ts:\d+/);

    app.write({ "src/api.ts": FILES["src/api.ts"].replace("return {", "return { changed: true,") });
    await dev.line(/new code for Api/);
    expect(await (await fetch(`${api}?id=second`)).json()).toMatchObject({ changed: true });

    dev.process.kill("SIGINT");
    expect(await dev.finished).toMatchObject({ code: 0 });
    expect(processesIn(app.dir)).toEqual([]);

    const again = app.start(["dev", "--stage", "t"]);
    const report = (await again.line(/^\s+report:/)).split("report:")[1]?.trim() ?? "";
    expect(await (await fetch(report)).json()).toEqual({ ids: ["first", "second"] });
    again.process.kill("SIGINT");
    await again.finished;
  });
});
