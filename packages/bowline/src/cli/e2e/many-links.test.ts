import { expect, test } from "vitest";
import { appFolder } from "./app-folder.ts";

const BUCKETS = 150;
const LINKABLES = 850;

test("a function linked to 1,000 resources deploys, reads them all, and may use each", async () => {
  await using app = appFolder({
    "bowline.config.ts": `
      import { aws, defineConfig, Linkable } from "bowline/config";
      const count = <T,>(length: number, make: (i: number) => T) => Array.from({ length }, (_, i) => make(i));
      export default defineConfig({
        app: () => ({ name: "many" }),
        run() {
          const buckets = count(${BUCKETS}, (i) => new aws.Bucket("Bucket" + i, { cors: false }));
          const others = count(${LINKABLES}, (i) => new Linkable("Other" + i, { properties: { value: i } }));
          new aws.Function("Api", { handler: "src/api.handler", url: true, link: [buckets, others] });
        },
      });`,
    "src/api.ts": `
      import { DeleteBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
      import { Resource } from "bowline";
      const links: any = Resource;
      const s3 = new S3Client({});
      export const handler = async () => {
        const names = Object.keys(links).filter((name) => name !== "App");
        const sum = names.reduce((total, name) => total + ("value" in links[name] ? links[name].value : 0), 0);
        for (const i of [0, ${BUCKETS - 1}]) {
          await s3.send(new PutObjectCommand({ Bucket: links["Bucket" + i].name, Key: "k", Body: "x" }));
        }
        const removed = await s3.send(new DeleteBucketCommand({ Bucket: links.Bucket0.name })).then(() => "removed", (error) => error.name);
        return { count: names.length, sum, removed };
      };`,
    "call.mjs": `
      import { Resource } from "bowline";
      console.log(await (await fetch(Resource.Api.url)).text());`,
  });
  const finished = await app.bowline("run", "--stage", "t", "--", "node", "call.mjs");
  const told = finished.stderr.split("\n").filter((line) => !line.startsWith("+ "));
  expect(told.join("\n")).toContain("Api may not s3:DeleteBucket on Bucket0");
  expect(JSON.parse(finished.stdout)).toEqual({
    count: BUCKETS + LINKABLES,
    sum: (LINKABLES * (LINKABLES - 1)) / 2,
    removed: "AccessDenied",
  });
}, 180_000);

test("a Stelvio handler linked to more than its variables can hold reads every link", async () => {
  await using app = appFolder({
    "bowline.config.ts": `
      import { aws, defineConfig, Linkable } from "bowline/config";
      export default defineConfig({
        app: () => ({ name: "many", python: { resources: "stelvio" } }),
        run() {
          const link = Array.from({ length: 60 }, (_, i) => new Linkable("Setting" + i, { properties: { value: "v".repeat(80) + i } }));
          new aws.Function("Report", { handler: "report.handler", runtime: "python3.12", url: true, link });
        },
      });`,
    "report.py": `
from stlv_resources import Resources

def handler(event, context):
    return {"first": Resources.setting0.value[-1:], "last": Resources.setting59.value[-2:]}
`,
    "call.mjs": `
      import { Resource } from "bowline";
      console.log(await (await fetch(Resource.Report.url)).text());`,
  });
  const finished = await app.bowline("run", "--stage", "t", "--", "node", "call.mjs");
  expect(finished.stderr).not.toContain("✗");
  expect(JSON.parse(finished.stdout)).toEqual({ first: "0", last: "59" });
}, 120_000);
